"""Layers of a net as they ran: what each is, gave and took."""

import torch
from torch import Tensor, nn

from digitpairs.products.figures.traced import INPUT, Layer, trace
from nets import SHARED, STACK, net_of

PAIR = torch.zeros(1, 2, 14, 14)


def kinds(layers: list[Layer]) -> list[str]:
    return [layer.kind for layer in layers]


def test_layers_in_a_row_take_one_from_another() -> None:
    row = nn.Sequential(nn.Flatten(), nn.Linear(392, 3), nn.ReLU())
    layers = trace(row, PAIR)
    assert kinds(layers) == ["Flatten", "Linear", "ReLU"]
    assert [layer.sources for layer in layers] == [(INPUT,), (0,), (1,)]
    assert [layer.shape for layer in layers] == [(392,), (3,), (3,)]
    assert [layer.parameters for layer in layers] == [0, 393 * 3, 0]


def test_a_residual_takes_from_two() -> None:
    layers = trace(net_of(STACK), PAIR)
    (place,) = [at for at, kind in enumerate(kinds(layers)) if kind == "Add"]
    pool = kinds(layers).index("MaxPool2d")
    assert layers[place].sources == (pool, place - 1)
    assert sum(layer.parameters for layer in layers) == sum(
        part.numel() for part in net_of(STACK).parameters()
    )


def test_a_batch_of_both_digits_is_shown_where_it_begins_and_ends() -> None:
    layers = trace(net_of(STACK), PAIR)
    texts = [layer.text for layer in layers if layer.kind == "Batch"]
    assert texts == ["Each of 2", "2 together"]
    assert layers[0].text == "Each of 2"
    assert layers[0].shape == (1, 14, 14)


class Own(nn.Module):
    """A net that calls functions between its layers, one layer twice, and one in place."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(196, 4)

    def forward(self, pairs: Tensor) -> Tensor:
        first, second = (self.layer(pairs[:, at].flatten(1)) for at in (0, 1))
        return torch.cat([first, second.relu_() * 2], 1).log_softmax(dim=1)


def test_functions_between_layers_are_layers() -> None:
    layers = trace(Own(), PAIR)
    assert kinds(layers) == ["Linear", "Linear", "Relu", "Multiply", "Concatenate", "Log softmax"]
    assert [layer.sources for layer in layers] == [
        *((INPUT,), (INPUT,), (1,), (2,)),
        *((0, 3), (4,)),
    ]


def test_a_branch_that_runs_twice_is_shown_twice() -> None:
    layers = trace(net_of(SHARED), PAIR)
    assert kinds(layers).count("Conv2d") == 4
    assert "Concatenate" in kinds(layers)


def test_a_trace_leaves_no_hook_behind() -> None:
    net = net_of(STACK)
    trace(net, PAIR)
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in net.modules())
