"""What Snakemake's report tells of products: where each stands in it, and what captions ask for.

Captions lie in workflow/report. They are templates, which ask `Told` by name.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.pipeline import stamps
from digitpairs.pipeline.report_steps import (
    CLAIMS,
    CURVES,
    EVALUATION,
    GROUPS,
    HEADLINE,
    LADDER,
    PAPER,
    PROTOCOL,
    SEARCH,
    STANDINGS,
    SUMMARY,
)
from digitpairs.pipeline.step import by_default
from digitpairs.pipeline.steps import steps
from digitpairs.pipeline.targets import seed_names
from digitpairs.products.labels import either
from digitpairs.runs import plan
from digitpairs.search.ranking import read_winners
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params

# What no study makes, by the name of its file.
FIXED = {
    CLAIMS: "Every comparison behind the claims",
    CURVES: "Mean accuracy by epoch",
    EVALUATION: "Accuracies of every run",
    GROUPS: "What the groups of studies come to",
    HEADLINE: "Headline numbers",
    LADDER: "What each rung of a ladder comes to",
    PAPER: "Our numbers beside the paper's",
    PROTOCOL: "What is trained, and how",
    SEARCH: "Every configuration of the search",
    STANDINGS: "How configurations stand over repeats of the search",
    SUMMARY: "Mean, spread and interval of each variant",
    "claims": "What the claims come to",
    "pairs": "Pairs of digits",
    "paper": "Our numbers beside the paper's",
    "search": "The search for hyperparameters",
}
NO_SEEDS = (
    "pairs",
    "search",
    SEARCH,
    GROUPS,
    PROTOCOL,
    STANDINGS,
    LADDER,
)  # some say it themselves
PLACES = {"claims": "Claims", "search": "Search", "pairs": "Data"}
NOUNS = {"metric": "Numbers", "figure": "Figures", "table": "Tables"}
SHOWN = ("metric-", "figure-", "table-", "model")  # how the names of shown steps begin


def is_reporting(arguments: Iterable[str]) -> bool:
    """Whether Snakemake only shows what is made; with --report-after-run it makes it first."""
    given = {argument.split("=")[0] for argument in arguments}
    return "--report" in given and "--report-after-run" not in given


@dataclass(frozen=True)
class Told:
    """What there is to tell of the products of these params."""

    params: Params

    def title(self, name: str) -> str:
        """Say what a product shows; `name` is a study's, or that of a file that no study makes."""
        return FIXED[name] if name in FIXED else self.params.studies[name].title

    def heading(self, name: str) -> str:
        """Say what a product shows, in reStructuredText."""
        return as_rst(self.title(name))

    def category(self, name: str) -> str:
        """Name the part of the report in which a product stands."""
        if name in FIXED:
            return PLACES.get(Path(name).stem, "The study")
        group = self.params.studies[name].group
        return "Groups of studies" if group else "The study"

    def subcategory(self, name: str, medium: str) -> str:
        """Name the folder of its part in which a product stands: its group, or its medium."""
        group = None if name in FIXED else self.params.studies[name].group
        return group.replace("_", " ") if group else NOUNS[medium]

    def labels(self, name: str, medium: str) -> dict[str, str]:
        """Label a product: by one label alone.

        Snakemake 9.27 makes a switch of any other label that has two values, each on half of a
        list, and then fails to draw what stands on one side alone.
        """
        kind = medium if name in FIXED else self.params.studies[name].kind
        what = self.title(name)
        return {"what": f"{Path(name).stem}: {what} ({kind})"}

    def seeds(self, name: str) -> str:
        """Say over how many seeds a product is; nothing where it shows no results of variants."""
        if name in NO_SEEDS:
            return ""
        if name in FIXED:
            winners = read_winners(self.params) or {}
            return spoken(
                self.params, by_default(self.params, plan.evaluated(self.params, winners))
            )
        study = self.params.studies[name]
        return spoken(self.params, study.variants) if KINDS[study.kind].evaluates else ""

    def command(self, name: str, file: str) -> str:
        """Say which command makes a product."""
        return f"snakemake {file}" if name in FIXED else f"snakemake studies/{name}"

    def verdicts(self) -> Iterator[tuple[str, str, str]]:
        """Yield each judged claim: what it says, where the paper says it, its verdict."""
        import pandas as pd

        if not Path(paths.metric(CLAIMS)).exists():
            return
        found = pd.read_csv(paths.metric(CLAIMS))
        for name, verdict in found.groupby("claim", sort=False)["claim_verdict"].first().items():
            if claim := self.params.claims.get(str(name)):
                yield as_rst(claim.says), as_rst(claim.source), str(verdict)


def as_rst(text: str) -> str:
    """Write plain text so that reStructuredText prints it as it is."""
    return re.sub(r"[\\`*_|<>]", r"\\\g<0>", text)


def spoken(params: Params, variants: Sequence[str]) -> str:
    """Say how many seeds variants have: "15", or "5 or 15"."""
    return either(len(seed_names(params, variant)) for variant in variants)


def made(params: Params) -> list[str]:
    """List the products that are made and are what would be made now, groups' too.

    Raises UserError where there are none.
    """
    graph = steps(params)
    shown = [name for name in graph if name.startswith(SHOWN) and not stamps.due(graph, name)]
    if not shown:
        raise UserError(
            "no product is made: give `snakemake` first; in a clone with a remote, `dvc pull`"
        )
    return [path for name in shown for path in graph[name].outputs]
