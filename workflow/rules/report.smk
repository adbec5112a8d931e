"""Products: metrics as CSV and JSON, figures, LaTeX tables.

Needs: data/results. Makes: reports, a rule a product; a study in params.yaml adds its own.
"""

FORMATS = params.FIGURE_FORMATS
METRICS = ["evaluation.csv", "summary.csv", "search.csv", "curves.csv", "metrics.json"]
STUDY_FIGURES = params.studies(PARAMS, params.FIGURE_KINDS)
FIGURES = [*STUDY_FIGURES, *params.FIXED_FIGURES]
TABLES = params.studies(PARAMS, params.TABLE_KINDS)


localrules:
    report,
    evaluation_metrics,
    search_metrics,
    summary,
    headline,
    study_figure,
    search_figure,
    pairs_figure,
    study_table,
    tidy,


rule report:
    """All products, and none that are no longer asked for."""
    input:
        expand("reports/metrics/{name}", name=METRICS),
        expand("reports/figures/{name}.{format}", name=FIGURES, format=FORMATS),
        expand("reports/tables/{name}.{format}", name=TABLES, format=["tex", "md"]),
        "reports/made/tidy.json",


rule evaluation_metrics:
    """A row per variant and seed, and the curves: a row per variant and epoch."""
    input:
        step("metrics-{name}", "data/results/evaluation.parquet"),
    output:
        "reports/metrics/{name}.csv",
    log:
        "logs/report/metrics-{name}.log",
    wildcard_constraints:
        name="evaluation|curves",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs metrics {wildcards.name} --params {params.file} 2>&1 | tee {log}"


rule search_metrics:
    """A row per configuration and fold."""
    input:
        step("metrics-search", "data/results/search.parquet"),
    output:
        "reports/metrics/search.csv",
    log:
        "logs/report/metrics-search.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs metrics search --params {params.file} 2>&1 | tee {log}"


rule summary:
    """A row per variant: means, stds, intervals, and what the paper printed."""
    input:
        step("metrics-summary", "reports/metrics/evaluation.csv"),
    output:
        "reports/metrics/summary.csv",
    log:
        "logs/report/metrics-summary.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs metrics summary --params {params.file} 2>&1 | tee {log}"


rule headline:
    """The few numbers that `dvc metrics` shows."""
    input:
        step("metrics-metrics", "data/raw/source.json", "reports/metrics/summary.csv"),
    output:
        "reports/metrics/metrics.json",
    log:
        "logs/report/metrics-metrics.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs metrics metrics --params {params.file} 2>&1 | tee {log}"


rule study_figure:
    """Architectures, box plots, sweeps and curves: one figure a study."""
    input:
        step("figure-{study}", study_data),
    output:
        expand("reports/figures/{{study}}.{format}", format=FORMATS),
    log:
        "logs/report/figure-{study}.log",
    wildcard_constraints:
        study=one_of(STUDY_FIGURES),
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs figure {wildcards.study} --params {params.file} 2>&1 | tee {log}"


rule search_figure:
    """Heat map of the search."""
    input:
        step("figure-search", "data/raw/source.json", "reports/metrics/search.csv"),
    output:
        expand("reports/figures/search.{format}", format=FORMATS),
    log:
        "logs/report/figure-search.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs figure search --params {params.file} 2>&1 | tee {log}"


rule pairs_figure:
    """Sample pairs of seed 0."""
    input:
        step("figure-pairs", "data/raw/source.json", pairs_of([0])),
    output:
        expand("reports/figures/pairs.{format}", format=FORMATS),
    log:
        "logs/report/figure-pairs.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs figure pairs --params {params.file} 2>&1 | tee {log}"


rule study_table:
    """Hyperparameters and accuracies: one table a study, in LaTeX and Markdown."""
    input:
        step(
            "table-{study}",
            "data/raw/source.json",
            "data/results/selected.json",
            "reports/metrics/evaluation.csv",
            "reports/metrics/summary.csv",
        ),
    output:
        "reports/tables/{study}.tex",
        "reports/tables/{study}.md",
    log:
        "logs/report/table-{study}.log",
    wildcard_constraints:
        study=one_of(TABLES),
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs table {wildcards.study} --params {params.file} 2>&1 | tee {log}"


rule tidy:
    """Forget the products of studies that are no longer in the params."""
    input:
        step("tidy"),
    output:
        "reports/made/tidy.json",
    log:
        "logs/report/tidy.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs tidy --params {params.file} 2>&1 | tee {log}"
