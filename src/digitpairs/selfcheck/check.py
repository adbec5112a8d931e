"""Trains each case on a device, kernel by kernel and by graphs, and says what is wrong."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from digitpairs.models.build import net_of
from digitpairs.selfcheck.cases import Case, cases
from digitpairs.selfcheck.compare import (
    OF_LOSSES,
    OF_WEIGHTS,
    loss_error,
    same_bits,
    weight_error,
)
from digitpairs.selfcheck.trained import Found, at_start, by_training, in_float64
from digitpairs.training.cuda.graphs import eagerly
from digitpairs.training.engines.choose import engine_for

Train = Callable[[Case, str], Found]


@dataclass(frozen=True)
class Row:
    """What was found of a case: errors of kernels alone; whether graphs came to the same bits.

    `graphs` is None where the case is not recorded: its net is trained by its own modules.
    """

    case: str
    losses: float
    weights: float
    graphs: bool | None = None


@dataclass(frozen=True)
class Verdict:
    """Why a device is not to be used, or no graphs on it; empty where nothing is wrong."""

    trouble: str
    of_graphs: str
    rows: Sequence[Row] = ()


def check(device: str, train: Train = by_training, of: Sequence[Case] | None = None) -> Verdict:
    """Train all cases, or these. Stops at the first that goes wrong without graphs.

    Raises torch.OutOfMemoryError, which tells nothing of the device.
    """
    rows: list[Row] = []
    of_graphs = ""
    given = cases() if of is None else of
    try:
        for case in given:
            with eagerly():
                found = train(case, device)
            truth = in_float64(case)
            losses = loss_error(found, truth)
            weights = weight_error(found, truth, at_start(case))
            same = None
            if recorded(case, device) and not of_graphs:
                of_graphs = graph_trouble(case, device, train, found)
                same = not of_graphs
            rows.append(Row(case.name, losses, weights, same))
            if wrong := "; ".join(too_far(rows[-1])):
                return Verdict(wrong, of_graphs, rows)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        return Verdict(f"{case.name}: {first_line(error)}", of_graphs, rows)
    return Verdict("", of_graphs, rows)


def recorded(case: Case, device: str) -> bool:
    """Whether the steps of a case are recorded as graphs."""
    model = case.specs[0].model
    return bool(engine_for(net_of(model), device, model.task).side_by_side)


def graph_trouble(case: Case, device: str, train: Train, found: Found) -> str:
    """Say how training by graphs differs from what kernels alone came to.

    An error of recording is told; whether kernels still work after it shows in the next case.
    """
    try:
        with eagerly(False):
            by_graphs = train(case, device)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        return f"{case.name}: recording its steps fails: {first_line(error)}"
    if same_bits(by_graphs, found):
        return ""
    return f"{case.name}: CUDA graphs come to other numbers than the same kernels without them"


def too_far(row: Row) -> Iterator[str]:
    """Say which errors of a case are larger than they may be; NaN is."""
    for what, error, most in (
        ("losses", row.losses, OF_LOSSES),
        ("weights", row.weights, OF_WEIGHTS),
    ):
        if not error <= most:
            yield f"{row.case}: its {what} are off by {error:.1e} ({most:.0e} may be rounding)"


def first_line(error: RuntimeError) -> str:
    """Shorten what torch says."""
    return (str(error).strip() or repr(error)).splitlines()[0]
