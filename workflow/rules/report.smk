"""Products: metrics as CSV and JSON, figures, tables in LaTeX and Markdown, the report as PDF.

Needs: data/results. Makes: reports. A study in params.yaml adds its own product,
claims in claims.yaml a figure, a table and metrics.
"""


rule report:
    """All products, and none that are no longer asked for."""
    input:
        [paths.metric(name) for name in report_steps.names(PARAMS, "metric")],
        [paths.figure(name) for name in report_steps.names(PARAMS, "figure")],
        [paths.table(name) for name in report_steps.names(PARAMS, "table")],
        paths.REPORT_SOURCE,
        [paths.REPORT] if compiled.is_installed() else [],
        paths.PAGE,
        stamp_path("tidy"),
    localrule: True


rule metric:
    """A file of metrics."""
    input:
        step("metric-{file}"),
    output:
        marked([paths.metric("{file}")], "", "metric", "file"),
    log:
        "logs/report/metric-{file}.log",
    localrule: True
    shell:
        "digitpairs metric {wildcards.file} 2>&1 | tee {log}"


rule figure:
    """A study's figure, or one that every report has."""
    input:
        step("figure-{name}"),
    output:
        marked(paths.figure("{name}"), "svg", "figure", "name"),
    log:
        "logs/report/figure-{name}.log",
    localrule: True
    shell:
        "digitpairs figure {wildcards.name} 2>&1 | tee {log}"


rule table:
    """A study's table, or one that every report has."""
    input:
        step("table-{name}"),
    output:
        marked(paths.table("{name}"), "html", "table", "name"),
    log:
        "logs/report/table-{name}.log",
    localrule: True
    shell:
        "digitpairs table {wildcards.name} 2>&1 | tee {log}"


rule report_source:
    """The report in LaTeX, and where each number in it comes from."""
    input:
        step("report_source"),
    output:
        paths.REPORT_SOURCE,
        paths.REPORT_NUMBERS,
    log:
        "logs/report/source.log",
    localrule: True
    shell:
        "digitpairs report-source 2>&1 | tee {log}"


rule pdf:
    """The report as PDF, where LaTeX is installed."""
    input:
        step("pdf"),
    output:
        paths.REPORT,
    log:
        "logs/report/pdf.log",
    localrule: True
    shell:
        "digitpairs pdf 2>&1 | tee {log}"


rule page:
    """A page to look at, which needs no network."""
    input:
        step("page"),
    output:
        paths.PAGE,
    log:
        "logs/report/page.log",
    localrule: True
    shell:
        "digitpairs page 2>&1 | tee {log}"


rule tidy:
    """Delete the products of studies that are no longer in the params."""
    input:
        step("tidy"),
    output:
        stamp_path("tidy"),
    log:
        "logs/report/tidy.log",
    localrule: True
    shell:
        "digitpairs tidy reports 2>&1 | tee {log}"
