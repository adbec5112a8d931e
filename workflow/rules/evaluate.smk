"""15 seeds of every variant, published and selected (paper, Training).

Needs: the search's winners, the runs. Makes: data/results/evaluation.parquet.
"""


localrules:
    evaluation,


rule evaluation:
    """Collect every epoch of every seed of every variant."""
    input:
        step(
            "evaluation",
            "data/raw/source.json",
            "data/results/selected.json",
            pairs_of(range(PARAMS.training.seeds)),
            evaluation_blocks,
        ),
    output:
        "data/results/evaluation.parquet",
    log:
        "logs/evaluation.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs collect evaluation --params {params.file} 2>&1 | tee {log}"
