"""Targets by name, each for just what it needs (src/digitpairs/pipeline/targets.py).

`snakemake --list-rules` lists them, but for runs: `snakemake runs/siamese_convnet/seed-3`.
"""

# From the command line itself: the Snakefile is read before Snakemake says what its targets are.
RUN_TARGETS = targets.run_targets(sys.argv, PARAMS) if SESSION else []
FAMILIES = [f"search/{family}" for family in PARAMS.search.grids]


for target in [*RUN_TARGETS, *FAMILIES]:

    rule:
        """A run, or all that the search trains of a family."""
        name:
            target
        input:
            records_of(target),
        localrule: True


for variant in known_variants(PARAMS):

    rule:
        """All runs of a variant, collected."""
        name:
            f"variants/{variant}"
        input:
            results_of(variant),
        localrule: True


for study in PARAMS.studies:

    rule:
        """A study's figure or table, and what it shows."""
        name:
            f"studies/{study}"
        input:
            targets.product(PARAMS, study),
        localrule: True


rule mistyped_target:
    """Say what is wrong with a name that none of these has."""
    input:
        mistyped,
    output:
        "{kind,runs|variants|search|studies}/{name}",
    localrule: True


for group in groups.groups(PARAMS):

    rule:
        """A group of studies that is not made by default."""
        name:
            group
        input:
            [
                targets.product(PARAMS, study)
                for study in groups.studies_of(PARAMS, group)
            ],
        localrule: True
