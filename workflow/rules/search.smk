"""The cross-validated search for hyperparameters (paper, Training).

Needs: the runs of the search. Makes: data/results/search.parquet, data/results/selected.json.
"""


localrules:
    search,
    select,


rule search:
    """Collect every fold of every configuration within the parameter budget."""
    input:
        step("search"),
        lambda wildcards: trained(steps.planned(PARAMS).searched),
    output:
        paths.SEARCH,
    log:
        "logs/search.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs collect search --params {params.file} 2>&1 | tee {log}"


checkpoint select:
    """Pick each family's winner by its mean accuracy on the validation folds."""
    input:
        step("select"),
    output:
        paths.WINNERS,
    log:
        "logs/select.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs select --params {params.file} 2>&1 | tee {log}"
