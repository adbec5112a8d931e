"""The two conv layers of a ConvNet on a CPU: the same numbers as their modules give, for less work.

The first layer is a kernel (first_layer.py): its BatchNorm is folded into its weights, since the
mean and variance of a linear map of patches follow from the patches' own mean and covariance, and
those are counted once a run. The second is a Winograd convolution F(4x4, 3x3) (Lavin and Gray
2016): its 6x6 input is exactly one tile, so that it is a batched matrix product. The engine holds
no parameters: it reads those of the modules, and autograd and Adam find them there.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import unfold

from digitpairs.models.layers import convolved
from digitpairs.models.nets import Naive, Output, Siamese
from digitpairs.pairs.sizes import SIDE
from digitpairs.training.engines import first_layer, kernels
from digitpairs.training.engines.plain import OneNet
from digitpairs.training.engines.stacked import usual

CONV_LAYERS = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d] * 2
PAIRWISE = {nn.Flatten, nn.Linear, nn.ReLU}  # layers that see one pair at a time
PIXELS = convolved(SIDE) ** 2  # of an image after the first convolution: 144 patches

# Winograd's transforms of a kernel and an output tile, one dimension each.
KERNEL = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]
RESULT = [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]


@cache
def transforms(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Winograd's transforms in two dimensions: of a kernel (36, 9), of an output tile (16, 36)."""
    lines = (torch.tensor(matrix, dtype=torch.float64) for matrix in (KERNEL, RESULT))
    kernel, result = (torch.kron(line, line).to(dtype) for line in lines)
    return kernel, result


class FirstLayer(torch.autograd.Function):
    """Convolution, max-pool, ReLU and Winograd's transform of what comes out.

    Images (sides, n, inputs, 14, 14) to tiles (36, sides, n, C).
    """

    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Take weights (sides, inputs, 9, C) and biases (sides, C)."""
        sides, count, inputs = images.shape[:3]
        tiles = images.new_empty(36, sides, count, bias.shape[1])
        which = torch.empty(tiles.shape, dtype=torch.uint8)
        forward = first_layer.forward_pass(bias.shape[1], inputs)
        call(forward, images, weight, bias, tiles, which)
        ctx.save_for_backward(images, which)
        return tiles

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor, Tensor]:
        """Return the gradients of the weights and biases; images need none."""
        images, which = ctx.saved_tensors
        sides, _, inputs = images.shape[:3]
        channels = which.shape[3]
        weight = images.new_zeros(sides, inputs, 9, channels)
        bias = images.new_zeros(sides, channels)
        backward = first_layer.backward_pass(channels, inputs)
        call(backward, images, which, gradient.contiguous(), weight, bias)
        return None, weight, bias


class Product(torch.autograd.Function):
    """tiles (b, n, C) @ weight (b, C, C2), whose backward pass writes over the tiles."""

    @staticmethod
    def forward(ctx: Any, tiles: Tensor, weight: Tensor) -> Tensor:
        """Multiply."""
        ctx.save_for_backward(tiles, weight)
        return torch.bmm(tiles, weight)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """Return both gradients. That of the tiles is written over them, in cached memory."""
        tiles, weight = ctx.saved_tensors
        of_weight = torch.bmm(tiles.transpose(1, 2), gradient)
        return torch.bmm(gradient, weight.transpose(1, 2), out=tiles.detach()), of_weight


class NormPool(torch.autograd.Function):
    """BatchNorm, max-pool and ReLU of y (16, sides, n, C), a 4x4 image: to (4, sides, n, C)."""

    @staticmethod
    def forward(
        ctx: Any,
        y: Tensor,
        gamma: Tensor,
        beta: Tensor,
        bias: Tensor,
        mean: Tensor,
        variance: Tensor,
        eps: float,
        training: bool,
    ) -> Tensor:
        """Take y without the convolution's bias, that bias, and the statistics (sides, C) of y."""
        rstd = (variance + eps).rsqrt()
        scale = gamma * rstd
        shift = beta - mean * scale
        pooled = y.new_empty(4, *y.shape[1:])
        which = torch.empty(pooled.shape, dtype=torch.uint8)
        call(kernels.pool, y, scale, shift, pooled, which)
        ctx.save_for_backward(y, which, mean, rstd, gamma)
        ctx.training = training
        return pooled

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        """Return the gradients of y, gamma, beta and, where the statistics are frozen, bias."""
        y, which, mean, rstd, gamma = ctx.saved_tensors
        dgamma, dbeta, dy = torch.zeros_like(gamma), torch.zeros_like(gamma), torch.empty_like(y)
        share = torch.tensor(1 / (16 * y.shape[2]) if ctx.training else 0.0, dtype=y.dtype)
        call(
            kernels.unpool,
            y,
            which,
            gradient.contiguous(),
            mean,
            rstd,
            gamma,
            dgamma,
            dbeta,
            dy,
            share,
        )
        # A batch's own mean takes any bias out: its gradient is zero.
        dbias = None if ctx.training else gamma * rstd * dbeta
        return dy, dgamma, dbeta, dbias, None, None, None, None


def call(kernel: kernels.Kernel, *tensors: Tensor) -> None:
    """Call a kernel on tensors in place."""
    kernel(*(tensor.detach().numpy() for tensor in tensors))


class FastConvNet(OneNet):
    """The forward pass of one Naive or Siamese ConvNet, on the CPU, in its modules' dtype."""

    def __init__(self, models: Sequence[nn.Module]) -> None:
        """Read the layers of the one net, for which `knows` has to hold."""
        super().__init__(models)
        branches = branches_of(self.model)
        self.sides = 2 if isinstance(self.model, Siamese) else 1
        self.shared = self.sides > len(branches)
        self.rest = [branch[len(CONV_LAYERS) :] for branch in branches]  # one a branch
        of_side = branches * (self.sides // len(branches))
        self.first, self.norms, self.second, self.second_norms = (
            [branch[layer] for branch in of_side] for layer in (0, 1, 4, 5)
        )

    @staticmethod
    def knows(model: nn.Module) -> bool:
        """Whether a net begins with the layers that this engine stands for.

        With weight sharing both sides go through the rest in one batch, which no layer may mind.
        """
        if type(model) not in (Naive, Siamese):
            return False
        branches, length = branches_of(model), len(CONV_LAYERS)
        in_one_batch = isinstance(model, Siamese) and len(branches) == 1
        return all(
            [type(layer) for layer in branch[: length + 1]] == [*CONV_LAYERS, nn.Flatten]
            and all(usual(layer) for layer in branch[:length])
            and (not in_one_batch or {type(layer) for layer in branch[length:]} <= PAIRWISE)
            for branch in branches
        )

    def inputs(self, images: Tensor) -> tuple[Tensor, ...]:
        """Turn images (1, n, 2, channels, 14, 14) into what a call takes, leading (1, n).

        Of each side, its images, and the mean and second moment of their patches in float64.
        """
        count = images.shape[1]
        by_side = images.view(count * self.sides, -1, SIDE, SIDE)
        patches = unfold(by_side.double(), 3)
        second = patches @ patches.transpose(1, 2) / PIXELS
        moments = torch.cat([patches.mean(2, keepdim=True), second], 2)
        return (
            by_side.view(1, count, self.sides, -1, SIDE, SIDE),
            moments.view(1, count, self.sides, *moments.shape[1:]),
        )

    def __call__(self, images: Tensor, moments: Tensor) -> Output:
        """Compare pairs; takes what `inputs` made, returns logits that lead with (1, n)."""
        images = images[0].transpose(0, 1).contiguous()
        features = self.second_layer(self.first_layer(images, moments[0].mean(0)))
        if self.sides == 1:
            return Output(self.rest[0](features[0])[None], None)
        if self.shared:
            digits = self.rest[0](features.flatten(0, 1)).view(2, len(images[0]), -1)
        else:
            digits = torch.stack(
                [rest(side) for rest, side in zip(self.rest, features, strict=True)]
            )
        digits = digits.transpose(0, 1)
        return Output(self.model.head(digits.flatten(1))[None], digits[None])

    def first_layer(self, images: Tensor, moments: Tensor) -> Tensor:
        """Convolution, BatchNorm, ReLU and pool of images (sides, n, inputs, 14, 14)."""
        weight, bias = stacked(self.first, "weight").flatten(2), stacked(self.first, "bias")
        gamma, beta = stacked(self.norms, "weight"), stacked(self.norms, "bias")
        norm = self.norms[0]
        if norm.training:
            mean, second = moments[:, :, :1], moments[:, :, 1:]
            centre = (weight @ mean).squeeze(2)
            covariance = second - mean @ mean.transpose(1, 2)
            variance = ((weight @ covariance) * weight).sum(2)
            track(self.norms, centre + bias, variance, PIXELS * images.shape[1])
        else:
            centre = stacked(self.norms, "running_mean") - bias
            variance = stacked(self.norms, "running_var")
        scale = gamma * (variance + norm.eps).rsqrt()
        folded = (weight * scale[:, :, None]).unflatten(2, (-1, 9)).permute(0, 2, 3, 1)
        shift = beta - centre * scale
        tiles: Tensor = FirstLayer.apply(
            images, folded.to(images.dtype).contiguous(), shift.to(images.dtype)
        )
        return tiles

    def second_layer(self, tiles: Tensor) -> Tensor:
        """Convolution, BatchNorm, ReLU and pool of (36, sides, n, C): features (sides, n, 4 C2)."""
        kernel, result = transforms(tiles.dtype)
        _, sides, count, channels = tiles.shape
        convs = self.second[: 1 if self.shared else sides]
        weight = torch.stack([conv.weight for conv in convs]).permute(3, 4, 0, 2, 1)
        weight = (kernel @ weight.reshape(9, -1)).view(36 * len(convs), channels, -1)
        product = Product.apply(tiles.view(36 * len(convs), -1, channels), weight)
        image = (result @ product.view(36, -1)).view(16, sides, count, -1)

        norm, bias = self.second_norms[0], stacked(self.second, "bias")
        if norm.training:
            mean, variance = torch.zeros(2, sides, image.shape[3], dtype=torch.float64)
            call(kernels.statistics, image, mean, variance)
            track(self.second_norms, mean + bias.detach(), variance, 16 * count)
        else:
            mean = stacked(self.second_norms, "running_mean") - bias.detach()
            variance = stacked(self.second_norms, "running_var")
        gamma, beta = (stacked(self.second_norms, name) for name in ("weight", "bias"))
        given = (tensor.to(image.dtype) for tensor in (gamma, beta, bias, mean, variance))
        pooled: Tensor = NormPool.apply(image, *given, norm.eps, norm.training)
        return pooled.permute(1, 2, 3, 0).flatten(2)


def branches_of(model: nn.Module) -> list[Any]:
    """List the branches of a net: one, or two without weight sharing."""
    return list(model.branches) if isinstance(model, Siamese) else [model.branch]


def stacked(layers: list[nn.Module], name: str) -> Tensor:
    """Stack a parameter or buffer of one layer a side, in float64."""
    values: list[Tensor] = [getattr(layer, name) for layer in layers]
    return torch.stack(values).double()


@torch.no_grad()
def track(norms: list[Any], mean: Tensor, variance: Tensor, count: int) -> None:
    """Update running statistics as nn.BatchNorm2d does, one side after the other."""
    for side, norm in enumerate(norms):
        norm.running_mean.lerp_(mean[side].to(norm.running_mean.dtype), norm.momentum)
        unbiased = variance[side] * (count / (count - 1))
        norm.running_var.lerp_(unbiased.to(norm.running_var.dtype), norm.momentum)
        norm.num_batches_tracked += 1
