"""The net that is kept: its weights, and the card that describes them. Not made by default.

Needs: the digits; the collected results of its variant. Makes: data/model.safetensors,
reports/model.md. Which run it is stands in the params (`model`).
"""


rule weights:
    """Train the run that is kept once more, for its weights: the same run as the study's."""
    input:
        step("weights"),
    output:
        paths.WEIGHTS,
    log:
        "logs/weights.log",
    shell:
        "digitpairs weights 2>&1 | tee {log}"


rule model:
    """The weights and their card. A clone has the card alone."""
    input:
        paths.WEIGHTS,
        paths.CARD,
    localrule: True


rule card:
    """Describe the weights: data, recipe, accuracy with its interval, limits."""
    input:
        step("model"),
    output:
        report(
            paths.CARD,
            caption="../report/model.rst",
            category="Model",
            labels={"what": "model: What describes the weights"},
        ),
    log:
        "logs/model.log",
    localrule: True
    shell:
        "digitpairs model 2>&1 | tee {log}"
