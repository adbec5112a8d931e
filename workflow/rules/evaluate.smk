"""15 seeds of every variant: those of the params, and the search's winners (paper, Training).

Needs: the runs; of the winners, the search. Makes: data/results/variants, one file for each variant,
and in its folder answers one for each whose nets a study asks for single digits.
"""


rule variant:
    """Collect every epoch of every seed of a variant."""
    input:
        step("variant-{variant}"),
        lambda wildcards: trained(targets.unrecorded(runs_of(wildcards.variant))),
    output:
        paths.variant("{variant}"),
    log:
        "logs/variants/{variant}.log",
    wildcard_constraints:
        variant="[^/]+",
    localrule: True
    shell:
        "digitpairs collect {wildcards.variant} 2>&1 | tee {log}"


rule answers:
    """Ask the nets of a variant, by their weights, what each test digit is."""
    input:
        step("answers-{variant}"),
        lambda wildcards: weighed(wildcards.variant),
    output:
        paths.answers("{variant}"),
    log:
        "logs/variants/{variant}-answers.log",
    wildcard_constraints:
        variant="[^/]+",
    localrule: True
    shell:
        "digitpairs answers {wildcards.variant} 2>&1 | tee {log}"


rule delete_old_variants:
    """Delete the results of variants that are no longer in the params."""
    input:
        step("evaluation"),
    output:
        stamp_path("evaluation"),
    log:
        "logs/evaluation.log",
    localrule: True
    shell:
        "digitpairs tidy data 2>&1 | tee {log}"


rule evaluation:
    """All variants, and no results of others."""
    input:
        published_variants,
        all_variants,
        rules.delete_old_variants.output,
    localrule: True


rule kept:
    """The results of the variant whose weights are kept: a group's is not among all variants."""
    input:
        results_of(PARAMS.model.variant) if PARAMS.model else [],
    localrule: True
