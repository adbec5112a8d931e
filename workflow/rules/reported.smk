"""Snakemake's own report: `make report`, or `snakemake reported --report reports/report.html`.

Needs: products that are made. Shows them with the captions in workflow/report.
"""


report: "../report/workflow.rst"


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


rule reported:
    """What the report shows: all that is made, of groups of studies too."""
    input:
        lambda wildcards: made_products(),
    localrule: True
