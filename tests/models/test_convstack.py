"""ConvStacks: counts held against torch, residuals, read-outs, and what fits no net."""

import math
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from digitpairs.models import measured
from digitpairs.models.build import net_of
from digitpairs.models.counts import multiply_adds_of, parameters_of
from digitpairs.models.nets import Residual, SharedBranch
from digitpairs.models.registry import options_of
from digitpairs.spec import ModelSpec
from digitpairs.training.measures import posterior_yes
from nets import AT_MOST, STACK, stack_of

BEST: dict[str, Any] = {  # 47,290 parameters
    "layers": [
        {"channels": 24},
        {"channels": 32, "pool": "max"},
        {"channels": 52, "padding": "same"},
        {"channels": 52},
    ],
    "pooling": "mean",
    "head": False,
}

conv_layers = st.fixed_dictionaries(
    {"channels": st.sampled_from([1, 3, 4])},
    optional={
        "kernel": st.sampled_from([1, 3, 5]),
        "padding": st.sampled_from(["same", 0, 1, 2]),
        "batchnorm": st.booleans(),
        "residual": st.integers(0, 3),
        "pool": st.sampled_from(["none", "max"]),
        "dropout": st.sampled_from([0.0, 0.5]),
    },
)
stacks = st.fixed_dictionaries(
    {"layers": st.lists(conv_layers, min_size=1, max_size=4)},
    optional={
        "pooling": st.sampled_from(["none", "mean", "max"]),
        "hidden": st.lists(st.integers(1, 5), max_size=2),
        "dropout": st.sampled_from([0.0, 0.5]),
        "head": st.booleans(),
    },
)


def some_pairs(count: int = 5) -> torch.Tensor:
    return torch.randn(count, 2, 14, 14, generator=torch.Generator().manual_seed(0))


def check_counts(spec: ModelSpec) -> None:
    """Hold both counts against torch's, and see that the net compares pairs."""
    assert parameters_of(spec) == measured.parameters(spec)
    assert multiply_adds_of(spec) == measured.multiply_adds(spec)
    output = net_of(spec)(some_pairs())
    assert output.answer.shape == (5, 2)
    assert output.digits.shape == (5, 2, 10)


@settings(max_examples=60)
@given(stacks)
def test_counts_of_any_stack_are_torchs(options: dict[str, Any]) -> None:
    try:
        spec = stack_of(options)
    except ValueError:
        assume(False)
    check_counts(spec)


same = {"channels": 4, "padding": "same"}


@pytest.mark.parametrize(
    "layers",
    [
        [same, {**same, "residual": 1}],
        [same, same, {**same, "residual": 2}, same, {**same, "residual": 2}],
        [same, {**same, "residual": 1}, {**same, "residual": 2}],  # one in another
        [{**same, "channels": 1, "residual": 1}],  # of the image itself
        [same, same, {**same, "residual": 2, "pool": "max", "dropout": 0.5}, same],
    ],
)
def test_counts_of_stacks_with_residuals_are_torchs(layers: list[dict[str, Any]]) -> None:
    spec = stack_of({"layers": layers, "hidden": [3]})
    check_counts(spec)
    residuals = [part for part in net_of(spec).modules() if isinstance(part, Residual)]
    assert len(residuals) == sum("residual" in layer for layer in layers)


def test_the_best_small_net_is_a_stack() -> None:
    spec = stack_of(BEST)
    assert parameters_of(spec) == 47_290
    assert multiply_adds_of(spec) == 2 * (
        144 * 9 * 24 + 100 * 9 * 24 * 32 + 25 * 9 * 32 * 52 + 9 * 9 * 52 * 52 + 520
    )
    net = net_of(spec)
    assert isinstance(net, SharedBranch)
    assert [type(layer).__name__ for layer in net.branch] == [
        *("Conv2d", "BatchNorm2d", "ReLU"),
        *("Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"),
        *("Conv2d", "BatchNorm2d", "ReLU") * 2,
        *("AdaptiveAvgPool2d", "Flatten", "Linear"),
    ]
    assert all(layer.bias is None for layer in net.branch if isinstance(layer, nn.Conv2d))


def test_a_stack_can_be_the_branch_of_the_papers_siamese_convnet() -> None:
    """But for the convolutions' biases, which BatchNorm takes out again."""
    layers = [{"channels": 128, "pool": "max"}, {"channels": 32, "pool": "max"}]
    paper = ModelSpec("siamese_convnet", (50,), (128, 32), shared=True)
    spec = stack_of({"layers": layers, "hidden": [50]})
    assert parameters_of(spec) == parameters_of(paper) - 128 - 32
    assert multiply_adds_of(spec) == multiply_adds_of(paper)


def test_a_residual_adds_what_came_in_before() -> None:
    net: Any = net_of(stack_of({"layers": [same, same, {**same, "residual": 2}]})).eval()
    first, norm, relu, residual = net.branch[:4]
    inner = [type(layer).__name__ for layer in residual.inside]
    assert inner == ["Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "BatchNorm2d"]
    for weights in residual.parameters():
        nn.init.zeros_(weights)
    given_images = some_pairs()[:, :1]
    x = relu(norm(first(given_images)))
    assert torch.equal(residual(x), x)
    assert x.abs().sum() > 0


def test_both_digits_go_through_one_branch() -> None:
    net = net_of(STACK).eval()
    pairs = some_pairs()
    torch.testing.assert_close(net(pairs.flip(1)).digits, net(pairs).digits.flip(1))
    torch.testing.assert_close(net(pairs).answer, net.head(net(pairs).digits), rtol=0, atol=0)


def test_batchnorm_takes_the_statistics_of_both_digits_together() -> None:
    net: Any = net_of(STACK)
    norm = next(layer for layer in net.branch if isinstance(layer, nn.BatchNorm2d))
    seen = []
    norm.register_forward_pre_hook(lambda layer, given: seen.append(given[0].shape[0]))
    net(some_pairs())
    assert seen == [10]


def test_without_a_head_the_answer_is_that_of_the_posteriors() -> None:
    output = net_of(stack_of(BEST)).double().eval()(some_pairs(50).double())
    at_most = posterior_yes(output.digits, AT_MOST)
    torch.testing.assert_close(output.answer[:, 1].exp(), at_most)
    torch.testing.assert_close(output.answer.exp().sum(1), torch.ones(50).double())


def test_the_gradient_of_a_sure_answer_is_finite() -> None:
    net = net_of(stack_of(BEST))
    nn.init.constant_(net.branch[-1].bias, 0.0)
    with torch.no_grad():
        net.branch[-1].bias[3] = 1e4  # both digits are surely 3
    loss = nn.functional.cross_entropy(net(some_pairs()).answer, torch.ones(5).long())
    loss.backward()
    assert math.isfinite(loss.item())
    assert all(weights.grad.isfinite().all() for weights in net.parameters())


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"layers": []}, "layers: 0 of them: choose 1 to 50"),
        ({"layers": [same] * 51}, "layers: 51 of them: choose 1 to 50"),
        ({}, "layers: missing; it has to be set"),
        ({"layers": [{"channels": 4, "kernel": 2}]}, "layers.0.kernel: 2: Input should be 1, 3 or"),
        ({"layers": [{"channels": 4, "kernel": True}]}, "layers.0.kernel: True: should be no true"),
        (
            {"layers": [{"channels": 4, "padding": 3}]},
            "layers.0.padding: 3: Input should be 'same'",
        ),
        (
            {"layers": [{"channels": 4, "padding": True}]},
            "layers.0.padding: True: should be no true",
        ),
        ({"layers": [{"channels": 0}]}, "layers.0.channels: 0: Input should be greater than or"),
        ({"layers": [{"channels": 4, "dropout": 1}]}, "layers.0.dropout: 1: Input should be less"),
        ({"layers": [{"channels": 4, "pool": "mean"}]}, "layers.0.pool: 'mean': Input should be"),
        ({"layers": [{"channels": 4}], "head": 1}, "head: 1: Input should be a valid boolean"),
        (
            {"layers": [{"channels": 4, "pool": "max"}] * 2 + [{"channels": 4, "kernel": 3}]},
            "layers.2.kernel: 3: is larger than its images, 2×2",
        ),
        (
            {"layers": [{"channels": 4, "pool": "max", "padding": "same"}] * 4},
            "layers.3: leaves no pixel; choose less pool or more padding",
        ),
        (
            {"layers": [same, {**same, "residual": 3}]},
            "layers.1.residual: 3: begins before the first layer; choose at most 2",
        ),
        (
            {"layers": [same, {"channels": 4, "residual": 1}]},
            "layers.1.residual: 1: would add 4×14×14 to 4×12×12; give both the same channels",
        ),
        (
            {"layers": [same, same, same, {**same, "residual": 3}, {**same, "residual": 2}]},
            "layers.4.residual: 2: begins inside of an earlier one; choose a number that takes in",
        ),
    ],
)
def test_what_is_no_stack_gets_one_line(options: dict[str, Any], line: str) -> None:
    with pytest.raises(ValueError, match=r"layers|head") as caught:
        options_of("convstack", options)
    (found,) = str(caught.value).splitlines()
    assert found.startswith(line)
