"""Trains each case on a device, kernel by kernel and by graphs, and says what is wrong."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch

from digitpairs.errors import first_line
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
from digitpairs.training.cuda.memory import is_gpu_full
from digitpairs.training.cuda.repeatable import choose_repeatable
from digitpairs.training.engines.choose import engine_for

Train = Callable[[Case, str], Found]

DRAWS = 8  # up to a half of a case's are too far off by chance: all eight once in 250 times


@dataclass(frozen=True)
class Row:
    """What was found of a case: errors of kernels alone; whether graphs came to the same bits.

    `graphs` is None where the case is not recorded. `again` then says whether the same kernels came
    to the same bits a second time. `draws` is how many it took until errors were small enough.
    """

    case: str
    losses: float
    weights: float
    graphs: bool | None = None
    again: bool | None = None
    draws: int = 1


@dataclass(frozen=True)
class Verdict:
    """Why a device is not to be used, or no graphs on it; empty where nothing is wrong."""

    trouble: str
    of_graphs: str
    rows: Sequence[Row] = ()


def check(
    device: str,
    train: Train = by_training,
    of: Sequence[Case] | None = None,
    draws: int = DRAWS,
) -> Verdict:
    """Train all cases, or these. Stops at the first that goes wrong without graphs.

    Raises torch.OutOfMemoryError, which tells nothing of the device.
    """
    choose_repeatable()
    rows: list[Row] = []
    of_graphs = ""
    try:
        for case in cases() if of is None else of:
            row, drawn, found = on_draws(case, device, train, draws)
            wrong = "; ".join(too_far(row))
            if not wrong and recorded(case, device) and not of_graphs:
                of_graphs = graph_trouble(drawn, device, train, found)
                row = replace(row, graphs=not of_graphs)
            elif not wrong:
                wrong = repetition_trouble(drawn, device, train, found)
                row = replace(row, again=not wrong)
            rows.append(row)
            if wrong:
                return Verdict(wrong, of_graphs, rows)
    except RuntimeError as error:
        raise_if_full(error)
        return Verdict(f"{case.name}: {first_line(error)}", of_graphs, rows)
    return Verdict("", of_graphs, rows)


def on_draws(case: Case, device: str, train: Train, draws: int) -> tuple[Row, Case, Found]:
    """Train a case without graphs until it is near enough, on so many draws at most."""
    for draw in range(draws):
        drawn = case.on_draw(draw)
        with eagerly():
            found = train(drawn, device)
        truth = in_float64(drawn)
        errors = loss_error(found, truth), weight_error(found, truth, at_start(drawn))
        row = Row(case.name, *errors, draws=draw + 1)
        if not any(too_far(row)):
            break
    return row, drawn, found


def recorded(case: Case, device: str) -> bool:
    """Whether the steps of a case are recorded as graphs."""
    model = case.specs[0].model
    return bool(engine_for(net_of(model), device, model.task).side_by_side)


def graph_trouble(case: Case, device: str, train: Train, found: Found) -> str:
    """Say what is wrong with graphs: an error, or other numbers than those of kernels alone.

    After an error the next case shows whether kernels still work.
    """
    try:
        with eagerly(False):
            by_graphs = train(case, device)
    except RuntimeError as error:
        raise_if_full(error)
        return f"{case.name}: recording its steps fails: {first_line(error)}"
    if same_bits(by_graphs, found):
        return ""
    return f"{case.name}: CUDA graphs come to other numbers than the same kernels without them"


def repetition_trouble(case: Case, device: str, train: Train, found: Found) -> str:
    """Say whether kernels alone come to other numbers when they are given the same again."""
    with eagerly():
        again = train(case, device)
    if same_bits(again, found):
        return ""
    return f"{case.name}: the same kernels come to other numbers the second time"


def raise_if_full(error: RuntimeError) -> None:
    """Raise torch.OutOfMemoryError where an error comes of a GPU that is full."""
    if is_gpu_full(error):
        raise torch.OutOfMemoryError(first_line(error)) from error


def too_far(row: Row) -> Iterator[str]:
    """Say which errors of a case are larger than they may be; NaN is."""
    for what, error, most in (
        ("losses", row.losses, OF_LOSSES),
        ("weights", row.weights, OF_WEIGHTS),
    ):
        if not error <= most:
            yield f"{row.case}: its {what} are off by {error:.1e} ({most:.0e} may be rounding)"
