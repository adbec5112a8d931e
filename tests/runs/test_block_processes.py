"""Runs of a block in any company: side by side, in several processes, by the code as it is now."""

import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from torch import nn

from digitpairs import identity
from digitpairs.errors import UserError
from digitpairs.models.counts import parameters_of
from digitpairs.models.registry import FAMILIES
from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import BY_THE_PAPER, parts
from digitpairs.runs import batches, block
from digitpairs.runs.blockfile import Block
from digitpairs.runs.collect import collect
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.provenance import ENGINES, PLAIN
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import loop, streams
from nets import stack_of
from recorded import results

ALONE = ModelSpec("siamese_mlp", (1,))  # not stacked: each run is a batch of its own
Train = Callable[..., list[dict[str, Any]]]
Plan = Callable[[RunSpec], PlannedRun]


def test_runs_side_by_side_are_the_same_as_one_after_another(
    train: Train, planned: Plan, mlp_run: RunSpec, said: list[str]
) -> None:
    runs = [planned(replace(mlp_run, model=ALONE, seed=seed)) for seed in range(2)]
    side_by_side = train(runs, threads=2)
    assert multiprocessing.active_children() == []
    for run in runs:
        Path(run.path).unlink()
    assert results(train(runs)) == results(side_by_side)
    assert len(said) == 4


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 1, 3, 0, 2], [2, 3]])
def test_a_run_is_the_same_in_any_company_and_order(
    order: list[int], train: Train, planned: Plan, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    models = [
        ModelSpec("siamese_convnet", (8,), (8, 4), shared=True),
        ModelSpec("mlp", (13,)),
        ModelSpec("convnet", (8,), (4, 8)),
        ModelSpec("siamese_convnet", (8,), (8, 4), shared=True),
        ModelSpec("mlp", (13,)),
    ]
    block_of = [
        planned(replace(mlp_run, model=model, seed=seed, learning_rate=10.0**-seed))
        for seed, model in enumerate(models)
    ]
    records = train([block_of[at] for at in order])
    for at, record in zip(order, records, strict=True):
        run = block_of[at].spec
        (alone,) = loop.train([run], {run.seed: sets}).histories
        assert (record["status"], record["epochs"]) == (alone.status, alone.epochs)
    engines = [record["provenance"]["engine"] for record in records]
    assert [engine == "stacked" for engine in engines] == [at in (1, 4) for at in order]


def test_layers_that_draw_do_so_from_the_runs_own_seed(
    train: Train, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    net_of = streams.net_of

    def with_dropout(spec: ModelSpec) -> Any:
        net: Any = net_of(spec)
        net.branch.insert(3, nn.Dropout())
        return net

    for module in (streams, batches):
        monkeypatch.setattr(module, "net_of", with_dropout)
    together = results(train(runs))
    for run in runs:
        Path(run.path).unlink()
    torch.manual_seed(5)
    assert results(train(runs[::-1]))[::-1] == together
    assert train(runs)[0]["provenance"]["engine"] == ENGINES[PLAIN]
    assert "by its own modules" in block.note(PLAIN)


def test_a_net_with_options_is_trained_alone_and_recorded(
    train: Train, planned: Plan, mlp_run: RunSpec
) -> None:
    """With dropout, which draws from the run's own seed, and digit read-outs."""
    stack = stack_of({"layers": [{"channels": 4, "pool": "max", "dropout": 0.5}], "head": False})
    runs = [planned(replace(mlp_run, model=stack, seed=seed)) for seed in range(2)]
    records = train(runs)
    assert [record["provenance"]["engine"] for record in records] == [ENGINES["Fused"]] * 2
    for record in records:
        assert record["epochs"]["posterior_accuracy"] == record["epochs"]["test_accuracy"]
    first = results(records)
    for run in runs:
        Path(run.path).unlink()
    assert results(train(runs[::-1]))[::-1] == first
    frame = collect(runs, records)
    assert set(frame["options"]) == {stack.options}
    assert set(frame["parameters"]) == {parameters_of(stack)}


def test_code_that_was_edited_since_a_run_was_planned_trains_nothing(
    train: Train, runs: list[PlannedRun]
) -> None:
    other = [replace(run, spec=replace(run.spec, code="0" * 20)) for run in runs]
    with pytest.raises(UserError, match="edited while this job started"):
        train(other)
    assert not Path("data/runs").exists()


def test_code_is_in_memory_before_it_is_held_against_the_files(
    runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else an edit in between would be checked as it was, and run as it is."""
    done: list[str] = []
    monkeypatch.setattr(block, "imported", done.append)
    monkeypatch.setattr(block, "check_unchanged", lambda *of: done.append("checked"))
    block.check_code.cache_clear()
    block.check_code(FAMILIES["mlp"], BY_THE_PAPER, runs[0].spec.code)
    block.check_code.cache_clear()
    assert done == ["models/mlp.py", *parts(BY_THE_PAPER), "checked"]


def test_code_is_held_against_the_files_as_they_are_now(
    train: Train, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not against what was remembered of them when the run was planned."""
    assert FAMILIES["mlp"].code(BY_THE_PAPER) == runs[0].spec.code
    block.check_code.cache_clear()
    essence = identity.essence

    def edited(tree: Any, file: Path) -> Any:
        body, used = essence(tree, file)
        return [*body, "edited"], used

    with monkeypatch.context() as patch:
        patch.setattr(identity, "essence", edited)
        with pytest.raises(UserError, match="edited while this job started"):
            train(runs)
    identity.fingerprint.cache_clear()
    identity.module_digest.cache_clear()
    assert len(train(runs)) == len(runs)


JOB = """
import sys
from pathlib import Path
from digitpairs.runs import blockfile
from digitpairs.runs.block import train_block

train_block(blockfile.read(Path("block.json")), 2, lambda line: print(line, flush=True))
"""


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Which processes still do something: one that nobody has asked for yet is a zombie."""
    return [
        process
        for process in processes
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def test_a_job_that_is_killed_leaves_no_workers(
    train: Train, planned: Plan, mlp_run: RunSpec
) -> None:
    """By SIGKILL, half-way: two runs are done, and each of two workers trains a long one."""
    epochs = (1, 1, 10**6, 10**6)
    runs = [
        planned(replace(mlp_run, model=ALONE, epochs=count, seed=seed))
        for seed, count in enumerate(epochs)
    ]
    Path("block.json").write_text(json.dumps(asdict(Block(runs, "cpu", 1))), encoding="utf-8")
    job = subprocess.Popen([sys.executable, "-c", JOB], stdout=subprocess.PIPE, text=True)
    workers: list[psutil.Process] = []
    try:
        assert job.stdout
        assert ["accuracy" in job.stdout.readline() for _ in range(2)] == [True, True]
        workers = psutil.Process(job.pid).children(recursive=True)
        assert len(living(workers)) >= 2
        job.kill()
        job.wait()
        latest = time.monotonic() + 20
        while living(workers) and time.monotonic() < latest:
            time.sleep(0.1)
        assert living(workers) == []
    finally:
        for process in [job, *living(workers)]:
            process.kill()
        job.communicate()
