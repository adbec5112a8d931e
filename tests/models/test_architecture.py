"""What a net's layers cost, held against torch and against counts by hand; weight sharing."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from digitpairs.models.registry import FAMILIES, architecture_of
from digitpairs.spec import ModelSpec
from digitpairs.study.grid import configurations
from digitpairs.study.schema import Params
from digitpairs.study.variants import resolve_all
from nets import net_of

# The paper's Table 3.
PUBLISHED = {
    ModelSpec("mlp", (200, 100)): 98_902,
    ModelSpec("convnet", (400,), (128, 32)): 92_050,
    ModelSpec("siamese_mlp", (150, 100)): 93_622,
    ModelSpec("siamese_mlp", (150, 100), shared=True): 47_962,
    ModelSpec("siamese_convnet", (50,), (128, 32)): 93_214,
    ModelSpec("siamese_convnet", (50,), (128, 32), shared=True): 47_758,
}
size = st.integers(1, 40)


@st.composite
def models(draw: st.DrawFn) -> ModelSpec:
    """A model of any family, of any sizes."""
    name = draw(st.sampled_from([name for name, family in FAMILIES.items() if family.sizes]))
    family = FAMILIES[name]
    return ModelSpec(
        name,
        draw(st.lists(size, min_size=1, max_size=3).map(tuple)),
        draw(st.lists(size, min_size=1, max_size=2).map(tuple))
        if "channels" in family.sizes
        else (),
        draw(st.booleans()) if family.siamese else False,
    )


def in_torch(spec: ModelSpec) -> int:
    """Count a net's trainable parameters as torch has them."""
    with torch.device("meta"):
        net = net_of(spec)
    return sum(weights.numel() for weights in net.parameters() if weights.requires_grad)


def multiply_adds_in_torch(spec: ModelSpec) -> int:
    """Count the multiply-adds of one pair's pass forward as torch does, two operations each."""
    with torch.device("meta"):
        net, pair = net_of(spec).eval(), torch.zeros(1, 2, 14, 14)
    with FlopCounterMode(display=False) as counter:
        net(pair)
    return counter.get_total_flops() // 2


@pytest.mark.parametrize(("spec", "count"), PUBLISHED.items())
def test_published_nets_have_the_papers_parameter_counts(spec: ModelSpec, count: int) -> None:
    assert architecture_of(spec).parameters == count
    assert in_torch(spec) == count


def test_the_params_name_the_published_nets(paper_params: Params) -> None:
    assert {setting.model for setting in resolve_all(paper_params).values()} == set(PUBLISHED)


def test_the_whole_search_grid_has_torchs_parameter_counts(paper_params: Params) -> None:
    search = paper_params.search.model_copy(update={"min_parameters": 1, "max_parameters": 10**9})
    params = paper_params.model_copy(update={"search": search})
    tried = {setting.model for settings in configurations(params).values() for setting in settings}
    assert len(tried) == 64 + 180 + 64 + 180
    assert [model for model in tried if in_torch(model) != architecture_of(model).parameters] == []


@settings(max_examples=25)
@given(models())
def test_parameters_and_multiply_adds_of_any_net_are_torchs(spec: ModelSpec) -> None:
    architecture = architecture_of(spec)
    assert architecture.parameters == in_torch(spec)
    assert architecture.multiply_adds == multiply_adds_in_torch(spec)


@pytest.mark.parametrize(
    ("spec", "by_hand"),
    [
        (ModelSpec("mlp", (20, 10)), 392 * 20 + 20 * 10 + 10 * 2),
        # 3x3 patches at 12x12 pixels, a 2x2 max-pool, then at 4x4 pixels.
        (
            ModelSpec("convnet", (10,), (6, 4)),
            144 * 9 * 2 * 6 + 16 * 9 * 6 * 4 + 2 * 2 * 4 * 10 + 10 * 2,
        ),
        (ModelSpec("siamese_mlp", (20,)), 2 * (196 * 20 + 20 * 10) + 20 * 100 + 100 * 2),
        (
            ModelSpec("siamese_convnet", (10,), (5,)),
            2 * (144 * 9 * 1 * 5 + 6 * 6 * 5 * 10 + 10 * 10) + 20 * 100 + 100 * 2,
        ),
    ],
)
def test_multiply_adds_are_those_counted_by_hand(spec: ModelSpec, by_hand: int) -> None:
    assert architecture_of(spec).multiply_adds == by_hand


@pytest.mark.parametrize(
    "spec",
    [ModelSpec("siamese_mlp", (20,)), ModelSpec("siamese_convnet", (10,), (6, 4))],
)
def test_weight_sharing_saves_a_branchs_parameters_and_no_multiply_adds(spec: ModelSpec) -> None:
    apart, shared = architecture_of(spec), architecture_of(replace(spec, shared=True))
    assert (len(apart.branches), len(shared.branches)) == (2, 1)
    (branch,) = shared.branches
    assert apart.branches == [branch, branch]
    assert apart.head == shared.head
    assert apart.parameters - shared.parameters == sum(layer.parameters for layer in branch)
    assert apart.multiply_adds == shared.multiply_adds


def test_a_naive_net_has_one_branch_and_no_head() -> None:
    architecture = architecture_of(ModelSpec("mlp", (20,)))
    assert len(architecture.branches) == 1
    assert architecture.head == []
