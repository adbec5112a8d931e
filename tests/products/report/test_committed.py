"""The committed report: each number in it is what the committed files hold."""

import re

import pandas as pd

from digitpairs import paths
from digitpairs.products.report.printed import FORMATS
from project import ROOT

NUMBERS = pd.read_csv(ROOT / paths.REPORT_NUMBERS, dtype=str, keep_default_na=False)
SOURCE = (ROOT / paths.REPORT_SOURCE).read_text(encoding="utf-8").partition(r"\maketitle")[2]
OVER = re.compile(r"(\w+)\((\w+)\)")


def held(row: pd.Series) -> float | str:
    """What the file holds, found by another way than the report's."""
    frame = pd.read_csv(ROOT / row["file"], keep_default_na=False, dtype=str)
    for part in filter(None, row["row"].split("; ")):
        column, _, value = part.partition("=")
        frame = frame.loc[[text == value for text in frame[column]]]
    over = OVER.fullmatch(row["column"])
    if not over:
        (value,) = frame[row["column"]].unique()
        return str(value)
    how, column = over.groups()
    if how == "rows":
        return float(len(frame))
    values = [text for text in frame[column] if text]
    if how == "distinct":
        return float(len(set(values)))
    numbers = [float(text) for text in values]
    if how == "farthest":
        return max(numbers, key=abs)
    known = {"sum": sum(numbers), "max": max(numbers), "min": min(numbers)}
    return {**known, "mean": sum(numbers) / len(numbers)}[how]


def test_each_number_is_what_its_file_holds() -> None:
    assert len(NUMBERS) > 200
    for _, row in NUMBERS.iterrows():
        value = str(held(row))
        texts = [written(value) for written in FORMATS.values()] if is_number(value) else []
        assert row["text"] in {value, *(text.replace("-", "−") for text in texts)}, row["label"]


def is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def test_each_label_in_the_source_is_listed_and_stands_with_its_text() -> None:
    texts = dict(zip(NUMBERS["label"], NUMBERS["text"], strict=True))
    found = re.findall(r"\\num\{([^}]*)\}\{([^}]*)\}", SOURCE)
    assert len(found) > 400 and {label for label, _ in found} == set(texts)
    for label, tex in found:
        printed = tex.replace("$-$", "−").replace(r"\textless{", "<").replace(r"\_", "_")
        assert printed.startswith(texts[label][:1]), label
    accuracies = [(label, tex) for label, tex in found if label.endswith("_mean")]
    assert accuracies and all(tex == texts[label] for label, tex in accuracies)
