"""15 seeds of every variant, published and selected (paper, Training).

Needs: the pair sets, the search's winners. Makes: a record a run in data/runs,
data/results/evaluation.parquet.
"""

for seeds in steps.blocks(range(PARAMS.training.seeds), PARAMS.execution.runs_per_job):

    rule:
        name:
            f"train_seeds_{seeds[0]}_to_{seeds[-1]}"
        input:
            pairs_of(seeds),
        output:
            update(expand("data/runs/{{recipe}}/seed-{seed}.json", seed=seeds)),
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
        "data/raw/source.json",
        "data/results/selected.json",
        published_records,
        evaluation_records,
        plan=plan_of("evaluation"),
    output:
        "data/results/evaluation.parquet",
        made=made("evaluation"),
    log:
        "logs/evaluation.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs collect evaluation --params {params.file} 2>&1 | tee {log}"
        " && cp {input.plan} {output.made}"
