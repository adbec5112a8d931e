"""The cross-validated search for hyperparameters (paper, Training).

Needs: the runs of the search. Makes: data/results/searches/search.parquet, data/results/searches/selected.json.
A group of studies has a search of its own: search-GROUP.parquet, selected-GROUP.json.
"""


wildcard_constraints:
    suffix="|-.+",


rule search:
    """Collect every fold of every configuration within the parameter budget."""
    input:
        step("search{suffix}"),
        lambda wildcards: trained(
            steps.all_runs(PARAMS).searched.get(wildcards.suffix, [])
        ),
    output:
        paths.search("{suffix}"),
    log:
        "logs/search{suffix}.log",
    priority: FIRST
    localrule: True
    shell:
        "digitpairs collect search{wildcards.suffix} 2>&1 | tee {log}"


checkpoint select:
    """Pick each grid's winner by its mean accuracy on the validation folds."""
    input:
        step("select{suffix}"),
    output:
        paths.winners("{suffix}"),
    log:
        "logs/select{suffix}.log",
    priority: FIRST
    localrule: True
    shell:
        "digitpairs select select{wildcards.suffix} 2>&1 | tee {log}"
