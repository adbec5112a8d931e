"""Targets by name, each for just what it needs (src/digitpairs/pipeline/targets.py).

`snakemake --list-rules` lists them, but for runs: `snakemake runs/siamese_convnet/seed-3`.
"""

with console.errors_as_messages():
    RUN_TARGETS = targets.run_targets(sys.argv, PARAMS) if SESSION else []
FAMILIES = [f"search/{family}" for family in PARAMS.search.grids]


def records_of(target):
    """An input function: the records of a target, or the jobs that make them."""

    def inputs(wildcards):
        reach(*targets.checkpoints_of(target))
        runs = targets.runs_of(PARAMS, target)
        return [*trained(runs), *(run.path for run in runs if Path(run.path).exists())]

    return inputs


def results_of(variant):
    """An input function: the collected results of a variant."""

    def inputs(wildcards):
        reach(*targets.checkpoints_of(f"variants/{variant}"))
        return plan.results_of(PARAMS, [variant], read_winners() or {})

    return inputs


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
