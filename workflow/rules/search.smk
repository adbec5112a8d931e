"""The cross-validated search for hyperparameters (paper, Training).

Needs: the runs of the search. Makes: data/results/search.parquet, data/results/selected.json.
"""


rule search:
    """Collect every fold of every configuration within the parameter budget."""
    input:
        step("search"),
        lambda wildcards: trained(steps.all_runs(PARAMS).searched),
    output:
        paths.SEARCH,
    log:
        "logs/search.log",
    localrule: True
    shell:
        "digitpairs collect search 2>&1 | tee {log}"


checkpoint select:
    """Pick each family's winner by its mean accuracy on the validation folds."""
    input:
        step("select"),
    output:
        paths.WINNERS,
    log:
        "logs/select.log",
    localrule: True
    shell:
        "digitpairs select 2>&1 | tee {log}"
