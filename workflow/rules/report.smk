"""Products: metrics as CSV and JSON, figures, LaTeX tables.

Needs: data/results. Makes: reports, a rule a product; a study in params.yaml adds its own.
"""

FORMATS = params.FIGURE_FORMATS
METRICS = ["evaluation.csv", "summary.csv", "search.csv", "curves.csv", "metrics.json"]
STUDY_FIGURES = params.studies(PARAMS, params.FIGURE_KINDS)
FIGURES = [*STUDY_FIGURES, *params.FIXED_FIGURES]
TABLES = params.studies(PARAMS, params.TABLE_KINDS)


rule report:
    """All products."""
    input:
        expand("reports/metrics/{name}", name=METRICS),
        expand("reports/figures/{name}.{format}", name=FIGURES, format=FORMATS),
        expand("reports/tables/{name}.{format}", name=TABLES, format=["tex", "md"]),


rule evaluation_metrics:
    """A row per variant and seed, and the curves: a row per variant and epoch."""
    input:
        "data/results/evaluation.parquet",
        plan=lambda wildcards: plan_of(f"metrics-{wildcards.name}"),
    output:
        "reports/metrics/{name}.csv",
        made=made("metrics-{name}"),
    log:
        "logs/report/{name}.log",
    wildcard_constraints:
        name="evaluation|curves",
    shell:
        "digitpairs metrics {wildcards.name} 2>&1 | tee {log}"
        " && cp {input.plan} {output.made}"


rule search_metrics:
    """A row per configuration and fold."""
    input:
        "data/results/search.parquet",
        plan=plan_of("metrics-search"),
    output:
        "reports/metrics/search.csv",
        made=made("metrics-search"),
    log:
        "logs/report/search.log",
    shell:
        "digitpairs metrics search 2>&1 | tee {log}" " && cp {input.plan} {output.made}"


rule summary:
    """A row per variant: means, stds, intervals, and what the paper printed."""
    input:
        "reports/metrics/evaluation.csv",
        plan=plan_of("metrics-summary"),
    output:
        "reports/metrics/summary.csv",
        made=made("metrics-summary"),
    log:
        "logs/report/summary.log",
    shell:
        "digitpairs metrics summary 2>&1 | tee {log}"
        " && cp {input.plan} {output.made}"


rule headline:
    """The few numbers that `dvc metrics` shows."""
    input:
        "data/raw/source.json",
        "reports/metrics/summary.csv",
        plan=plan_of("metrics-metrics"),
    output:
        "reports/metrics/metrics.json",
        made=made("metrics-metrics"),
    log:
        "logs/report/metrics.log",
    shell:
        "digitpairs metrics metrics 2>&1 | tee {log}"
        " && cp {input.plan} {output.made}"


rule study_figure:
    """Architectures, box plots, sweeps and curves: one figure a study."""
    input:
        study_data,
        plan=lambda wildcards: plan_of(f"figure-{wildcards.study}"),
    output:
        expand("reports/figures/{{study}}.{format}", format=FORMATS),
        made=made("figure-{study}"),
    log:
        "logs/report/{study}.log",
    wildcard_constraints:
        study=one_of(STUDY_FIGURES),
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs figure {wildcards.study} --params {params.file} 2>&1 | tee {log}"
        " && cp {input.plan} {output.made}"


rule search_figure:
    """Heat map of the search."""
    input:
        "data/raw/source.json",
        "reports/metrics/search.csv",
        plan=plan_of("figure-search"),
    output:
        expand("reports/figures/search.{format}", format=FORMATS),
        made=made("figure-search"),
    log:
        "logs/report/search-figure.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs figure search --params {params.file} 2>&1 | tee {log}"
        " && cp {input.plan} {output.made}"


rule pairs_figure:
    """Sample pairs of seed 0."""
    input:
        "data/raw/source.json",
        pairs_of([0]),
        plan=plan_of("figure-pairs"),
    output:
        expand("reports/figures/pairs.{format}", format=FORMATS),
        made=made("figure-pairs"),
    log:
        "logs/report/pairs-figure.log",
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs figure pairs --params {params.file} 2>&1 | tee {log}"
        " && cp {input.plan} {output.made}"


rule study_table:
    """Hyperparameters and accuracies: one table a study, in LaTeX and Markdown."""
    input:
        "data/raw/source.json",
        "data/results/selected.json",
        "reports/metrics/evaluation.csv",
        "reports/metrics/summary.csv",
        plan=lambda wildcards: plan_of(f"table-{wildcards.study}"),
    output:
        "reports/tables/{study}.tex",
        "reports/tables/{study}.md",
        made=made("table-{study}"),
    log:
        "logs/report/{study}.log",
    wildcard_constraints:
        study=one_of(TABLES),
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs table {wildcards.study} --params {params.file} 2>&1 | tee {log}"
        " && cp {input.plan} {output.made}"
