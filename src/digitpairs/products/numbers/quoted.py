"""Numbers that the pages quote, each from the reports or the params: `<!--=NAME-->.801<!--/-->`.

A name is a column of summary.csv for a variant, such as `mlp.best_mean`; of ladder.csv, such as
`ladder:beyond_net.pairs_mean`; or one of DERIVED.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isnan

import pandas as pd
from pandas.api.types import is_numeric_dtype

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.errors import UserError, nearest
from digitpairs.runs.plan import PlannedRun, searches
from digitpairs.study.schema import Params

BEST_NET = "siamese_convnet_shared_aux_100"  # of the paper
LADDER = "ladder:"
COUNTS = {"runs", "diverged", "parameters", "epochs", "teachers", "seeds"}  # whole numbers


@dataclass(frozen=True)
class Reports:
    """What numbers are quoted from: the params, and files of reports/metrics."""

    params: Params
    summary: pd.DataFrame  # a row a variant
    runs: pd.DataFrame  # evaluation.csv
    paper: pd.DataFrame  # paper.csv: a row a variant
    ladder: pd.DataFrame  # ladder.csv: a row a variant
    searched: Mapping[str, Sequence[PlannedRun]]  # the folds of each search

    def mean(self, variant: str, column: str) -> float:
        """Average a measure over a variant's runs."""
        return float(self.runs.loc[self.runs["variant"] == variant, column].mean())


def accuracy(value: float, digits: int = 3) -> str:
    """Write an accuracy: .801. Raises UserError where it is missing."""
    if isnan(value):
        raise UserError("a number that a page quotes is missing in reports/metrics: make them")
    return f"{value:.{digits}f}".removeprefix("0")


def gap(reports: Reports) -> pd.Series:
    """By how much the best epoch lies above the final one, variant by variant."""
    return reports.summary["best_mean"] - reports.summary["final_mean"]


def in_table_3(reports: Reports) -> pd.Series:
    """How far our means lie from those of the paper's Table 3."""
    rows = reports.paper[reports.paper["where"].str.contains("3")]
    return (rows["best_mean"] - rows["paper_mean"]).abs()


def count(of: int) -> str:
    """Write a number of things."""
    return f"{of:,}"


DERIVED: dict[str, Callable[[Reports], str]] = {
    "least_gap": lambda of: accuracy(gap(of).min()),
    "most_gap": lambda of: accuracy(gap(of).max()),
    "furthest": lambda of: accuracy(ceil(1000 * in_table_3(of).max()) / 1000),  # "within"
    "many_argmax": lambda of: accuracy(of.mean(BEST_NET, "all_pairs_argmax_accuracy")),
    "seeds": lambda of: count(of.params.training.seeds),
    "folds": lambda of: count(len(of.searched[""])),
    "configurations": lambda of: count(configurations(of, "")),
    "repeats": lambda of: count(of.params.search.repeats),
    "future_grids": lambda of: count(len(grids(of, "-future_work"))),
    "future_configurations": lambda of: count(configurations(of, "-future_work")),
    "future_folds": lambda of: count(len(of.searched["-future_work"])),
    "future_runs": lambda of: count(len(grids(of, "-future_work")) * of.params.training.seeds),
}


def grids(reports: Reports, suffix: str) -> set[str]:
    """Name the grids of a search."""
    return {run.name for run in reports.searched[suffix]}


def configurations(reports: Reports, suffix: str) -> int:
    """Count the configurations of a search."""
    return len({(run.name, run.spec.group) for run in reports.searched[suffix]})


def read(params: Params) -> Reports:
    """Read the reports."""
    names = ("summary.csv", "evaluation.csv", "paper.csv", "ladder.csv")
    summary, runs, paper, ladder = (pd.read_csv(paths.metric(name)) for name in names)
    rungs = ladder.drop_duplicates("variant").set_index("variant")
    searched = searches(params, Source("mnist", ""))
    return Reports(params, summary.set_index("variant"), runs, paper, rungs, searched)


def quoted(reports: Reports, name: str) -> str:
    """Write the number of a name. Raises UserError where there is none."""
    if name in DERIVED:
        return DERIVED[name](reports)
    of_ladder = name.startswith(LADDER)
    table = reports.ladder if of_ladder else reports.summary
    variant, _, column = name.removeprefix(LADDER).rpartition(".")
    if variant not in table.index or column not in table.columns:
        raise UserError(f"{name!r}: no number has this name{nearest(name, DERIVED)}")
    if not is_numeric_dtype(table[column]):
        raise UserError(f"{name!r}: is a text; quote a number")
    value = float(table.loc[variant, column])
    if column in COUNTS and not isnan(value):
        return count(int(value))
    return accuracy(value, digits=4 if of_ladder else 3)
