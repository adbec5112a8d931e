"""The cross-validated search for hyperparameters (paper, Training).

Needs: the search's own pair set. Makes: a record a fold in data/runs, data/results/search.parquet,
data/results/selected.json.
"""

for folds in steps.blocks(range(PARAMS.search.folds), PARAMS.execution.runs_per_job):

    rule:
        name:
            f"train_folds_{folds[0]}_to_{folds[-1]}"
        input:
            pairs_of([PARAMS.search.seed]),
        output:
            update(
                expand(
                    "data/runs/{{recipe}}/seed-{seed}-fold-{fold}.json",
                    seed=PARAMS.search.seed,
                    fold=folds,
                )
            ),
        log:
            f"logs/train/{{recipe}}-folds-{folds[0]}-to-{folds[-1]}.log",
        benchmark:
            f"logs/benchmarks/{{recipe}}-folds-{folds[0]}-to-{folds[-1]}.tsv"
        threads: PARAMS.execution.threads
        params:
            file=PARAMS_FILE,
        shell:
            "digitpairs train {output} --params {params.file} --threads {threads} 2>&1 | tee {log}"


rule search:
    """Collect every fold of every configuration within the parameter budget."""
    input:
        "data/raw/source.json",
        search_records,
        plan=plan_of("search"),
    output:
        "data/results/search.parquet",
        made=made("search"),
    log:
        "logs/search.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs collect search --params {params.file} 2>&1 | tee {log}"
        " && cp {input.plan} {output.made}"


checkpoint select:
    """Pick each family's winner by its mean accuracy on the validation folds."""
    input:
        "data/results/search.parquet",
        plan=plan_of("select"),
    output:
        "data/results/selected.json",
        made=made("select"),
    log:
        "logs/select.log",
    shell:
        "digitpairs select 2>&1 | tee {log} && cp {input.plan} {output.made}"
