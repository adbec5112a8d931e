"""The whole paper: `snakemake --cores 8`. Rules by topic lie in workflow/rules."""

from snakemake.utils import min_version

min_version("9.0")


configfile: "params.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/search.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/report.smk"


rule all:
    """The whole paper: the collected results and every product."""
    default_target: True
    input:
        "data/results/search.parquet",
        "data/results/evaluation.parquet",
        rules.report.input,
