"""The six nets of the paper: sizes, layers, weight sharing."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from digitpairs.models.nets import Naive, Siamese, build
from digitpairs.spec import ModelSpec
from digitpairs.study.grid import configurations
from digitpairs.study.schema import Params

MLP = ModelSpec("mlp", (200, 100))
CONVNET = ModelSpec("convnet", (400,), (128, 32))
SIAMESE_MLP = ModelSpec("siamese_mlp", (150, 100))
SIAMESE_MLP_SHARED = ModelSpec("siamese_mlp", (150, 100), shared=True)
SIAMESE_CONVNET = ModelSpec("siamese_convnet", (50,), (128, 32))
SIAMESE_CONVNET_SHARED = ModelSpec("siamese_convnet", (50,), (128, 32), shared=True)
SMALL_SHARED = ModelSpec("siamese_convnet", (12,), (6, 4), shared=True)

PUBLISHED = {
    MLP: 98_902,
    CONVNET: 92_050,
    SIAMESE_MLP: 93_622,
    SIAMESE_MLP_SHARED: 47_962,
    SIAMESE_CONVNET: 93_214,
    SIAMESE_CONVNET_SHARED: 47_758,
}
size = st.integers(1, 40)
hidden = st.lists(size, min_size=1, max_size=3).map(tuple)
channels = st.lists(size, min_size=1, max_size=2).map(tuple)
dense_specs = st.builds(ModelSpec, st.sampled_from(["mlp", "siamese_mlp"]), hidden)
conv_specs = st.builds(
    ModelSpec, st.sampled_from(["convnet", "siamese_convnet"]), hidden, channels, st.booleans()
)


def trainable(spec: ModelSpec) -> int:
    with torch.device("meta"):
        model = build(spec)
    return sum(weights.numel() for weights in model.parameters() if weights.requires_grad)


def some_pairs() -> torch.Tensor:
    return torch.randn(5, 2, 14, 14, generator=torch.Generator().manual_seed(0))


def layer_names(layers: nn.Sequential) -> list[str]:
    return [type(layer).__name__ for layer in layers]


@pytest.mark.parametrize(("spec", "count"), PUBLISHED.items())
def test_published_nets_have_the_papers_parameter_counts(spec: ModelSpec, count: int) -> None:
    assert spec.parameters == count
    assert trainable(spec) == count


def test_the_params_name_the_published_nets(full_params: Params) -> None:

    assert {setting.model for setting in resolve_all(full_params).values()} == set(PUBLISHED)


def test_parameters_are_counted_right_over_the_whole_search_grid(full_params: Params) -> None:
    search = full_params.search.model_copy(
        update={"min_parameters": 1, "max_parameters": 10**9},
    )
    models = {setting.model for settings in configurations(search).values() for setting in settings}
    assert len(models) == 64 + 180 + 64 + 180
    assert [model for model in models if trainable(model) != model.parameters] == []


@given(st.one_of(dense_specs, conv_specs))
def test_parameters_are_counted_right_for_any_sizes(spec: ModelSpec) -> None:
    assert trainable(spec) == spec.parameters


def test_mlp_is_linear_and_relu_and_ends_in_logits() -> None:
    net = build(MLP)
    assert isinstance(net, Naive)
    assert layer_names(net.branch) == ["Flatten", "Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert net.branch[-1].out_features == 2


def test_convnet_is_conv_batchnorm_relu_maxpool_then_mlp() -> None:
    net = build(CONVNET)
    assert isinstance(net, Naive)
    stage = ["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"]
    assert layer_names(net.branch) == [*stage, *stage, "Flatten", "Linear", "ReLU", "Linear"]
    assert net.branch[0].in_channels == 2


def test_siamese_branch_sees_one_digit_and_ends_in_ten_logits() -> None:
    net = build(SIAMESE_CONVNET)
    assert isinstance(net, Siamese)
    for branch in net.branches:
        assert branch[0].in_channels == 1
        assert isinstance(branch[-1], nn.Linear)
        assert branch[-1].out_features == 10


def test_siamese_head_compares_twenty_logits() -> None:
    net = build(SIAMESE_MLP)
    assert isinstance(net, Siamese)
    assert layer_names(net.head) == ["Linear", "ReLU", "Linear"]
    assert [net.head[0].in_features, net.head[0].out_features] == [20, 100]
    assert net.head[2].out_features == 2


def test_head_sees_the_digit_logits_in_order() -> None:
    net = build(SIAMESE_CONVNET).eval()
    output = net(some_pairs())
    assert torch.equal(output.answer, net.head(output.digits.flatten(1)))


@pytest.mark.parametrize("spec", PUBLISHED)
def test_answers_are_two_logits_and_only_siamese_nets_read_digits(spec: ModelSpec) -> None:
    output = build(spec)(some_pairs())
    assert output.answer.shape == (5, 2)
    assert (output.digits is not None) == spec.siamese
    if output.digits is not None:
        assert output.digits.shape == (5, 2, 10)


@pytest.mark.parametrize(("shared", "branches"), [(True, 1), (False, 2)])
def test_weight_sharing_runs_one_branch_for_both_digits(shared: bool, branches: int) -> None:
    net = build(ModelSpec("siamese_mlp", (8,), shared=shared))
    used = []
    for branch in net.branches:
        branch.register_forward_hook(lambda branch, *_: used.append(id(branch)))
    net(some_pairs())
    assert len(used) == 2
    assert len(set(used)) == branches


def side_gradients(net: nn.Module, side: int) -> list[torch.Tensor]:
    total = net(some_pairs().double()).digits[:, side].sum()
    return list(torch.autograd.grad(total, list(net.branches[0].parameters())))


def test_gradients_reach_the_shared_branch_from_both_digits() -> None:
    net = build(SMALL_SHARED).double().eval()
    for weights in zip(side_gradients(net, 0), side_gradients(net, 1), strict=True):
        assert all(gradient.abs().sum() > 0 for gradient in weights)
    both = net(some_pairs().double()).digits.sum()
    summed = torch.autograd.grad(both, list(net.branches[0].parameters()))
    for total, first, second in zip(
        summed, side_gradients(net, 0), side_gradients(net, 1), strict=True
    ):
        torch.testing.assert_close(total, first + second)


def test_without_sharing_a_digit_reaches_its_own_branch_alone() -> None:
    net = build(SIAMESE_MLP)
    net(some_pairs()).digits[:, 0].sum().backward()
    assert all(weights.grad.any() for weights in net.branches[0].parameters())
    assert not any(weights.grad.any() for weights in net.branches[1].parameters())


@pytest.mark.parametrize("training", [True, False])
def test_swapping_the_digits_swaps_their_logits_under_weight_sharing(training: bool) -> None:
    net = build(SMALL_SHARED).train(training)
    pairs = some_pairs()
    assert torch.equal(net(pairs.flip(1)).digits, net(pairs).digits.flip(1))


def test_swapping_the_digits_does_not_swap_logits_without_sharing() -> None:
    net = build(SIAMESE_MLP)
    pairs = some_pairs()
    assert not torch.allclose(net(pairs.flip(1)).digits, net(pairs).digits.flip(1))
