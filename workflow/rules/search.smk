"""The cross-validated search for hyperparameters (paper, Training).

Needs: the search's own pair set. Makes: a record a fold in data/runs, data/results/search.parquet,
data/results/selected.json.
"""

for folds in steps.blocks(range(PARAMS.search.folds), PARAMS.execution.runs_per_job):
    records = {
        f"data/runs/{{recipe}}/seed-{PARAMS.search.seed}-fold-{fold}.json": PARAMS.search.seed
        for fold in folds
    }

    rule:
        name:
            f"train_folds_{folds[0]}_to_{folds[-1]}"
        input:
            pairs_for(records),
        output:
            update(list(records)),
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
        step(
            "search",
            "data/raw/source.json",
            pairs_of([PARAMS.search.seed]),
            search_records,
        ),
    output:
        "data/results/search.parquet",
    log:
        "logs/search.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs collect search --params {params.file} 2>&1 | tee {log}"


checkpoint select:
    """Pick each family's winner by its mean accuracy on the validation folds."""
    input:
        step("select", "data/results/search.parquet"),
    output:
        "data/results/selected.json",
    log:
        "logs/select.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs select --params {params.file} 2>&1 | tee {log}"
