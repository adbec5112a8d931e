"""What the page shows, as plain data: verdicts, curves, the ladder, and a table of all nets."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from digitpairs.products.labels import comparison, listed
from digitpairs.products.numbers.claims import decisive, same_comparison
from digitpairs.products.numbers.verdicts import PARTLY, VERDICTS, of_all
from digitpairs.study.claims import ACCURACIES, Claim

Labels = Mapping[str, str]
Data = dict[str, Any]
SUMMARY = ("mean", "std", "low", "high")
WORDS = {verdict: verdict for verdict in VERDICTS} | {PARTLY: "partly confirmed"}
MEASURES = {"best": "Best epoch", "final": "Final epoch", "many_pairs": "Many pairs"}


def lead(found: pd.DataFrame) -> str:
    """Say in a sentence how many claims hold."""
    verdicts = [rows["claim_verdict"].iloc[0] for _, rows in decisive(found)]
    counts = Counter(verdicts)
    parts = [
        f"{counts[verdict]} {'is' if counts[verdict] == 1 else 'are'} {WORDS[verdict]}"
        for verdict in VERDICTS
        if counts[verdict]
    ]
    return f"Of {len(verdicts)} claims, {listed(parts or ['none can be judged'])}."


def cards(found: pd.DataFrame, claims: Mapping[str, Claim], labels: Labels) -> Iterator[Data]:
    """List the claims: what each says, its verdict, and all comparisons by each measure."""
    for name, rows in decisive(found):
        of_claim = found[found["claim"] == name]
        final = of_claim[of_claim["measure"] == "final_accuracy"]["verdict"]
        yield {
            "name": name,
            **claims[name].model_dump(include={"says", "source", "quote"}),
            "verdict": rows["claim_verdict"].iloc[0],
            "final": of_all(final) if len(final) else None,
            "comparisons": [evidence(row, of_claim, labels) for row in rows.to_dict("records")],
        }


def evidence(row: Mapping[str, Any], of_claim: pd.DataFrame, labels: Labels) -> Data:
    """Write a comparison: what is compared, and what each measure says of it."""
    keys = ("measure", "effect", "low", "high", "p_holm", "verdict", "decides")
    measures = [
        {key: known(one[key]) for key in keys}
        for one in same_comparison(of_claim, row).to_dict("records")
    ]
    return {
        "compared": comparison(row["variant"], row["reference"], labels),
        "sampled": row["measure"] in ACCURACIES,
        "margin": row["margin"],
        "at_least": known(row["at_least"]),
        "direction": row["direction"],
        "measures": measures,
    }


def known(value: Any) -> Any:
    """Write what is missing as null."""
    return None if not isinstance(value, str) and pd.isna(value) else value


def curves(results: pd.DataFrame, labels: Labels) -> Iterator[Data]:
    """List the test accuracy of each seed by epoch, a net each."""
    for name, label in labels.items():
        rows = results[results["variant"] == name]
        yield {
            "label": label,
            "runs": [
                {"seed": int(seed), "accuracy": run["test_accuracy"].round(4).to_list()}
                for seed, run in rows.sort_values("epoch").groupby("seed")
            ],
        }


def ladder(summary: pd.DataFrame, labels: Labels) -> Iterator[Data]:
    """List all nets: mean, spread and interval by each measure, and what the paper printed."""
    for row in summary.to_dict("records"):
        measures = {
            measure: {part: rounded(row[f"{measure}_{part}"]) for part in SUMMARY}
            for measure in MEASURES
        }
        paper = {part: rounded(row[f"paper_{part}"]) for part in ("mean", "std")}
        yield {
            "label": labels[row["variant"]],
            "parameters": row["parameters"],
            "seeds": row["runs"],
            **measures,
            "paper": paper,
        }


def rounded(value: float) -> float | None:
    """Round far below what is shown; null where it is missing."""
    return None if pd.isna(value) else round(value, 8)


def pixels(images: Iterable[Any], digits: Iterable[int]) -> list[Data]:
    """Write digits to load: pixel sums (14, 14), 0 to 1,020, row by row."""
    return [
        {"digit": int(digit), "pixels": image.ravel().tolist()}
        for image, digit in zip(images, digits, strict=True)
    ]
