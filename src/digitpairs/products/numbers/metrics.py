"""Collected results to the tables in reports/metrics: functions from data frames to data frames."""

from typing import Any

import pandas as pd

from digitpairs.products.numbers.paper import protocols, published
from digitpairs.products.numbers.statistics import summarise
from digitpairs.runs.collect import FINAL_MEASURES, computed, per_run
from digitpairs.search.ranking import CONFIGURATION, ranking

RUN_COLUMNS = [
    "variant",
    "family",
    "shared",
    "aux_weight",
    "learning_rate",
    "recipe",
    "parameters",
    "seed",
    "best_epoch",
    "best_accuracy",
    "final_accuracy",
    "digit_accuracy",
    "argmax_accuracy",
    "posterior_accuracy",
    *FINAL_MEASURES,
    "status",
    "channels",
    "hidden",
    "options",
    "computed",
]

# What a row trained, as paper.PUBLISHED has it.
TRAINED = ["family", "channels", "hidden", "shared", "aux_weight", "learning_rate", "recipe"]


def evaluation(results: pd.DataFrame) -> pd.DataFrame:
    """A row per variant and seed. Read-outs are those of the final epoch."""
    runs = per_run(results)
    order = {name: place for place, name in enumerate(results["variant"].unique())}
    runs = runs.sort_values(
        ["variant", "seed"], key=lambda c: c.map(order) if c.name == "variant" else c
    )
    return runs.assign(computed=runs["provenance"].map(computed))[RUN_COLUMNS]


def summary(results: pd.DataFrame) -> pd.DataFrame:
    """A row per variant: best-epoch and final-epoch accuracy over seeds, beside the paper's.

    `runs` counts the runs that finished, `diverged` those that did not; these enter no mean. The
    paper's numbers stand only beside runs by its protocol.
    """
    rows, trained_by = [], protocols(results)
    for name, group in evaluation(results).groupby("variant", sort=False):
        best, final = summarise(group["best_accuracy"]), summarise(group["final_accuracy"])
        many = summarise(group["many_pairs_accuracy"])
        trained = tuple(group.iloc[0][TRAINED])
        paper = published(trained, trained_by[name])
        rows.append(
            {
                "variant": name,
                "runs": int((group["status"] == "finished").sum()),
                "diverged": int((group["status"] == "diverged").sum()),
                "parameters": group["parameters"].iloc[0],
                "best_mean": best.mean,
                "best_std": best.std,
                "best_low": best.low,
                "best_high": best.high,
                "final_mean": final.mean,
                "final_std": final.std,
                "final_low": final.low,
                "final_high": final.high,
                "many_pairs_mean": many.mean,
                "many_pairs_std": many.std,
                "many_pairs_low": many.low,
                "many_pairs_high": many.high,
                "paper_mean": paper.mean if paper else None,
                "paper_std": paper.std if paper else None,
                **{
                    f"{readout}_mean": summarise(group[readout]).mean
                    for readout in ("digit_accuracy", "argmax_accuracy", "posterior_accuracy")
                },
            }
        )
    return pd.DataFrame(rows)


def search(results: pd.DataFrame) -> pd.DataFrame:
    """A row per configuration and fold, best configuration of each grid first."""
    runs = per_run(results)
    ranked = ranking(runs).rename(columns={"accuracy": "mean_accuracy"})
    merged = runs.merge(ranked[[*CONFIGURATION, "rank", "mean_accuracy"]], on=CONFIGURATION)
    columns = [*CONFIGURATION, "rank", "mean_accuracy", "fold", "final_accuracy", "status"]
    ordered = merged.sort_values(["variant", "rank", "fold"], kind="stable")[columns]
    return ordered.rename(columns={"variant": "grid"})


def curves(results: pd.DataFrame) -> pd.DataFrame:
    """A row per variant and epoch: losses and test accuracy over the runs that finished."""
    rows = []
    finished = results[results["status"] == "finished"]
    for (name, epoch), group in finished.groupby(["variant", "epoch"], sort=False):
        accuracy = summarise(group["test_accuracy"])
        rows.append(
            {
                "variant": name,
                "epoch": epoch,
                "runs": len(group),
                "train_loss": group["train_loss"].mean(),
                "test_loss": group["test_loss"].mean(),
                "accuracy_mean": accuracy.mean,
                "accuracy_std": accuracy.std,
                "accuracy_low": accuracy.low,
                "accuracy_high": accuracy.high,
            }
        )
    return pd.DataFrame(rows)


def headline(summarised: pd.DataFrame, source: str) -> dict[str, Any]:
    """The few numbers that `dvc metrics` shows and compares."""
    return {
        "digits": source,
        **{
            row["variant"]: {
                "best_mean": round(row["best_mean"], 6) if row["runs"] else None,
                "final_mean": round(row["final_mean"], 6) if row["runs"] else None,
                **({"diverged": row["diverged"]} if row["diverged"] else {}),
            }
            for row in summarised.to_dict("records")
        },
    }
