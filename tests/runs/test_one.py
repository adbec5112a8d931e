"""A run trained by itself is the study's run, to the bit; its weights answer as it did."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from digitpairs import paths
from digitpairs.digits.fetch import fetch
from digitpairs.digits.source import known_source
from digitpairs.errors import UserError
from digitpairs.pairs.draw import draw_sets
from digitpairs.pairs.pairset import PairSet
from digitpairs.runs import block, one, pair_sets, plan, store, weights
from digitpairs.runs.blockfile import Block
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.teachers import teachers_of, with_teachers
from digitpairs.spec import result_digest
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from digitpairs.training.preprocess import Fitted
from nets import AT_MOST, as_pairs
from searched import STACK, STUDENT

TUNED = {
    "base": "siamese_mlp_shared",
    "learning_rate": 1e-3,
    "preprocessing": "deskewed",
    "optimizer": {"name": "sgd", "momentum": 0.9},
    "augmentation": {"affine": {"shift": 1}, "swap": 0.5},
    "training": {"pairs": 150},
}


VARIED = {"base": "mlp", "training": {"varies": "order"}}


@pytest.fixture
def params(content: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    """The quick params and one more variant, in a folder with digits."""
    monkeypatch.chdir(tmp_path)
    content["variants"] |= {"tuned": TUNED, "varied": VARIED, "stack": STACK, "student": STUDENT}
    content["execution"]["device"] = "cpu"
    fetch(paths.RAW, "embedded", None, lambda line: None)
    return check(content)


def planned(params: Params, variant: str, seed: int) -> PlannedRun:
    runs = plan.evaluation_runs(params, known_source(), {})
    return next(run for run in runs if (run.name, run.spec.seed) == (variant, seed))


def sets_of(params: Params, seed: int) -> dict[str, PairSet]:
    pools = pair_sets.load_pools(params, known_source())
    return draw_sets(pools, params.pairs.counts, seed)


@pytest.mark.parametrize("variant", ["mlp", "siamese_convnet_shared", "tuned", "varied"])
def test_it_is_the_run_that_a_block_trains_and_its_weights_answer_alike(
    variant: str, params: Params, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, file = planned(params, variant, 1), Path("net.safetensors")
    pair_sets.draw_all(params, known_source(), pair_sets.load_pools(params, known_source()))
    others = [planned(params, variant, seed) for seed in (0, 2)]
    block.train_block(Block([others[0], run, others[1]], "cpu", 1), 1, said.append)
    said.clear()
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    one.train_one(params, run, file, said.append)
    assert torch.backends.cudnn.deterministic
    assert not any(line.startswith("WARNING") for line in said)  # the record has the same numbers
    kept, record = weights.load(file), store.read(Path(run.path), run.spec)
    assert kept.spec == run.spec
    test = sets_of(params, 0 if variant == "varied" else 1)["test"]
    images = Fitted(run.spec.recipe.preprocessing, kept.constants)(test.pixels)
    with torch.no_grad():
        said_so = kept.net()(as_pairs(torch.from_numpy(images))).answer.argmax(-1).numpy()
    assert (said_so == test.target(AT_MOST)).mean() == record["epochs"]["test_accuracy"][-1]
    assert kept.about["many_pairs_accuracy"] == str(record["measures"]["many_pairs_accuracy"])


def test_a_student_by_itself_has_its_teachers_trained_first_and_once(
    params: Params, said: list[str]
) -> None:
    run = planned(params, "student", 0)
    one.train_one(params, run, Path("net.safetensors"), said.append)
    first = [line for line in said if "teacher" in line]
    assert first == [
        "student: training its teacher seed-0 first",
        "student: training its teacher seed-0-copy-1 first",
    ]
    said.clear()
    one.train_one(params, run, Path("again.safetensors"), said.append)
    assert not any("teacher" in line for line in said)  # their weights are kept
    assert Path("again.safetensors").read_bytes() == Path("net.safetensors").read_bytes()

    pair_sets.draw_all(params, known_source(), pair_sets.load_pools(params, known_source()))
    for teacher in teachers_of([run]):
        Path(paths.kept(teacher.path)).unlink()
    runs = with_teachers([run])
    block.train_block(Block(runs[:-1], "cpu", 1), 1, said.append)
    block.train_block(Block(runs[-1:], "cpu", 1), 1, said.append)
    said.clear()
    one.train_one(params, run, Path("net.safetensors"), said.append)
    assert said[-1].endswith("all its numbers are the same to the bit")


def test_a_teacher_is_not_trained_by_other_code_than_its_students_spec_says(
    params: Params, said: list[str]
) -> None:
    run = planned(params, "student", 0)
    (teacher,) = run.spec.teachers
    edited = replace(run.spec, teachers=(replace(teacher, code="of before"),))
    with pytest.raises(UserError, match="the code was edited"):
        one.train_one(params, replace(run, spec=edited), Path("net.safetensors"), said.append)
    assert not list(paths.RUNS.rglob("*.safetensors"))


def test_a_record_with_other_numbers_is_said(params: Params, said: list[str]) -> None:
    run = planned(params, "mlp", 0)
    one.train_one(params, run, Path("net.safetensors"), said.append)
    assert not any("WARNING" in line for line in said)
    content = {"status": "finished", "epochs": {"test_accuracy": [0.5]}, "measures": {}}
    record = {**content, "provenance": {"device": "abacus"}}
    store.write(Path(run.path), run.spec, record)
    assert result_digest(run.spec, record)
    one.train_one(params, run, Path("net.safetensors"), said.append)
    assert any("has other numbers: it was computed on abacus" in line for line in said)


def test_a_folder_that_is_not_there_is_named_before_anything_is_trained(params: Params) -> None:
    with pytest.raises(UserError, match=r"absent/net\.safetensors: there is no such folder"):
        one.train_one(params, planned(params, "mlp", 0), Path("absent/net.safetensors"), print)


def test_a_run_that_diverges_leaves_no_file(params: Params, said: list[str]) -> None:
    hot = params.model_copy(
        update={
            "variants": {
                **params.variants,
                "tuned": params.variants["tuned"].model_copy(
                    update={"learning_rate": 1.0, "aux_weight": 1e9}
                ),
            }
        }
    )
    with pytest.raises(UserError, match="not written: the run diverged"):
        one.train_one(hot, planned(hot, "tuned", 0), Path("net.safetensors"), said.append)
    assert not Path("net.safetensors").exists()
