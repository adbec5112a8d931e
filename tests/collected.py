"""Collected results of runs that nobody trained: accuracies as a test needs them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from digitpairs.digits.source import Source
from digitpairs.models.registry import FAMILIES
from digitpairs.runs import collect, plan
from digitpairs.runs.plan import PlannedRun, Winners
from digitpairs.spec import ModelSpec, RunSpec, Setting
from digitpairs.study.schema import Params

MNIST = Source("mnist", "0123456789ab")
PROVENANCE = {
    "device": "abacus",
    "engine": "beads",
    "threads": 1,
    "python": "3.11.0",
    "torch": "2.0",
    "numpy": "1.0",
    "numba": "0.5",
}
MODELS = {
    "mlp": ModelSpec("mlp", (200, 100)),
    "convnet": ModelSpec("convnet", (400,), (128, 32)),
    "siamese_mlp": ModelSpec("siamese_mlp", (150, 100)),
    "siamese_convnet": ModelSpec("siamese_convnet", (50,), (128, 32)),
}
PAPER: dict[str, Any] = {  # the protocol, but for the number of seeds
    "epochs": 50,
    "batch_size": 100,
    "batchnorm": "standard",
    "shuffle": True,
    "train_pairs": 1000,
    "test_pairs": 1000,
    "digits": MNIST.identity,
    "code": "0" * 20,
}
# Two seeds each, three epochs.
ACCURACIES = {"mlp": [[0.6, 0.8, 0.7], [0.5, 0.6, 0.9]], "siamese_convnet": [[0.7, 0.8, 0.8]] * 2}


def setting(
    name: str, learning_rate: float = 1e-4, aux_weight: float = 0.0, **model: Any
) -> Setting:
    """A published net, and what of it is another."""
    return Setting(replace(MODELS[name], **model), learning_rate, aux_weight)


def run(
    name: str,
    seed: int,
    accuracies: Sequence[float],
    status: str = "finished",
    of: Setting | None = None,
    provenance: dict[str, Any] | None = None,
    **protocol: Any,
) -> pd.DataFrame:
    """One run's rows; without a setting it is the published net of that name."""
    trained = of or setting(name)
    spec = RunSpec(
        model=trained.model,
        learning_rate=trained.learning_rate,
        aux_weight=trained.aux_weight,
        seed=seed,
        **{**PAPER, **protocol},
    )
    return collected(PlannedRun(name, spec, ""), accuracies, status, provenance)


def collected(
    planned: PlannedRun,
    accuracies: Sequence[float],
    status: str = "finished",
    provenance: dict[str, Any] | None = None,
) -> pd.DataFrame:
    """A planned run's rows, had it come to these test accuracies."""
    count = len(accuracies)
    measures: dict[str, list[float]] = {
        "train_loss": [0.5] * count,
        "test_loss": [0.6] * count,
        "test_accuracy": list(accuracies),
    }
    if FAMILIES[planned.spec.model.family].siamese:
        measures |= {key: list(accuracies) for key in collect.DIGIT_MEASURES}
    record = {"status": status, "epochs": measures, "provenance": provenance or PROVENANCE}
    return collect.collect([planned], [record])


def runs(accuracies: dict[str, list[list[float]]], **changes: Any) -> pd.DataFrame:
    """Rows of several variants: a list for each seed, accuracies by epoch."""
    return pd.concat(
        [
            run(name, seed, by_epoch, **changes)
            for name, seeds in accuracies.items()
            for seed, by_epoch in enumerate(seeds)
        ],
        ignore_index=True,
    )


def fifteen(name: str = "mlp", **changes: Any) -> pd.DataFrame:
    """A variant by the paper's protocol."""
    return runs({name: [[0.7, 0.8]] * 15}, **changes)


def of_params(params: Params, source: Source, winners: Winners) -> dict[str, pd.DataFrame]:
    """Results of all that params plan, by variant, and of the search."""
    rows: dict[str, list[pd.DataFrame]] = {}
    for planned in plan.evaluation_runs(params, source, winners):
        rows.setdefault(planned.name, []).append(collected(planned, [0.7, 0.8, 0.75]))
    for planned in plan.search_runs(params, source):
        rows.setdefault("search", []).append(collected(planned, [0.6, 0.7]))
    return {name: pd.concat(parts, ignore_index=True) for name, parts in rows.items()}


def elsewhere(results: pd.DataFrame, which: Any, **other: str) -> pd.DataFrame:
    """The same results, some rows of which were computed in another place."""
    text = pd.Series([provenance_text(other)] * len(results), index=results.index)
    known = results["provenance"].astype("str")
    return results.assign(provenance=known.where(~which, text))


def provenance_text(other: dict[str, str]) -> str:
    """A provenance as results have it, with some of it another."""
    frame = run("mlp", 0, [0.5], provenance={**PROVENANCE, **other})
    return str(frame["provenance"].iloc[0])
