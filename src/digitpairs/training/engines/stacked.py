"""Runs of one architecture as one net with one more dimension: the runs'.

Their matrix products become batched ones. Small nets, whose steps are short, gain by it on a CPU,
and all nets on a GPU. No run sees another: a run comes to the same bits in a stack of any size.
"""

import os
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from digitpairs.models.nets import Naive, Output, Siamese

# Else MKL rounds by how an array lies in memory on some processors (AMD's), and a run's place in
# a stack decides about that. MKL reads this at its first product; no other value may stand there.
os.environ["MKL_CBWR"] = "AUTO"
KNOWN = (nn.Flatten, nn.Linear, nn.ReLU, nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d)


class Stacked:
    """The forward pass of R nets that have the same layers; takes and returns (R, n, ...).

    Parameters and buffers lie in `tensors`, with R in front; weights are transposed, so that their
    gradients come out of the matrix product as they lie. The nets themselves stay as they were.
    """

    side_by_side = True

    def __init__(self, models: Sequence[nn.Module]) -> None:
        """Stack nets, for each of which `knows` has to hold."""
        self.net: Any = models[0]
        self.tensors: dict[tuple[nn.Module, str], Tensor] = {}
        for alike in zip(*(model.modules() for model in models), strict=True):
            for name in [*alike[0]._parameters, *alike[0]._buffers]:
                tensor = torch.stack([getattr(layer, name).detach() for layer in alike])
                if name == "weight" and isinstance(alike[0], nn.Linear | nn.Conv2d):
                    tensor = tensor.flatten(2).mT.contiguous()
                trained = name in alike[0]._parameters
                self.tensors[alike[0], name] = tensor.requires_grad_(trained)

        self.normalises = any(isinstance(layer, nn.BatchNorm2d) for layer, _ in self.tensors)

    @staticmethod
    def knows(model: nn.Module) -> bool:
        """Whether a net is made of layers that can be stacked."""
        if type(model) not in (Naive, Siamese):
            return False
        net: Any = model
        parts = [net.branch] if isinstance(net, Naive) else [*net.branches, net.head]
        return all(stackable(part) for part in parts)

    @property
    def parameters(self) -> list[Tensor]:
        """Those of all runs."""
        return [tensor for tensor in self.tensors.values() if tensor.requires_grad]

    @property
    def buffers(self) -> list[Tensor]:
        """Those of all runs."""
        return [tensor for tensor in self.tensors.values() if not tensor.requires_grad]

    def train(self, mode: bool) -> None:
        """Let BatchNorm take a batch's statistics, or those it has kept."""
        self.net.train(mode)

    def weights(self, run: int) -> dict[str, Tensor]:
        """Copy a run's tensors, laid as its modules have them."""
        state = {}
        for place, layer in self.net.named_modules():
            for name, own in [*layer._parameters.items(), *layer._buffers.items()]:
                tensor = self.tensor(layer, name)[run].detach()
                if name == "weight" and isinstance(layer, nn.Linear | nn.Conv2d):
                    tensor = tensor.mT.reshape(own.shape)
                state[f"{place}.{name}"] = tensor.to("cpu", copy=True).contiguous()
        return state

    def inputs(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return images (R, n, 2, channels, side, side) as nets take them."""
        return (images.flatten(2, 3),)

    def __call__(self, images: Tensor) -> Output:
        """Compare pairs (R, n, 2 * channels, side, side): logits (R, n, 2), (R, n, 2, classes)."""
        net = self.net
        if isinstance(net, Naive):
            return Output(self.through(net.branch, images), None)
        if len(net.branches) == 1 and not self.normalises:  # no statistics of a side: in one go
            both = images.unflatten(2, (2, -1)).transpose(1, 2).flatten(1, 2)
            digits = self.through(net.branches[0], both).unflatten(1, (2, -1)).transpose(1, 2)
        else:
            sides = zip((net.branches[0], net.branches[-1]), images.chunk(2, 2), strict=True)
            digits = torch.stack([self.through(branch, side) for branch, side in sides], 2)
        return Output(self.through(net.head, digits.flatten(2)), digits)

    def through(self, layers: Any, x: Tensor) -> Tensor:
        """Pass x (R, n, ...) through a branch or the head."""
        for layer in layers:
            x = self.layer(layer, x)
        return x

    def layer(self, layer: Any, x: Any) -> Any:
        """Pass x through a layer. Images are (R, n, C, h, w) in name, channels last in memory."""
        match layer:
            case nn.Flatten():
                return x.flatten(2)
            case nn.ReLU():
                return x.relu_()  # in place: nothing else needs the product that it takes
            case nn.Linear():
                return torch.baddbmm(
                    self.tensor(layer, "bias")[:, None], x, self.tensor(layer, "weight")
                )
            case nn.Conv2d():
                return self.convolve(layer, x)
            case nn.BatchNorm2d():
                return self.normalise(layer, x)
            case _:  # max-pool 2
                return x.unflatten(4, (-1, 2)).unflatten(3, (-1, 2)).amax((4, 6))

    def tensor(self, layer: nn.Module, name: str) -> Tensor:
        """Look up a parameter or buffer of a layer, of all runs."""
        return self.tensors[layer, name]

    def convolve(self, layer: Any, x: Tensor) -> Any:
        """Multiply all 3x3 patches by the weights."""
        patches = x.permute(0, 1, 3, 4, 2).unfold(2, 3, 1).unfold(3, 3, 1)  # R, n, h, w, C, 3, 3
        flat = patches.flatten(4).flatten(1, 3)
        y = torch.baddbmm(self.tensor(layer, "bias")[:, None], flat, self.tensor(layer, "weight"))
        return y.unflatten(1, patches.shape[1:4]).permute(0, 1, 4, 2, 3)

    def normalise(self, layer: Any, x: Tensor) -> Any:
        """Normalise each channel of each run, and keep its statistics as nn.BatchNorm2d does."""
        if layer.training:
            variance, mean = torch.var_mean(x, (1, 3, 4), correction=0)
            with torch.no_grad():
                count = x.shape[1] * x.shape[3] * x.shape[4]
                self.tensor(layer, "running_mean").lerp_(mean, layer.momentum)
                self.tensor(layer, "running_var").lerp_(
                    variance * (count / (count - 1)), layer.momentum
                )
                self.tensor(layer, "num_batches_tracked").add_(1)
        else:
            mean, variance = self.tensor(layer, "running_mean"), self.tensor(layer, "running_var")
        scale = self.tensor(layer, "weight") * (variance + layer.eps).rsqrt()
        shift = self.tensor(layer, "bias") - mean * scale
        return x * scale[:, None, :, None, None] + shift[:, None, :, None, None]


def stackable(layers: Any) -> bool:
    """Whether a branch or head is a row of layers that can be stacked."""
    kinds = [type(layer) for layer in layers]
    # A ReLU writes over what it is given: that has to be a result that nothing else needs.
    in_place = all(
        before in (nn.Linear, nn.Conv2d, nn.BatchNorm2d)
        for before, kind in pairwise([None, *kinds])
        if kind is nn.ReLU
    )
    return in_place and all(type(layer) in KNOWN and usual(layer) for layer in layers)


def usual(layer: Any) -> bool:
    """Whether a layer has the options that the paper's nets have."""
    if isinstance(layer, nn.Conv2d):
        plain = (layer.stride, layer.padding, layer.dilation, layer.groups)
        return (
            plain == ((1, 1), (0, 0), (1, 1), 1)
            and layer.kernel_size == (3, 3)
            and layer.bias is not None
        )
    if isinstance(layer, nn.BatchNorm2d):
        return layer.affine and layer.track_running_stats and layer.momentum is not None
    if isinstance(layer, nn.MaxPool2d):
        return (layer.kernel_size, layer.stride, layer.padding, layer.dilation) == (2, 2, 0, 1)
    if isinstance(layer, nn.Linear):
        # A product with a vector is another one in torch alone than in a batch: other bits.
        return layer.bias is not None and 1 not in (layer.in_features, layer.out_features)
    return True
