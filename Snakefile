"""The whole paper: `snakemake --cores 8`. Rules by topic lie in workflow/rules."""

from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/environment.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/search.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/reported.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/model.smk"
include: "workflow/rules/targets.smk"


localrules:
    all,


rule all:
    """The whole paper: digits, collected results, every product."""
    default_target: True
    input:
        # Named here, since Snakemake does not notice that a file between others is missing.
        paths.SOURCE,
        rules.pairs.input,
        paths.SEARCH,
        paths.WINNERS,
        rules.evaluation.input,
        rules.report.input,


onstart:
    with console.errors_as_messages():
        SESSION.begin(workflow.executor_plugin.name, workflow.nodes)
        say_if_memory_bounds()


onsuccess:
    with console.errors_as_messages():
        SESSION.end()


onerror:
    console.note("Stopped. What is done is kept: the same command goes on from there.")
