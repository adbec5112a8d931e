"""What the claims come to: a row each and, where these are asked for, its comparisons below."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.padding import Padding

from digitpairs.products.labels import comparison, either
from digitpairs.products.numbers import verdicts
from digitpairs.products.numbers.claims import decisive
from digitpairs.products.tables.cells import p_value
from digitpairs.products.tables.claims import findings
from digitpairs.products.tables.verdicts import effect, weakest
from digitpairs.products.terminal.screen import Columns, cell_text, table, text
from digitpairs.study.claims import Claim

STYLES = {
    verdicts.CONFIRMED: "green",
    verdicts.PARTLY: "yellow",
    verdicts.NOT_SUPPORTED: "red",
    verdicts.CONTRADICTED: "red",
}
ROOMY = 100  # columns in which the source has one of its own
INDENT = 2  # columns

Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A row of the table: a claim, or one of its comparisons."""

    says: str
    verdict: str
    effect: str = ""
    p: str = ""
    source: str = ""
    compared: bool = False


def claims(
    console: Console,
    found: pd.DataFrame,
    said: Mapping[str, Claim],
    labels: Mapping[str, str] | None = None,
) -> RenderableType:
    """Show claims.csv; with labels of what is compared, show the comparisons too."""
    found = found[found["claim"].isin(said)]
    lines = list(in_full(found, said, labels) if labels else in_short(found, said))
    roomy = console.width >= ROOMY
    columns: Columns = {"Claim": "left", "Verdict": "left", "Difference": "right"}
    columns = {
        **columns,
        **({"p": "right"} if labels else {}),
        **({"Source": "left"} if roomy else {}),
    }
    rows = table(console, columns)
    for line in lines:
        if (labels or not roomy) and not line.compared:
            rows.add_section()  # a blank line
        says: RenderableType = text(console, line.says)
        if line.source and not roomy:
            says = Group(says, text(console, line.source, "dim"))
        cells = [text(console, line.verdict, STYLES.get(line.verdict, ""))]
        cells += [text(console, line.effect)] + [text(console, line.p)] * bool(labels)
        cells += [text(console, line.source, "dim")] * roomy
        rows.add_row(Padding.indent(says, INDENT) if line.compared else says, *cells)
    below = [text(console, legend(found, labels is not None), "dim")]
    return Group(rows, "", *below, *(text(console, one) for one in findings(found, said)))


def in_short(found: pd.DataFrame, said: Mapping[str, Claim]) -> Iterator[Line]:
    """List the claims, each with the comparison that supports it least."""
    for name, group in decisive(found):
        claim, verdict = said[name], group["claim_verdict"].iloc[0]
        yield Line(claim.says, verdict, points(weakest(group.to_dict("records"))), "", claim.source)


def in_full(
    found: pd.DataFrame, said: Mapping[str, Claim], labels: Mapping[str, str]
) -> Iterator[Line]:
    """List the claims and below each its comparisons."""
    for name, group in decisive(found):
        yield Line(said[name].says, group["claim_verdict"].iloc[0], source=said[name].source)
        for row in group.to_dict("records"):
            says = comparison(row["variant"], row["reference"], labels)
            p = cell_text(p_value(row["p_holm"]))
            yield Line(says, row["verdict"], points(row), p, compared=True)


def points(row: Row) -> str:
    """Write a difference in points, or a share, as the README's table has it."""
    return effect(row).replace("\\", "")


def legend(found: pd.DataFrame, in_full: bool) -> str:
    """Say what the columns are."""
    seeds = either(found["seeds"].dropna())
    over = f", paired by seed over {seeds} seeds, with its 95 % interval" if seeds else ""
    which = "" if in_full else ", of the comparison that supports the claim least"
    p = " p: of the test that decides, adjusted after Holm." if in_full else ""
    return f"Difference: in points{over}{which}.{p}"
