"""Two variants compared, seed by seed, by each accuracy."""

from collections.abc import Mapping
from math import isnan

import pandas as pd
from rich.console import Console, Group, RenderableType

from digitpairs.errors import UserError
from digitpairs.products.numbers.claims import apart
from digitpairs.products.numbers.evidence import EXACT, LEVEL, Evidence, paired
from digitpairs.products.tables.cells import DASH, p_value
from digitpairs.products.terminal.screen import Columns, cell_text, table, text
from digitpairs.runs.collect import per_run

MEASURES = {
    "best_accuracy": "Best epoch",
    "final_accuracy": "Final epoch",
    "many_pairs_accuracy": "Many pairs",
}
COLUMNS: Columns = {
    "Measure": "left",
    "Difference": "right",
    "p": "right",
    "Equivalent": "right",
}

Found = Mapping[str, Evidence]  # by measure


def compared(results: pd.DataFrame, variant: str, reference: str, margin: float) -> Found:
    """Judge what a variant has more than another by their collected results.

    Raises UserError where they have fewer than two seeds in common.
    """
    runs = per_run(results)
    found = {
        measure: paired(apart(runs, measure, variant, reference), margin) for measure in MEASURES
    }
    if (seeds := most_seeds(found)) < 2:
        raise UserError(
            f"{variant} and {reference}: finished runs of {seeds} common "
            f"seed{'' if seeds == 1 else 's'}; a comparison by seed needs two or more"
        )
    return found


def most_seeds(found: Found) -> int:
    """Count the seeds that are compared."""
    return max(of.seeds for of in found.values())


def comparison(
    console: Console, found: Found, labels: Mapping[str, str], margin: float
) -> RenderableType:
    """Show how a variant differs from another; `labels` has both, that variant first."""
    rows = table(console, COLUMNS)
    for measure, of in found.items():
        cells = (MEASURES[measure], difference(of), p_text(of.p), equivalent(of))
        rows.add_row(*(text(console, cell) for cell in cells))
    first, second = (
        name if name == label else f"{name} ({label})" for name, label in labels.items()
    )
    head = [text(console, first, "bold"), text(console, f"against {second}", "bold")]
    return Group(*head, "", rows, "", text(console, legend(found, margin), "dim"))


def difference(of: Evidence) -> str:
    """Write a difference in points and its interval; a dash without a seed."""
    if isnan(of.effect):
        return DASH.markdown
    if isnan(of.low):
        return points(of.effect)
    return f"{points(of.effect)} [{points(of.low)}, {points(of.high)}]"


def points(value: float) -> str:
    """Write a difference in hundredths with its sign: none where it rounds to zero."""
    rounded = round(100 * value, 2)
    return f"{rounded:+.2f}".replace("-", "−") if rounded else "0.00"


def p_text(p: float) -> str:
    """Write a p value."""
    return cell_text(p_value(p))


def equivalent(of: Evidence) -> str:
    """Say whether a difference is shown to be less than the margin, and by which p."""
    if isnan(of.equivalence_p):
        return DASH.markdown
    return f"{'yes' if of.equivalence_p < LEVEL else 'not shown'}, {p_text(of.equivalence_p)}"


def legend(found: Found, margin: float) -> str:
    """Say what the columns are."""
    seeds = most_seeds(found)
    exact = "exact " if 2**seeds <= EXACT else ""
    return (
        "Difference: the accuracy of the first less that of the second, in points: its mean over "
        f"{seeds} common seeds with the 95 % interval (BCa bootstrap). p: {exact}permutation test "
        "of no difference. Equivalent: whether the difference is shown to be less than "
        f"{100 * margin:g} points, and the p of that (two one-sided t tests). No p is adjusted for "
        "the number of tests."
    )
