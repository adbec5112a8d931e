"""How far the findings move from one kind of processor to another: the committed results of each.

All are of the same seeds, pairs and initial weights. Versions of the code in between changed
rounding at most. Where a search had another winner, the table says so: its runs are another net's.
"""

import io
import subprocess
from pathlib import Path

import pandas as pd

from benchmarks import page, tables

ELSEWHERE = {  # commits with the results of other processors
    "AMD EPYC (AVX512)": "9a40202",
    "AMD EPYC (AVX2)": "bf8c964",
    "Intel Xeon (AVX512)": "52584a4",
}
RUNS = Path("reports/metrics/evaluation.csv")
NET = ["family", "channels", "hidden", "shared", "aux_weight", "learning_rate"]
MEASURES = {"best_accuracy": "best", "final_accuracy": "final"}
PAGE = Path("docs/results.md")


def main() -> None:
    """Compare the committed results with those of other processors; write processors.csv."""
    runs_here = pd.read_csv(RUNS)
    here = means(runs_here)
    rows = []
    for processor, commit in ELSEWHERE.items():
        show = ["git", "show", f"{commit}:{RUNS}"]
        text = subprocess.run(show, capture_output=True, text=True, check=True).stdout
        if text == RUNS.read_text(encoding="utf-8"):
            continue  # these are the results here
        runs_there = pd.read_csv(io.StringIO(text))
        there = means(runs_there)
        for variant in here.index:
            same = variant in there.index and all(here.loc[variant, NET] == there.loc[variant, NET])
            net = dict(here.loc[variant, NET])
            moved = {
                name: abs(here.loc[variant, measure] - there.loc[variant, measure])
                for measure, name in MEASURES.items()
                if same
            }
            if same:
                moved["final_spread"] = spread(runs_here, runs_there, variant)
            rows.append(
                {"variant": variant, **net, "processor": processor, "results": commit, **moved}
            )
    print(tables.write("processors", rows, tables.machine()))
    page.fill(PAGE, {"processors": shown(tables.read("processors"))})


def means(runs: pd.DataFrame) -> pd.DataFrame:
    """Take the mean accuracies of each variant over its seeds, and what net it is."""
    groups = runs.fillna({"channels": ""}).groupby("variant", sort=False)
    return groups[NET].first().join(groups[list(MEASURES)].mean())


def spread(here: pd.DataFrame, there: pd.DataFrame, variant: str) -> float:
    """Estimate the standard deviation of a run's final accuracy for the processor.

    Seeds are paired: the variance of a difference is that of both runs.
    """
    final = [
        runs[runs["variant"] == variant].set_index("seed")["final_accuracy"]
        for runs in (here, there)
    ]
    return float((((final[0] - final[1]) ** 2).mean() / 2) ** 0.5)


def shown(found: pd.DataFrame | None) -> str:
    """Write a line a variant: by how much its means moved, for each processor."""
    if found is None:
        return page.UNKNOWN.capitalize() + "."
    places = list(dict.fromkeys(zip(found["processor"], found["results"], strict=True)))
    head = ["Variant", *(f"{processor}: best, final" for processor, _ in places)]
    rows = [
        [f"`{variant}`", *(cell(rows, commit) for _, commit in places)]
        for variant, rows in found.groupby("variant", sort=False)
    ]
    most = ["at most", *(largest(found[found["results"] == commit]) for _, commit in places)]
    shows = [f"- {processor}: `git show {commit}:{RUNS}`" for processor, commit in places]
    where = f"The results here are of: {here()}. The others:"
    return "\n".join([page.table(head, [*rows, most]), "", where, "", *shows])


def here() -> str:
    """Name the processors of the committed results."""
    computed = pd.read_csv(RUNS)["computed"]
    return "; ".join(sorted({text.split(", ")[0] for text in computed}))


def cell(rows: pd.DataFrame, commit: str) -> str:
    """Write by how much both means of a variant moved."""
    row = rows[rows["results"] == commit].iloc[0]
    return "another net" if pd.isna(row["best"]) else both(row["best"], row["final"])


def largest(rows: pd.DataFrame) -> str:
    """Write the largest move of each mean."""
    return both(rows["best"].max(), rows["final"].max())


def both(best: float, final: float) -> str:
    """Write two differences of accuracies."""
    return ", ".join(f"{value:.4f}".removeprefix("0") for value in (best, final))
