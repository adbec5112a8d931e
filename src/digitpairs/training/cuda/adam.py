"""Adam's update by torch's own kernels, which a CUDA graph can hold."""

from torch import Tensor


def update(
    parameter: Tensor,
    gradient: Tensor,
    moments: tuple[Tensor, ...],
    rates: Tensor,
    unbias: Tensor,
    constants: tuple[float, float, float],
) -> None:
    """Update a parameter (R, size) in place; `constants` are Adam's betas and epsilon."""
    beta1, beta2, epsilon = constants
    first, second = moments
    first.lerp_(gradient, 1 - beta1)
    second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
    parameter -= rates * first / (second.sqrt() * unbias + epsilon)
