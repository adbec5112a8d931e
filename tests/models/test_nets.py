"""Nets in torch.nn: their layers, what their branches see, weight sharing."""

import pytest
import torch
from torch import nn

from digitpairs.models.nets import Naive, Posterior, Siamese
from digitpairs.models.registry import family_of
from digitpairs.spec import PAPERS_TASK, ModelSpec
from nets import net_of

MLP = ModelSpec("mlp", (200, 100))
CONVNET = ModelSpec("convnet", (400,), (128, 32))
SIAMESE_MLP = ModelSpec("siamese_mlp", (150, 100))
SIAMESE_MLP_SHARED = ModelSpec("siamese_mlp", (150, 100), shared=True)
SIAMESE_CONVNET = ModelSpec("siamese_convnet", (50,), (128, 32))
SIAMESE_CONVNET_SHARED = ModelSpec("siamese_convnet", (50,), (128, 32), shared=True)
SMALL_SHARED = ModelSpec("siamese_convnet", (12,), (6, 4), shared=True)

ALL = [MLP, CONVNET, SIAMESE_MLP, SIAMESE_MLP_SHARED, SIAMESE_CONVNET, SIAMESE_CONVNET_SHARED]


def some_pairs() -> torch.Tensor:
    return torch.randn(5, 2, 14, 14, generator=torch.Generator().manual_seed(0))


def layer_names(layers: nn.Sequential) -> list[str]:
    return [type(layer).__name__ for layer in layers]


def test_mlp_is_linear_and_relu_and_ends_in_logits() -> None:
    net = net_of(MLP)
    assert isinstance(net, Naive)
    assert layer_names(net.branch) == ["Flatten", "Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert net.branch[-1].out_features == 2


def test_convnet_is_conv_batchnorm_relu_maxpool_then_mlp() -> None:
    net = net_of(CONVNET)
    assert isinstance(net, Naive)
    stage = ["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"]
    assert layer_names(net.branch) == [*stage, *stage, "Flatten", "Linear", "ReLU", "Linear"]
    assert net.branch[0].in_channels == 2


def test_siamese_branch_sees_one_digit_and_ends_in_ten_logits() -> None:
    net = net_of(SIAMESE_CONVNET)
    assert isinstance(net, Siamese)
    for branch in net.branches:
        assert branch[0].in_channels == 1
        assert isinstance(branch[-1], nn.Linear)
        assert branch[-1].out_features == 10


def test_siamese_head_compares_twenty_logits() -> None:
    net = net_of(SIAMESE_MLP)
    assert isinstance(net, Siamese)
    assert layer_names(net.head) == ["Linear", "ReLU", "Linear"]
    assert [net.head[0].in_features, net.head[0].out_features] == [20, 100]
    assert net.head[2].out_features == 2


def test_head_sees_the_digit_logits_in_order() -> None:
    net = net_of(SIAMESE_CONVNET).eval()
    output = net(some_pairs())
    assert torch.equal(output.answer, net.head(output.digits.flatten(1)))


@pytest.mark.parametrize("spec", ALL)
def test_answers_are_two_logits_and_only_siamese_nets_read_digits(spec: ModelSpec) -> None:
    output = net_of(spec)(some_pairs())
    assert output.answer.shape == (5, 2)
    assert (output.digits is not None) == family_of(spec).siamese
    if output.digits is not None:
        assert output.digits.shape == (5, 2, 10)


@pytest.mark.parametrize(("shared", "branches"), [(True, 1), (False, 2)])
def test_weight_sharing_runs_one_branch_for_both_digits(shared: bool, branches: int) -> None:
    net = net_of(ModelSpec("siamese_mlp", (8,), shared=shared))
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
    net = net_of(SMALL_SHARED).double().eval()
    for weights in zip(side_gradients(net, 0), side_gradients(net, 1), strict=True):
        assert all(gradient.abs().sum() > 0 for gradient in weights)
    both = net(some_pairs().double()).digits.sum()
    summed = torch.autograd.grad(both, list(net.branches[0].parameters()))
    for total, first, second in zip(
        summed, side_gradients(net, 0), side_gradients(net, 1), strict=True
    ):
        torch.testing.assert_close(total, first + second)


def test_without_sharing_a_digit_reaches_its_own_branch_alone() -> None:
    net = net_of(SIAMESE_MLP)
    net(some_pairs()).digits[:, 0].sum().backward()
    assert all(weights.grad.any() for weights in net.branches[0].parameters())
    assert not any(weights.grad.any() for weights in net.branches[1].parameters())


@pytest.mark.parametrize("training", [True, False])
def test_swapping_the_digits_swaps_their_logits_under_weight_sharing(training: bool) -> None:
    net = net_of(SMALL_SHARED).train(training)
    pairs = some_pairs()
    assert torch.equal(net(pairs.flip(1)).digits, net(pairs).digits.flip(1))


def test_swapping_the_digits_does_not_swap_logits_without_sharing() -> None:
    net = net_of(SIAMESE_MLP)
    pairs = some_pairs()
    assert not torch.allclose(net(pairs.flip(1)).digits, net(pairs).digits.flip(1))


def test_what_the_answers_are_goes_where_a_head_goes_and_is_not_learned() -> None:
    """A CUDA graph copies nothing from the CPU."""
    head = Posterior(PAPERS_TASK)
    assert list(head.parameters()) == []
    assert head.state_dict() == {}
    assert [buffer.device.type for buffer in head.to("meta").buffers()] == ["meta"]
    assert head(torch.zeros(5, 2, 10, device="meta")).shape == (5, 2)
