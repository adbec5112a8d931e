"""Snakemake's own report: `make report`, or `snakemake reported --report reports/report.html`.

Needs: products that are made. Shows them with the captions in workflow/report.
"""


report: "../report/workflow.rst"


rule reported:
    """What the report shows: all that is made, of groups of studies too."""
    input:
        lambda wildcards: made_products(),
    localrule: True
