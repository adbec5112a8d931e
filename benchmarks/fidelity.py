"""Whether the engines change the findings: the same runs by plain modules and by the engines.

Until commit `BY_PLAIN_MODULES` every run was trained by its own modules, from the same seeds, pairs
and initial weights as now. Rounding is all that differs, that of the processor too (it was an Intel
Xeon); where learning is chaotic, it grows. Where a search has another winner since, its runs are
others: they are left out.
"""

import io
import subprocess
from pathlib import Path

import pandas as pd

from benchmarks import tables
from digitpairs.products.numbers.statistics import summarise

BY_PLAIN_MODULES = "11a7a16"
RUNS = Path("reports/metrics/evaluation.csv")
MEASURES = ("best_accuracy", "final_accuracy")
KEYS = ["variant", "channels", "hidden", "learning_rate", "seed"]


def main() -> None:
    """Compare the committed results of both and write reports/benchmarks/fidelity.csv."""
    show = ["git", "show", f"{BY_PLAIN_MODULES}:{RUNS}"]
    old = subprocess.run(show, capture_output=True, text=True, check=True).stdout
    files = io.StringIO(old), RUNS
    read = (pd.read_csv(file).fillna({"channels": ""}) for file in files)  # MLPs have none
    plain, fast = (runs.set_index(KEYS) for runs in read)
    rows = []
    for variant, group in fast.groupby(level="variant", sort=False):
        for measure in MEASURES:
            difference = (group[measure] - plain[measure]).dropna()
            found = summarise(difference)
            if len(difference):
                rows.append(
                    {
                        "variant": variant,
                        "measure": measure,
                        "runs": len(difference),
                        "plain": plain[measure][difference.index].mean(),
                        "fast": group[measure][difference.index].mean(),
                        "difference": found.mean,
                        "low": found.low,
                        "high": found.high,
                    }
                )
    print(tables.write("fidelity", rows, tables.machine()))
