"""What has to hold on a GPU: the self-check, whose lock it is, a run's bits in other company."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import torch

from benchmarks.cases import cases as nets
from benchmarks.cases import drawn
from benchmarks.gpu_row import Row, row
from digitpairs.cluster import gpus
from digitpairs.cluster.gpus import VISIBLE
from digitpairs.runs.plan import STACK
from digitpairs.selfcheck.cases import SIAMESE, Case, cases, full_stack
from digitpairs.selfcheck.check import Train, Verdict, check
from digitpairs.selfcheck.trained import Found, by_training
from digitpairs.spec import RunSpec
from digitpairs.training import loop

HELD = """
import os, torch
from digitpairs.cluster import gpus
gpus.hold(1, lambda line: None)
torch.zeros(1, device="cuda")
print(os.environ.get(gpus.VISIBLE), f"GPU-{torch.cuda.get_device_properties(0).uuid}")
"""
EPOCHS = 2  # of a run whose bits are compared


def self_check(folder: Path, device: str = "cuda") -> Iterator[Row]:
    """Do what is done before the first run of a GPU, and show how near it was.

    Then what takes too long or too much memory there: a full stack of ConvNets, and whether TF32
    would be found.
    """
    start = time.perf_counter()
    verdict = check(device)
    yield row("its seconds", time.perf_counter() - start, "s")
    yield from found_of(verdict)
    yield row(verdict.trouble or "all errors are rounding", not verdict.trouble, "holds")
    yield row(verdict.of_graphs or "graphs can be trusted", not verdict.of_graphs, "holds")
    full = check(device, of=[full_stack("siamese ConvNet, full stack", SIAMESE)])
    yield from found_of(full)
    trouble = full.trouble or full.of_graphs
    yield row(trouble or "a full stack of ConvNets is well", not trouble, "holds")
    yield from finds_tf32(device)


def found_of(verdict: Verdict) -> Iterator[Row]:
    """Say how near each case was."""
    for one in verdict.rows:
        yield row(f"{one.case}: losses against float64", one.losses, "error")
        yield row(f"{one.case}: weights against float64", one.weights, "error")
        if one.draws > 1:
            yield row(f"{one.case}: near enough on draw {one.draws} alone", 0, "note")
        if one.graphs is not None:
            yield row(f"{one.case}: graphs come to the same bits", one.graphs, "holds")
        if one.again is not None:
            yield row(f"{one.case}: its kernels repeat their bits", one.again, "holds")


def finds_tf32(device: str) -> Iterator[Row]:
    """Whether the check finds trouble in each case where products are in TF32."""
    if device == "cuda" and torch.cuda.get_device_capability() < (8, 0):
        yield row("this GPU has no TF32 to be found", 0, "note")
        return
    for case in cases():
        verdict = check(device, in_tf32, [case])
        yield row(f"{case.name}: TF32 is found", bool(verdict.trouble), "holds")


def in_tf32(case: Case, device: str, train: Train = by_training) -> Found:
    """Train a case with TF32 on, where training would turn it off."""
    try:
        with patch.object(loop, "full_precision", tf32):
            return train(case, device)
    finally:
        loop.full_precision()


def tf32() -> None:
    """Do the opposite of `loop.full_precision`."""
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.allow_tf32 = True
    torch.backends.fp32_precision = "tf32"  # type: ignore[attr-defined]


def lock(folder: Path) -> Iterator[Row]:
    """Whether a job trains on the GPU whose lock it holds."""
    if not gpus.listed():
        yield row("skipped: without nvidia-smi jobs lock nothing", 0, "note")
        return
    environment = {key: value for key, value in os.environ.items() if key != VISIBLE}
    command = [sys.executable, "-c", HELD]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    held, used = done.stdout.split()[-2:]
    yield row("a job trains on the GPU whose lock it holds", held == used, "holds")


def company(folder: Path, device: str = "cuda", heights: tuple[int, ...] = ()) -> Iterator[Row]:
    """Whether a run comes to the same bits alone and in stacks: what share of heights agrees."""
    tried = heights or (2, 15, STACK["cuda"])
    for net in nets():
        spec = replace(net.spec, epochs=EPOCHS)
        alone = first_of(spec, 1, device)
        same = [first_of(spec, height, device) == alone for height in tried]
        among = ", ".join(map(str, tried))
        what = f"{net.label}: a run in a stack of {among} has the bits that it has alone"
        yield row(what, sum(same) / len(same), "share", sum(tried) + 1)


def first_of(spec: RunSpec, height: int, device: str) -> dict[str, list[float]]:
    """Train a stack of runs; return the first one's epochs."""
    specs = [replace(spec, seed=seed) for seed in range(height)]
    sets = {seed: drawn(0) for seed in range(height)}
    return loop.train(specs, sets, device).histories[0].epochs
