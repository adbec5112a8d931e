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
    """The whole paper: digits, collected results, every product."""
    default_target: True
    input:
        # Named here, since Snakemake does not notice that a file between others is missing.
        "data/raw/source.json",
        "data/results/search.parquet",
        "data/results/selected.json",
        "data/results/evaluation.parquet",
        rules.report.input,


def remind():
    """Say at the end what a line at the start may have said hours ago."""
    source = Path("data/raw/source.json")
    if PARAMS.data.source == "auto" and source.exists():
        if note := mnist.read_source(source.parent).note:
            print(f"WARNING: these results are {note}; logs/digits.log says why")


onsuccess:
    remind()


onerror:
    remind()
