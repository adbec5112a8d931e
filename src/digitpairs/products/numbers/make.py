"""Makes the files of reports/metrics, each from files."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.files import write_text
from digitpairs.products.numbers import metrics
from digitpairs.runs import collect


def make_metric(name: str, inputs: Sequence[str]) -> None:
    """Write a file of reports/metrics; `inputs` are the files of its step."""
    results = [path for path in inputs if path.endswith(".parquet")]
    match name:
        case "evaluation.csv":
            content = as_csv(metrics.evaluation(collect.read(*results)))
        case "curves.csv":
            content = as_csv(metrics.curves(collect.read(*results)))
        case "search.csv":
            content = as_csv(metrics.search(collect.read(*results)))
        case "summary.csv":
            content = as_csv(metrics.summary(collect.read(*results)))
        case "metrics.json":
            headline = metrics.headline(read_csv("summary.csv"), known_source().name)
            content = json.dumps(headline, indent=2) + "\n"
    write_text(Path(paths.metric(name)), content)


def as_csv(frame: pd.DataFrame) -> str:
    """Write a frame as text."""
    return str(frame.to_csv(index=False, float_format="%.6g"))


def read_csv(name: str) -> pd.DataFrame:
    """Read a table of reports/metrics; layer sizes are text, empty where there are none."""
    text = {"channels": str, "hidden": str}
    frame = pd.read_csv(paths.metric(name), dtype=text)
    return frame.fillna({column: "" for column in text if column in frame})
