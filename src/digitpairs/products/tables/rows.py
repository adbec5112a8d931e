"""The rows that all kinds of tables have in common."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import pandas as pd

from digitpairs.products.numbers.labels import distinct
from digitpairs.products.numbers.metrics import evaluation
from digitpairs.products.numbers.metrics import summary as summarised
from digitpairs.study.schema import Study
from digitpairs.study.variants import SELECTED

More = Callable[[Mapping[str, Any]], dict[str, str]]

WINNER = "$^*$"


def rows(study: Study, results: pd.DataFrame, winners: Collection[str], more: More) -> pd.DataFrame:
    """A row per variant, cells in LaTeX: accuracies beside the paper's, parameter counts.

    `winners` names the families that have one, `more` makes a kind's own cells of a run.
    """
    runs = evaluation(results)
    summary = summarised(runs)
    first = {run["variant"]: run for run in runs.drop_duplicates("variant").to_dict("records")}
    by_name = {numbers["variant"]: numbers for numbers in summary.to_dict("records")}
    # A winner equal to the published variant was not run twice: it is that variant's row.
    equal = {family for family in winners if family + SELECTED not in by_name}
    shown = {
        name.removesuffix(SELECTED) if name.removesuffix(SELECTED) in equal else name: None
        for name in study.variants
    }
    labels = distinct(first[name] for name in shown if name in first)
    table = []
    for name, text in labels.items():
        run, numbers = first[name], by_name[name]
        model = text.replace("λ", r"$\lambda$").replace(", selected", WINNER)
        both = name in equal and name + SELECTED in study.variants
        cells = {"Model": f"{model}, also {WINNER}" if both else model}
        cells |= more(run)
        cells |= {
            "Best epoch": plus_minus(numbers["best_mean"], numbers["best_std"]),
            "Final epoch": plus_minus(numbers["final_mean"], numbers["final_std"]),
            "Paper": plus_minus(numbers["paper_mean"], numbers["paper_std"]),
            "Parameters": f"{numbers['parameters']:,}",
        }
        if summary["diverged"].any():
            cells["Diverged"] = f"{numbers['diverged']:.0f}"
        table.append(cells)
    return pd.DataFrame(table)


def plus_minus(mean: float, std: float) -> str:
    """Write mean and std as the paper does; a dash where there is none."""
    if pd.isna(mean):
        return "--"
    return f"${mean:.3f}$" if pd.isna(std) else rf"${mean:.3f} \pm {std:.3f}$".replace("0.", ".")
