"""Products: metrics as CSV and JSON, figures, LaTeX tables.

Needs: data/results. Makes: reports, a rule a product; a study in params.yaml adds its own.
"""

FORMATS = ["pdf", "svg", "png"]
METRICS = ["evaluation.csv", "summary.csv", "search.csv", "curves.csv", "metrics.json"]
STUDY_FIGURES = params.studies(PARAMS, params.FIGURE_KINDS)
FIGURES = [*STUDY_FIGURES, *params.FIXED_FIGURES]
TABLES = params.studies(PARAMS, params.TABLE_KINDS)


rule report:
    """All products."""
    input:
        expand("reports/metrics/{name}", name=METRICS),
        expand("reports/figures/{name}.{format}", name=FIGURES, format=FORMATS),
        expand("reports/tables/{name}.tex", name=TABLES),


rule evaluation_metrics:
    """A row per variant and seed, and the curves: a row per variant and epoch."""
    input:
        "data/plan/metrics.json",
        "data/results/evaluation.parquet",
    output:
        "reports/metrics/{name}.csv",
    log:
        "logs/report/{name}.log",
    wildcard_constraints:
        name="evaluation|curves",
    shell:
        "digitpairs metrics {wildcards.name} 2>&1 | tee {log}"


rule search_metrics:
    """A row per configuration and fold."""
    input:
        "data/plan/metrics.json",
        "data/results/search.parquet",
    output:
        "reports/metrics/search.csv",
    log:
        "logs/report/search.log",
    shell:
        "digitpairs metrics search 2>&1 | tee {log}"


rule summary:
    """A row per variant: means, stds, intervals, and what the paper printed."""
    input:
        "data/plan/metrics.json",
        "reports/metrics/evaluation.csv",
    output:
        "reports/metrics/summary.csv",
    log:
        "logs/report/summary.log",
    shell:
        "digitpairs metrics summary 2>&1 | tee {log}"


rule headline:
    """The few numbers that `dvc metrics` shows."""
    input:
        "data/plan/metrics.json",
        "data/raw/source.json",
        "reports/metrics/summary.csv",
    output:
        "reports/metrics/metrics.json",
    log:
        "logs/report/metrics.log",
    shell:
        "digitpairs metrics metrics 2>&1 | tee {log}"


rule study_figure:
    """Architectures, box plots, sweeps and curves: one figure a study."""
    input:
        "data/plan/figure-{study}.json",
        "data/raw/source.json",
        study_data,
    output:
        expand("reports/figures/{{study}}.{format}", format=FORMATS),
    log:
        "logs/report/{study}.log",
    wildcard_constraints:
        study="|".join(STUDY_FIGURES),
    shell:
        "digitpairs figure {wildcards.study} --params data/plan/params.yaml 2>&1 | tee {log}"


rule search_figure:
    """Heat map of the search."""
    input:
        "data/plan/figure-search.json",
        "data/raw/source.json",
        "reports/metrics/search.csv",
    output:
        expand("reports/figures/search.{format}", format=FORMATS),
    log:
        "logs/report/search-figure.log",
    shell:
        "digitpairs figure search --params data/plan/params.yaml 2>&1 | tee {log}"


rule pairs_figure:
    """Sample pairs of seed 0."""
    input:
        "data/plan/figure-pairs.json",
        "data/raw/source.json",
        pairs_of([0]),
    output:
        expand("reports/figures/pairs.{format}", format=FORMATS),
    log:
        "logs/report/pairs-figure.log",
    shell:
        "digitpairs figure pairs --params data/plan/params.yaml 2>&1 | tee {log}"


rule study_table:
    """Hyperparameters and accuracies: one table a study, in LaTeX and Markdown."""
    input:
        "data/plan/table-{study}.json",
        "data/raw/source.json",
        "reports/metrics/evaluation.csv",
        "reports/metrics/summary.csv",
    output:
        "reports/tables/{study}.tex",
        "reports/tables/{study}.md",
    log:
        "logs/report/{study}.log",
    wildcard_constraints:
        study="|".join(TABLES),
    shell:
        "digitpairs table {wildcards.study} --params data/plan/params.yaml 2>&1 | tee {log}"
