"""Any net of conv layers on a CPU: by its own modules, but with less to read and write.

BatchNorm, the ReLU after it and a 2x2 max-pool after that are one (norm_relu.py), and images lie
with channels last from the first conv layer on. All other layers are called as they are. The engine
holds no parameters: it reads those of the modules.
"""

import copy
import ctypes
from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor, nn

from digitpairs.models.nets import Output, Residual, SharedBranch
from digitpairs.training.engines.norm_relu import NormRelu
from digitpairs.training.engines.plain import OneNet
from digitpairs.training.engines.stacked import usual

CONTAINERS = (SharedBranch, Residual)
KNOWN = (*CONTAINERS, nn.Sequential)  # modules with others inside
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # malloc.h
LARGEST, MOST_KEPT = 2**25, 2**31 - 1  # bytes, the most that glibc takes
AT_A_TIME = 50  # pairs of a test that go through a net together: few enough for a CPU's cache


class ChannelsLast(nn.Module):
    """A convolution whose images lie with channels last before and after it."""

    def __init__(self, conv: nn.Conv2d) -> None:
        """Take the convolution."""
        super().__init__()
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        """Convolve images (n, channels, height, width)."""
        if x.shape[1] == 1:  # in memory both orders are the same, and torch takes it for the other
            x = x.reshape(*x.shape[:1], *x.shape[2:], 1).permute(0, 3, 1, 2)
        given: Tensor = self.conv(x.contiguous(memory_format=torch.channels_last))
        return given


class NormReluPool(nn.Module):
    """A BatchNorm, its ReLU and perhaps a max-pool."""

    def __init__(self, norm: nn.BatchNorm2d, pooled: bool) -> None:
        """Take the BatchNorm, and whether a max-pool follows."""
        super().__init__()
        self.norm, self.pooled = norm, pooled

    def forward(self, x: Tensor) -> Tensor:
        """Take images (n, channels, height, width)."""
        y = x.permute(0, 2, 3, 1).contiguous()
        z: Tensor = NormRelu.apply(y, self.norm.weight, self.norm.bias, self.norm, self.pooled)
        return z.permute(0, 3, 1, 2)


class Fused(OneNet):
    """The forward pass of one net with conv layers, on the CPU, in its modules' dtype."""

    def __init__(self, models: Sequence[nn.Module]) -> None:
        """Derive a net that shares the parameters of the one net, for which `knows` has to hold."""
        super().__init__(models)
        keep_memory()
        self.net = fused(self.model)

    @staticmethod
    def knows(model: nn.Module) -> bool:
        """Whether a net has one branch for both digits, and in it a BatchNorm to fuse.

        A module that is not known may look into those inside of it, which have to stay, then.
        """
        return (
            type(model) is SharedBranch
            and all(type(part) in KNOWN for part in model.modules() if part._modules)
            and any(type(part) is NormReluPool for part in fused(model).modules())
        )

    def train(self, mode: bool) -> None:
        """Set the modules' mode."""
        super().train(mode)
        self.net.train(mode)

    def inputs(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return images (1, n, 2, channels, side, side) as a net takes them."""
        return (images.flatten(2, 3),)

    def __call__(self, images: Tensor) -> Output:
        """Compare pairs (1, n, 2 * channels, side, side)."""
        parts = images[0].split(len(images[0]) if self.model.training else AT_A_TIME)
        answers, digits = zip(*map(self.net, parts), strict=True)
        return Output(torch.cat(answers)[None], torch.cat(digits)[None])


@cache
def keep_memory() -> None:
    """Have glibc keep what this process frees, for the next layer that is as large.

    It would hand it back to the system and soon ask for it again, and the system clears each page:
    a fifth of a run's time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not on a Mac
    if mallopt:
        mallopt(MMAP_THRESHOLD, LARGEST)
        mallopt(TRIM_THRESHOLD, MOST_KEPT)


def fused(module: nn.Module) -> nn.Module:
    """Copy what modules are made of, with layers fused; parameters and buffers are shared."""
    if type(module) is nn.Conv2d:
        return ChannelsLast(module)
    if type(module) is nn.Sequential:
        return nn.Sequential(*map(fused, grouped(list(module))))
    if type(module) not in CONTAINERS:
        return module
    copied = copy.copy(module)
    copied._modules = {name: fused(child) for name, child in module.named_children()}
    return copied


def grouped(layers: list[nn.Module]) -> list[nn.Module]:
    """Put one layer in place of each BatchNorm, ReLU and max-pool that stand in a row."""
    found: list[nn.Module] = []
    while layers:
        first, *layers = layers
        if isinstance(first, nn.BatchNorm2d) and usual(first) and begins(layers, nn.ReLU):
            pooled = begins(layers[1:], nn.MaxPool2d) and usual(layers[1])
            layers = layers[2 if pooled else 1 :]
            first = NormReluPool(first, pooled)
        found.append(first)
    return found


def begins(layers: list[nn.Module], kind: type[nn.Module]) -> bool:
    """Whether the first of some layers is of a kind."""
    return bool(layers) and type(layers[0]) is kind
