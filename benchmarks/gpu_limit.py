"""Where a GPU's time goes, and how far it is to what the GPU can do."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from benchmarks import tables
from benchmarks.cases import Case, cases, drawn
from benchmarks.gpu_row import Row, row
from benchmarks.gpu_runs import planned
from digitpairs.runs import pace
from digitpairs.runs.plan import STACK
from digitpairs.training import loop

PROFILED = ("Siamese ConvNet, WS, λ = 1", "MLP")
EPOCHS, TOP = 3, 8
SIDES = (128, 256, 512, 1024)  # of the matrices of a batched product
TIMES = 20


def kernels(folder: Path, device: str = "cuda", runs: int = 0) -> Iterator[Row]:
    """Name the kernels that take most of a stack's time, and how long no kernel runs."""
    for case in cases():
        if case.label in PROFILED:
            yield from of_stack(case, device, runs or STACK["cuda"])


def of_stack(case: Case, device: str, runs: int) -> Iterator[Row]:
    """Train a stack for some epochs under torch's profiler."""
    from torch.profiler import ProfilerActivity, profile

    specs = [replace(case.spec, seed=seed, epochs=EPOCHS) for seed in range(runs)]
    sets = {spec.seed: drawn(0) for spec in specs}
    loop.train(specs[:1], sets, device)  # what is done once a process is not looked at
    activity = ProfilerActivity.CUDA if device == "cuda" else ProfilerActivity.CPU
    start = time.perf_counter()
    with profile(activities=[activity]) as found:
        loop.train(specs, sets, device)
    wall = time.perf_counter() - start
    which = "self_device_time_total" if device == "cuda" else "self_cpu_time_total"
    events = [(str(event.key), float(getattr(event, which))) for event in found.key_averages()]
    yield row(f"{case.label}: wall of {EPOCHS} epochs", wall, "s", runs)
    yield from largest(case.label, events, wall * 1e6)


def largest(label: str, events: Sequence[tuple[str, float]], wall: float) -> Iterator[Row]:
    """Share of the kernels' time that the largest take; share of the wall in which one runs."""
    total = sum(spent for _, spent in events)
    if not total:
        raise LookupError(f"{label}: the profiler saw no kernel")
    yield row(f"{label}: a kernel runs", total / wall, "share")
    for name, spent in sorted(events, key=lambda event: -event[1])[:TOP]:
        short = name.replace("|", "/")[:90]
        yield row(f"{label}: `{short}`", spent / total, "share")


def limit(folder: Path, device: str = "cuda", sides: Sequence[int] = SIDES) -> Iterator[Row]:
    """Counted work of all runs a second, against the fastest batched product of float32."""
    loop.full_precision()
    paces = {side: product(side, STACK["cuda"], device) for side in sides}
    side, peak = max(paces.items(), key=lambda one: one[1])
    yield row(f"batched products of float32, {side}x{side}", peak, "pace")
    table = tables.read("gpu")
    trained = None if table is None else table[table["part"] == "training"]
    if trained is None or trained.empty or (trained["unit"] != "s").any():
        raise LookupError("the part training was not measured")
    yield from against(peak, float(trained["value"].sum()))


def against(peak: float, seconds: float) -> Iterator[Row]:
    """Say what the runs would take at the peak, and what share of it they reach."""
    work = sum(pace.work(one.spec, one.spec.epochs)[1] for one in planned())
    yield row("all runs at that pace: no less can be had", work / peak, "s", len(planned()))
    yield row("share of that pace that training reaches", work / peak / seconds, "share")


def product(side: int, runs: int, device: str) -> float:
    """Multiply-adds a second of a product of so many square matrices."""
    left, right, out = (torch.rand(runs, side, side, device=device) for _ in range(3))
    done: Any = torch.cuda.synchronize if device == "cuda" else lambda: None
    torch.bmm(left, right, out=out)
    done()
    start = time.perf_counter()
    for _ in range(TIMES):
        torch.bmm(left, right, out=out)
    done()
    return float(TIMES * runs * side**3 / (time.perf_counter() - start))
