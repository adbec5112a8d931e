"""The cross-validated search for hyperparameters (paper, Training).

Needs: the runs of the search. Makes: data/results/search.parquet, data/results/selected.json.
"""


localrules:
    search,
    select,


rule search:
    """Collect every fold of every configuration within the parameter budget."""
    input:
        step(
            "search",
            "data/raw/source.json",
            pairs_of([PARAMS.search.seed]),
            search_blocks,
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
