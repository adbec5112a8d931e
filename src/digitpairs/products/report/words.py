"""What templates ask that takes more than a cell: effects, rows of tables, read-outs."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from digitpairs.products.labels import WON, grid_labels, listed
from digitpairs.products.numbers.claims import other_verdicts
from digitpairs.products.numbers.verdicts import PARTLY
from digitpairs.products.report.escape import Tex, escaped
from digitpairs.products.report.facts import Compared, Facts
from digitpairs.products.report.printed import Printed
from digitpairs.products.tables.claims import MEASURES
from digitpairs.study.variants import SELECTED

STAR = "$^*$"
LONG = 34  # characters of a label that fit into a table


class Readout(NamedTuple):
    """A siamese net that knows its digits, and how often it is right by its head and by these."""

    variant: str
    final: float
    argmax: float


class Base(NamedTuple):
    """A variant whose seeds draw all, and those of the same net whose seeds draw one thing."""

    variant: str
    alone: list[str]


class Losers(NamedTuple):
    """Variants whose settings the search tried, and those of them that did not win."""

    tried: list[str]
    behind: list[str]


class Entry(NamedTuple):
    """A row of the table of the search: a variant, or a winner."""

    variant: str
    label: Tex
    row: dict[str, Any] | None  # of search.csv
    finished: bool


@dataclass(frozen=True)
class Words:
    """Functions for templates."""

    facts: Facts
    printed: Printed

    def functions(self) -> dict[str, Callable[..., Any]]:
        """List them by the names that templates know."""
        names = [*("names", "effect", "seeds", "differing", "behind", "searched_rows")]
        names += [
            "plus_minus",
            "interval",
            "varied",
            "farthest",
            "most_accurate",
            "readouts",
            "within",
            "code",
        ]
        names += ["sizes", "starred", "labels_of", "net_column"]
        names += ["grid_label", "grid_labels", "standing_sizes", "several_winners"]
        return {name: getattr(self, name) for name in names}

    def names(self, variants: list[str]) -> str:
        """List variants by their labels."""
        return listed(list(map(self.facts.label, variants)))

    def effect(self, one: Compared) -> Tex:
        """Write what a comparison of a claim comes to, with its p and verdict."""
        text, row = self.interval("claims", "effect", one.unit, **one.row), one.row
        if one.is_accuracy and self.facts.has_text("claims", "p_holm", **row):
            text = Tex(f"{text}, $p$ {self.printed.number('p_value', 'claims', 'p_holm', **row)}")
        return text

    def interval(self, file: str, column: str, unit: str = "", **row: str) -> Tex:
        """Write a difference in points and, where there is one, its interval."""
        if not self.facts.has_text(file, column, **row):
            return Tex("--")
        text = Tex(self.printed.number("signed", file, column, **row) + unit)
        if not self.facts.has_text(file, "low", **row):
            return text
        low, high = (self.printed.number("signed", file, end, **row) for end in ("low", "high"))
        return Tex(f"{text} [{low}, {high}]")

    def within(
        self, file: str, mean: str, low: str, high: str, form: str = "fine", **row: str
    ) -> Tex:
        """Write a number and, where there is one, its interval, by the names of their columns."""
        if not self.facts.has_text(file, mean, **row):
            return Tex("--")
        text, *ends = (
            self.printed.number(form, file, column, **row)
            for column in (mean, low, high)
            if self.facts.has_text(file, column, **row)
        )
        return Tex(f"{text} [{', '.join(ends)}]" if ends else text)

    def code(self, text: str) -> Tex:
        """Write a command or a path, which may break after a slash or a low line."""
        whole = escaped(text).replace("/", r"/\allowbreak{}").replace(r"\_", r"\_\allowbreak{}")
        return Tex(rf"\code{{{whole}}}")

    def seeds(self, study: str) -> Tex:
        """Say over how many seeds a study is: those of its variants."""
        names = self.facts.params.studies[study].variants
        counts = {
            self.facts.word("protocol", "runs", part="evaluation", variant=name): name
            for name in names
            if self.facts.has("protocol", part="evaluation", variant=name)
        }
        row = [{"part": "evaluation", "variant": name} for name in counts.values()]
        return Tex(
            " or ".join(self.printed.number("whole", "protocol", "runs", **one) for one in row)
        )

    def seeds_of_claims(self) -> Tex:
        """Say over how many seeds claims are judged."""
        counts = [count for count in self.facts.each("claims", "seeds") if count]
        said = [self.printed.number("whole", "claims", "seeds", seeds=count) for count in counts]
        return Tex(" or ".join(said))

    def differing(self) -> dict[str, dict[str, str]]:
        """By measure, claims that would come to another verdict by it."""
        return {
            MEASURES[measure]: {
                name: "partly confirmed" if one == PARTLY else one for name, one in others.items()
            }
            for measure, others in other_verdicts(self.facts.files.frame("claims"))
        }

    def behind(self, grids: list[str]) -> Losers:
        """Say which variants of the params the search tried, and which of them did not win."""
        entries = [
            one for one in self.searched_rows(grids) if SELECTED not in one.variant and one.row
        ]
        lost = [one for one in entries if self.facts.value("search", "rank", **(one.row or {})) > 1]
        return Losers([one.variant for one in entries], [one.variant for one in lost])

    def searched_rows(self, grids: list[str]) -> list[Entry]:
        """List the table of the search: for each grid its variant and its winner."""
        return [one for grid in grids for one in self.of_grid(grid)]

    def of_grid(self, grid: str) -> Iterator[Entry]:
        """List the variant of a grid's name and the grid's winner, where they were evaluated."""
        for name in (grid, grid + SELECTED):
            if not self.facts.has("evaluation", variant=name):
                continue
            row = self.facts.configuration(name)
            won = bool(row) and self.facts.value("search", "rank", **(row or {})) == 1
            finished = bool(row) and self.facts.has_text("search", "mean_accuracy", **(row or {}))
            label = self.facts.label(name).removesuffix(WON)
            yield Entry(name, Tex(escaped(label) + (STAR if won else "")), row, finished)

    def labels_of(self, file: str, study: str = "") -> list[str]:
        """List the labels of what a table shows."""
        row = {"study": study} if study else {}
        return [self.facts.label(name, study) for name in self.facts.each(file, "variant", **row)]

    def net_column(self, labels: list[str]) -> Tex:
        """Say how wide a column of labels is: those of users may be long, and are wrapped."""
        long = max(map(len, labels), default=0) > LONG
        wrapped = r">{\raggedright\arraybackslash\hangindent=1em}p{.26\textwidth}"
        return Tex(wrapped if long else "l")

    def grid_label(self, grid: str) -> str:
        """Call a grid by its name for people."""
        return grid_labels(self.facts.params, [grid + SELECTED])[grid]

    def grid_labels(self, grids: list[str]) -> str:
        """List grids."""
        return listed([self.grid_label(grid) for grid in grids])

    def several_winners(self, grids: list[str]) -> list[str]:
        """Pick the grids in which not all searches have one winner."""
        rows = self.facts.files.rows
        return [
            grid for grid in grids if len(rows("standings", {"grid": grid, "winner": "True"})) > 1
        ]

    def standing_sizes(self, row: dict[str, str]) -> Tex:
        """Write the sizes of a configuration of the repeated search."""
        parts = [
            self.printed.number("word", "standings", part, **row)
            for part in ("channels", "hidden")
            if self.facts.has_text("standings", part, **row)
        ]
        return Tex(", ".join(parts) or "--")

    def starred(self, variant: str) -> Tex:
        """Call a variant by its label; a star marks the search's winner."""
        label = self.facts.label(variant)
        return Tex(escaped(label.removesuffix(WON)) + (STAR if label.endswith(WON) else ""))

    def sizes(self, variant: str) -> Tex:
        """Write the sizes of a net, conv channels before hidden layers."""
        parts = [
            self.printed.number("word", "evaluation", part, variant=variant)
            for part in ("channels", "hidden")
            if self.facts.has_text("evaluation", part, variant=variant)
        ]
        return Tex(", ".join(parts) or "--")

    def plus_minus(self, file: str, measure: str, **row: str) -> Tex:
        """Write a mean and, where there is one, its standard deviation."""
        columns = [f"{measure}_{part}".removeprefix("_") for part in ("mean", "std")]
        known = [column for column in columns if self.facts.has_text(file, column, **row)]
        numbers = [self.printed.number("accuracy", file, column, **row) for column in known]
        return Tex(r" $\pm$ ".join(numbers) or "--")

    def varied(self, study: str) -> list[Base]:
        """List the variants of a study whose seeds draw all, with those that follow and do not."""
        bases: list[Base] = []
        for name in self.facts.each("groups", "variant", study=study):
            if self.facts.has_text("protocol", "varies", part="evaluation", variant=name):
                if bases:
                    bases[-1].alone.append(name)
            else:
                bases.append(Base(name, []))
        known = self.facts.has_text
        return [
            one for one in bases if known("groups", "final_std", study=study, variant=one.variant)
        ]

    def farthest(self, study: str, reference: str) -> str:
        """Name the variant that gains most on a reference."""
        names = self.facts.each("groups", "variant", study=study, reference=reference)
        return max(names, key=lambda name: self.measured("difference", study, name))

    def most_accurate(self, study: str) -> str:
        """Name the most accurate variant of a study, over many pairs."""
        names = self.facts.each("groups", "variant", study=study)
        return max(names, key=lambda name: self.measured("many_pairs_mean", study, name))

    def measured(self, column: str, study: str, variant: str) -> float:
        """Read a number of a study to compare by; what is missing is least."""
        row = {"study": study, "variant": variant}
        known = self.facts.has_text("groups", column, **row)
        return self.facts.value("groups", column, **row) if known else -math.inf

    def readouts(self) -> Readout | None:
        """Find the most accurate siamese net that was taught the digits, if there is one."""
        taught = [
            name
            for name in self.facts.each("summary", "variant")
            if self.facts.has_text("summary", "argmax_accuracy_mean", variant=name)
            and self.facts.value("evaluation", "aux_weight", variant=name) > 0
        ]
        if not taught:
            return None
        read = self.facts.value
        best = max(taught, key=lambda name: read("summary", "final_mean", variant=name))
        final = read("summary", "final_mean", variant=best)
        return Readout(best, final, read("summary", "argmax_accuracy_mean", variant=best))
