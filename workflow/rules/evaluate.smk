"""15 seeds of every variant, published and selected (paper, Training).

Needs: the pair sets, the search's winners. Makes: a record a run in data/runs,
data/results/evaluation.parquet.
"""

for seeds in steps.blocks(range(PARAMS.training.seeds), PARAMS.execution.runs_per_job):
    records = {f"data/runs/{{recipe}}/seed-{seed}.json": seed for seed in seeds}

    rule:
        name:
            f"train_seeds_{seeds[0]}_to_{seeds[-1]}"
        input:
            pairs_for(records),
        output:
            update(list(records)),
        log:
            f"logs/train/{{recipe}}-seeds-{seeds[0]}-to-{seeds[-1]}.log",
        benchmark:
            f"logs/benchmarks/{{recipe}}-seeds-{seeds[0]}-to-{seeds[-1]}.tsv"
        threads: PARAMS.execution.threads
        params:
            file=PARAMS_FILE,
        shell:
            "digitpairs train {output} --params {params.file} --threads {threads} 2>&1 | tee {log}"


rule evaluation:
    """Collect every epoch of every seed of every variant."""
    input:
        step(
            "evaluation",
            "data/raw/source.json",
            "data/results/selected.json",
            pairs_of(range(PARAMS.training.seeds)),
            evaluation_records,
        ),
    output:
        "data/results/evaluation.parquet",
    log:
        "logs/evaluation.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs collect evaluation --params {params.file} 2>&1 | tee {log}"
