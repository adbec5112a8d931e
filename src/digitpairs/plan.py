"""Params to runs: every run's full spec and where its record lies. Pure: reads and writes nothing.

The runs hang on two things that only the workflow's first steps settle: which digits there are,
and which configuration won each family's search.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeVar

from digitpairs.mnist import Source
from digitpairs.params import SELECTED, Params
from digitpairs.selection import configurations
from digitpairs.spec import PAIR_MODULES, TRAINING_MODULES, ModelSpec, RunSpec, digest, fingerprint
from digitpairs.variants import Setting, published

T = TypeVar("T")

RUNS = PurePosixPath("data/runs")
PAIRS = PurePosixPath("data/pairs")


@dataclass(frozen=True)
class PlannedRun:
    """A run under the name of the variant (or the family searched) that asks for it."""

    name: str
    spec: RunSpec

    @property
    def path(self) -> str:
        """Where the record lies."""
        return str(RUNS / self.spec.recipe / f"{self.spec.member}.json")


def search_runs(params: Params, source: Source) -> list[PlannedRun]:
    """List every fold of every configuration.

    BatchNorm is standard here whatever the protocol: the authors' cross-validation evaluates once
    at the end, so it never froze.
    """
    return [
        PlannedRun(family, spec)
        for family, settings in configurations(params.search).items()
        for setting in settings
        for fold in range(params.search.folds)
        for spec in [
            run_spec(
                params,
                source,
                setting,
                epochs=params.search.epochs,
                batchnorm="standard",
                test_pairs=None,  # a fold is tested on its own
                seed=params.search.seed,
                folds=params.search.folds,
                fold=fold,
            )
        ]
    ]


def evaluation_runs(
    params: Params, source: Source, winners: Mapping[str, Mapping[str, Any]]
) -> list[PlannedRun]:
    """List every seed of every variant, the published ones and the search's winners."""
    settings = published(params) | selected(params, winners)
    return [
        PlannedRun(
            name,
            run_spec(
                params,
                source,
                setting,
                epochs=params.training.epochs,
                batchnorm=params.training.batchnorm,
                test_pairs=params.pairs.test,
                seed=seed,
            ),
        )
        for name, setting in settings.items()
        for seed in range(params.training.seeds)
    ]


def selected(params: Params, winners: Mapping[str, Mapping[str, Any]]) -> dict[str, Setting]:
    """Name the winners that differ from the published variant of their family."""
    settings, known = {}, published(params)
    for family, winner in winners.items():
        if family not in params.search.grids:  # a winner of a search before the params changed
            continue
        model = ModelSpec(family, tuple(winner["hidden"]), tuple(winner["channels"]))
        setting = Setting(model, winner["learning_rate"])
        if setting != known[family]:
            settings[family + SELECTED] = setting
    return settings


def run_spec(params: Params, source: Source, setting: Setting, **protocol: Any) -> RunSpec:
    """Fill in what all runs have in common."""
    return RunSpec(
        model=setting.model,
        learning_rate=setting.learning_rate,
        aux_weight=setting.aux_weight,
        batch_size=params.training.batch_size,
        shuffle=params.training.shuffle,
        train_pairs=params.pairs.train,
        digits=source.identity,
        code=fingerprint(*TRAINING_MODULES),
        **protocol,
    )


def pairs_path(params: Params, source: Source, seed: int) -> str:
    """Where the pair set of a seed lies."""
    identity = digest([params.pairs.model_dump(), source.identity, fingerprint(*PAIR_MODULES)])
    return str(PAIRS / identity / f"seed-{seed}.parquet")


def seeds(params: Params) -> list[int]:
    """List the seeds that need a pair set: the evaluation's, and the search's own."""
    return [*range(params.training.seeds), params.search.seed]


def cut(members: Sequence[T], size: int) -> list[Sequence[T]]:
    """Cut a sequence into blocks of `size`."""
    return [members[start : start + size] for start in range(0, len(members), size)]
