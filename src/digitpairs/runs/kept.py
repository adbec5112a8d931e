"""Weights that are kept beside records: of teachers, and of nets whose answers are looked at."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.pairs.draw import for_run
from digitpairs.pairs.pairset import PairSet
from digitpairs.runs import weights
from digitpairs.runs.weights import Weights
from digitpairs.spec import RunSpec
from digitpairs.training.preprocess import fitted


def keep(spec: RunSpec, state: Mapping[str, Tensor], sets: dict[str, PairSet]) -> None:
    """Write the weights of a run, which was trained on the pairs of its seed."""
    pixels = for_run(sets, spec)[0].pixels
    constants = fitted(spec.recipe.preprocessing, pixels).constants
    weights.save(Path(paths.kept(spec.path)), spec, state, constants, {})


def read(spec: RunSpec) -> Weights:
    """Read the weights of a run. Raises UserError where they are missing or another run's."""
    file = Path(paths.kept(spec.path))
    if not file.exists():
        raise UserError(f"{file}: missing; give the same `snakemake` command again: it trains them")
    found = weights.load(file)
    if found.spec != spec:
        raise UserError(f"{file}: holds another run than its path says; delete it")
    return found


def teachers_of(spec: RunSpec) -> list[nn.Module]:
    """Read the trained nets that teach a run."""
    return [read(teacher).net() for teacher in spec.taught_by]
