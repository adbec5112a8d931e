"""Collected results to tables of numbers."""

import json

import pandas as pd
import pytest

from collected import PAPER, elsewhere, fifteen, run, setting
from digitpairs.models.registry import FAMILIES
from digitpairs.products.numbers import metrics
from digitpairs.products.numbers.make import as_csv
from digitpairs.runs import collect
from digitpairs.runs.collect import per_run
from digitpairs.spec import ModelSpec, RunSpec, to_json
from project import ROOT

REPORTED = ROOT / "reports/metrics"


def summarised(results: pd.DataFrame) -> pd.DataFrame:
    return metrics.summary(results).set_index("variant")


def test_best_is_the_first_of_the_best_epochs_and_final_the_last(results: pd.DataFrame) -> None:
    runs = per_run(results).set_index(["variant", "seed"])
    assert runs.loc[("mlp", 0), ["best_epoch", "best_accuracy"]].tolist() == [2, 0.8]
    assert runs.loc[("mlp", 0), "final_accuracy"] == 0.7
    assert runs.loc[("siamese_convnet", 0), "best_epoch"] == 2


def test_the_order_of_collected_rows_does_not_matter(results: pd.DataFrame) -> None:
    shuffled = results.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(per_run(shuffled), per_run(results))


def test_a_diverged_run_is_counted_and_enters_no_mean(
    results: pd.DataFrame, diverged: pd.DataFrame
) -> None:
    clean, dirty = (summarised(frame).loc["mlp"] for frame in (results, diverged))
    assert (clean["runs"], clean["diverged"]) == (2, 0)
    assert (dirty["runs"], dirty["diverged"]) == (2, 1)
    assert dirty["best_mean"] == clean["best_mean"] == pytest.approx(0.85)


def test_variants_stand_in_the_order_of_the_results() -> None:
    results = pd.concat(
        [fifteen("siamese_mlp"), fifteen("mlp"), fifteen("convnet")], ignore_index=True
    )
    for table in (metrics.evaluation(results), metrics.summary(results), metrics.curves(results)):
        assert list(table["variant"].unique()) == ["siamese_mlp", "mlp", "convnet"]


def test_the_summary_stands_beside_the_paper() -> None:
    row = summarised(fifteen()).loc["mlp"]
    assert (row["paper_mean"], row["paper_std"]) == (0.807, 0.015)


def test_runs_by_another_protocol_do_not_stand_beside_the_paper() -> None:
    results = pd.concat([fifteen("mlp", epochs=3), fifteen("convnet")], ignore_index=True)
    summary = summarised(results)
    assert summary["paper_mean"].isna().to_dict() == {"mlp": True, "convnet": False}
    assert summary["paper_std"].isna().to_dict() == {"mlp": True, "convnet": False}


def test_a_changed_variant_does_not_stand_beside_the_paper() -> None:
    assert summarised(fifteen(of=setting("mlp", 5e-3)))["paper_mean"].isna().all()


def test_curves_average_the_runs_of_each_epoch(results: pd.DataFrame) -> None:
    curve = metrics.curves(results).set_index(["variant", "epoch"])
    assert curve.loc[("mlp", 3), "accuracy_mean"] == pytest.approx(0.8)
    assert curve.loc[("mlp", 3), "runs"] == 2


def test_every_run_says_where_it_was_computed(results: pd.DataFrame) -> None:
    moved = elsewhere(results, results["seed"].eq(1), device="slide rule")
    computed = metrics.evaluation(moved).set_index(["variant", "seed"])["computed"]
    assert computed["mlp", 0] == "abacus, beads, torch 2.0, numpy 1.0, numba 0.5"
    assert computed["mlp", 1] == "slide rule, beads, torch 2.0, numpy 1.0, numba 0.5"


def of_the_report() -> pd.DataFrame:
    """Results that the committed runs may have come from: their best and their last epochs."""
    text = {"channels": str, "hidden": str}
    runs = pd.read_csv(REPORTED / "evaluation.csv", dtype=text)
    runs = runs.fillna({"channels": "", "recipe": "", "options": ""})
    names = ["device", "engine", "torch", "numpy", "numba"]
    frames = []
    for row in runs.to_dict("records"):
        sizes = [tuple(map(int, filter(None, row[key].split("-")))) for key in text]
        spec = RunSpec(
            model=ModelSpec(row["family"], sizes[1], sizes[0], row["shared"]),
            learning_rate=row["learning_rate"],
            aux_weight=row["aux_weight"],
            seed=row["seed"],
            **PAPER,
        )
        device, engine, *versions = row["computed"].split(", ")
        values = [device, engine, *(version.split(" ")[1] for version in versions)]
        last = {
            **{key: row[key] for key in (*metrics.TRAINED, "variant", "parameters", "seed")},
            "fold": -1,
            "run": f"{spec.group}/{spec.member}",
            "status": row["status"],
            "spec": json.dumps(to_json(spec)),
            "provenance": json.dumps(dict(zip(names, values, strict=True))),
            "epoch": 50,
            "test_accuracy": row["final_accuracy"],
        }
        readouts = ("digit_accuracy", "argmax_accuracy", "posterior_accuracy")
        last |= {key: row[key] for key in (*readouts, *collect.FINAL_MEASURES, "options")}
        best = {**last, "epoch": row["best_epoch"], "test_accuracy": row["best_accuracy"]}
        frames += [best, last] if row["best_epoch"] < 50 else [last]
    return pd.DataFrame(frames)


def test_the_committed_numbers_follow_from_the_committed_runs() -> None:
    results = of_the_report()
    for name in ("evaluation", "summary"):
        made = as_csv(getattr(metrics, name)(results))
        assert made == (REPORTED / f"{name}.csv").read_text(), name


def test_the_search_lists_each_fold_with_its_rank() -> None:
    folds = {"folds": 2, "epochs": 25, "test_pairs": None}
    results = pd.concat(
        [
            run("mlp", 1000, [accuracy], of=setting("mlp", rate), fold=fold, **folds)
            for rate, accuracies in ((1e-4, (0.6, 0.7)), (1e-3, (0.7, 0.9)))
            for fold, accuracy in enumerate(accuracies)
        ],
        ignore_index=True,
    )
    table = metrics.search(results)
    assert table["rank"].tolist() == [1, 1, 2, 2]
    assert table["learning_rate"].tolist() == [1e-3, 1e-3, 1e-4, 1e-4]
    assert table["mean_accuracy"].tolist() == [0.8, 0.8, 0.65, 0.65]
    assert table["fold"].tolist() == [0, 1, 0, 1]
    assert set(table["family"]) <= FAMILIES.keys()


def test_the_headline_has_no_mean_where_no_run_finished() -> None:
    results = pd.concat([fifteen(), run("convnet", 0, [0.4], "diverged")], ignore_index=True)
    headline = metrics.headline(metrics.summary(results), "mnist")
    assert headline["mlp"] == {"best_mean": 0.8, "final_mean": 0.8}
    assert headline["convnet"] == {"best_mean": None, "final_mean": None, "diverged": 1}
