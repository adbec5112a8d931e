"""Counts of nets: by a file's own arithmetic without torch, or by torch where it has none."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from added import add_linear, linear
from digitpairs.errors import UserError
from digitpairs.models.build import net_of
from digitpairs.models.counts import check_count, multiply_adds_of, parameters_of
from digitpairs.spec import ModelSpec
from nets import CONVNET, MLP, STACK


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    add_linear(monkeypatch, tmp_path)


def test_torch_counts_a_net_whose_file_does_not() -> None:
    assert parameters_of(linear()) == 392 * 2 + 2
    assert parameters_of(linear(bias=False)) == 392 * 2
    assert multiply_adds_of(linear()) == 392 * 2


def test_counting_draws_no_number() -> None:
    before = torch.get_rng_state()
    assert parameters_of(linear()) + multiply_adds_of(linear()) > 0
    assert torch.equal(torch.get_rng_state(), before)


def test_an_added_net_compares_pairs() -> None:
    output = net_of(linear(bias=False))(torch.zeros(3, 2, 14, 14))
    assert output.answer.tolist() == [[0, 0]] * 3
    assert output.digits is None


@pytest.mark.parametrize("model", [MLP, CONVNET, STACK])
def test_a_count_that_is_not_the_planned_one_is_refused(model: ModelSpec) -> None:
    planned = parameters_of(model)
    check_count(model, planned)
    with pytest.raises(UserError, match=f"has {planned + 1:,} parameters") as caught:
        check_count(model, planned + 1)
    assert f"models/{model.family}.py" in str(caught.value)


PLANNING = """
import sys
from digitpairs.models.counts import multiply_adds_of, parameters_of
from digitpairs.models.registry import FAMILIES, options_of
from digitpairs.spec import ModelSpec

options = options_of("convstack", {"layers": [{"channels": 4, "padding": "same"}], "head": False})
for model in (ModelSpec("mlp", (8,)), ModelSpec("convstack", (), options=options)):
    assert parameters_of(model) > 0 < multiply_adds_of(model)
sys.exit("torch" in sys.modules)
"""


def test_the_nets_that_count_by_themselves_are_planned_without_torch() -> None:
    subprocess.run([sys.executable, "-c", PLANNING], check=True)
