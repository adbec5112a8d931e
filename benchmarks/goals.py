"""The goals: what was to be reached, and where that is read from the measured tables."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.figures import Measured
from benchmarks.stack import A_BATCH, AN_IMAGE
from benchmarks.training import PLAIN, REFERENCE

SIAMESE_CONVNETS = ("Siamese ConvNet, WS, λ = 1", "Siamese ConvNet")
SIAMESE_MLPS = ("Siamese MLP, WS, λ = 1", "Siamese MLP")
NAIVE = ("ConvNet",)
MLP = ("MLP",)


@dataclass(frozen=True)
class Goal:
    """A goal: `values` reads what was reached, nothing where it was not measured.

    `owed` stands in the table until then.
    """

    name: str
    target: str
    bound: float
    at_least: bool
    values: Callable[[Measured], list[float]]
    write: Callable[[float], str]
    owed: str = "–"


def faster(name: str, bound: float, models: tuple[str, ...], against: str) -> Goal:
    """Make the goal that each of these nets trains so many times as fast."""

    def values(found: Measured) -> list[float]:
        return [found.speedup(model, against) for model in models if model in found.models]

    what = f"{name}, against the {against} loop"
    return Goal(what, f"≥ {bound:g}×", bound, True, values, "{:.2f}×".format)


def share(name: str, bound: float, models: tuple[str, ...]) -> Goal:
    """Make the goal that each of these nets attains this share of the peak."""

    def values(found: Measured) -> list[float]:
        return [found.share_of_peak(model) for model in models if model in found.models]

    return Goal(name, f"≥ {percent(bound)}", bound, True, values, percent)


def of_stack(loop: str) -> Goal:
    """Make the goal that a ConvStack with augmentation trains 1.5 times as fast as by a loop."""
    name = f"ConvStack with affine maps, against the plain loop with {loop}"
    values = partial(Measured.stack_speedup, loop=loop)
    return Goal(name, "≥ 1.5×", 1.5, True, values, "{:.2f}×".format)


def within(name: str, bound: float, measure: str) -> Goal:
    """Make the goal that the workflow does something in so many seconds."""
    minutes = bound >= 120
    return Goal(
        name,
        f"≤ {bound / 60:g} min" if minutes else f"≤ {bound:g} s",
        bound,
        False,
        lambda found: found.measure(measure),
        lambda value: f"{value / 60:.1f} min" if minutes else f"{value:.1f} s",
    )


def on_gpu(name: str, bound: float, part: str) -> Goal:
    """Make the goal that a GPU does something in so many seconds."""
    return Goal(
        name,
        f"≤ {bound:g} s",
        bound,
        False,
        lambda found: found.gpu_seconds(part),
        "{:.1f} s".format,
        "owed",
    )


def other_than_training(found: Measured) -> list[float]:
    """Share of the whole paper's CPU time that no run tells of."""
    total = found.measure("whole paper, CPU")
    training = found.measure("whole paper, CPU of training")
    return [1 - part / whole for whole, part in zip(total, training, strict=True)]


def busy(cores: int, bound: float) -> Goal:
    """Make the goal that so many cores train for this share of the time."""
    name = f"Training on {cores} cores, against cores that do nothing else (simulated)"
    values = partial(Measured.of_ideal, cores=cores)
    return Goal(name, f"≥ {percent(bound)}", bound, True, values, percent)


def busy_here(found: Measured) -> list[float]:
    """Share of the time that two cores really trained."""
    alone, window = map(
        found.measure, ("whole paper, seconds of the runs", "whole paper, training")
    )
    return [total / 2 / wall for total, wall in zip(alone, window, strict=True)]


def slowest_start(found: Measured) -> list[float]:
    """CPU seconds of the kind of job that starts most slowly."""
    return sorted(found.starts())[-1:]


def percent(value: float) -> str:
    """Write a share."""
    return f"{100 * value:.0f} %"


GOALS = [
    faster("Siamese ConvNet with and without WS", 6, SIAMESE_CONVNETS, REFERENCE),
    faster("Siamese ConvNet with and without WS", 3.5, SIAMESE_CONVNETS, PLAIN),
    faster("Naive ConvNet", 4, NAIVE, REFERENCE),
    faster("Naive ConvNet", 2.5, NAIVE, PLAIN),
    faster("MLP in a block of 15", 3, MLP, REFERENCE),
    faster("Siamese MLP with and without WS in a block of 15", 4, SIAMESE_MLPS, REFERENCE),
    share("Share of the peak, siamese ConvNet with and without WS", 0.5, SIAMESE_CONVNETS),
    of_stack(AN_IMAGE),
    of_stack(A_BATCH),
    within("Whole paper, 2 free cores", 20 * 60, "whole paper, wall"),
    Goal(
        "Training on 2 cores, against cores that do nothing else (measured)",
        "≥ 94 %",
        0.94,
        True,
        busy_here,
        percent,
    ),
    busy(8, 0.85),
    busy(16, 0.75),
    busy(32, 0.75),
    busy(64, 0.60),
    Goal("Other than training", "≤ 10 %", 0.1, False, other_than_training, percent),
    Goal("CPU in which a job starts", "≤ 2.5 s", 2.5, False, slowest_start, "{:.2f} s".format),
    within("`snakemake` with nothing to do", 6, "nothing to do, snakemake"),
    within("`dvc status` with nothing to do", 3, "nothing to do, dvc status"),
    within("`snakemake -n`, 10,000 runs to train", 30, "large plan, snakemake --dry-run"),
    on_gpu("690 runs on one H100, training only", 30, "training"),
    on_gpu("The same from the command line", 90, "command line"),
]
