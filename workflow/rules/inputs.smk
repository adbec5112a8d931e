"""Input functions of rules: what there is to ask for once checkpoints are reached."""


def all_pairs(wildcards):
    """Name all pair sets and the test digits, once the digits are known."""
    reach("digits")
    return steps.all_runs(PARAMS).pair_sets


def published_variants(wildcards):
    """Name the results of the variants of the params: they do not wait for the winners."""
    reach("digits")
    return [paths.variant(name) for name in by_default(PARAMS, PARAMS.variants)]


def all_variants(wildcards):
    """Name the results of all variants, once the winners are known."""
    reach("digits", "select")
    names = by_default(PARAMS, steps.all_runs(PARAMS).evaluated)
    return [paths.variant(name) for name in names]


def records_of(target):
    """An input function: the records of a target, or the jobs that make them."""

    def inputs(wildcards):
        reach(*targets.checkpoints_of(PARAMS, target))
        runs = targets.runs_of(PARAMS, target)
        return [
            *trained(targets.unrecorded(runs)),
            *(run.path for run in runs if Path(run.path).exists()),
        ]

    return inputs


def results_of(variant):
    """An input function: the collected results of a variant."""

    def inputs(wildcards):
        reach(*targets.checkpoints_of(PARAMS, f"variants/{variant}"))
        return plan.results_of(PARAMS, [variant], read_winners(PARAMS) or {})

    return inputs


def mistyped(wildcards):
    """Stop with a message: there is no target of this name."""
    with console.errors_as_messages():
        raise targets.mistake(PARAMS, f"{wildcards.kind}/{wildcards.name}")


def made_products():
    """Name the products that are made: a report shows these."""
    with console.errors_as_messages():
        return told.made(PARAMS)


TOLD = told.Told(PARAMS)
config["told"] = TOLD  # captions ask it


def marked(files, ending, medium, name):
    """Mark a product for the report: one of its files, since all formats show the same.

    `name` is the wildcard that names it.
    """
    of = {
        "caption": f"../report/{medium}.rst",
        "category": lambda wildcards: TOLD.category(wildcards[name]),
        "subcategory": lambda wildcards: TOLD.subcategory(wildcards[name], medium),
        "labels": lambda wildcards: TOLD.labels(wildcards[name], medium),
    }
    return [report(file, **of) if file.endswith(ending) else file for file in files]
