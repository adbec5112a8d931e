"""The whole paper: `snakemake --cores 8`. Rules by topic lie in workflow/rules."""

from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/search.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/report.smk"


localrules:
    all,


rule all:
    """The whole paper: digits, collected results, every product."""
    default_target: True
    input:
        # Named here, since Snakemake does not notice that a file between others is missing.
        "data/raw/source.json",
        rules.pairs.input,
        "data/results/search.parquet",
        "data/results/selected.json",
        "data/results/evaluation.parquet",
        rules.report.input,


onstart:
    begin()


onsuccess:
    remind()


onerror:
    print("Stopped. What is done is kept: the same command goes on from there.")
