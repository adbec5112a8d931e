"""Nets that are trained by their own modules are convolved by cuDNN, which has to repeat itself."""

import torch


def choose_repeatable() -> None:
    """Let cuDNN take no kernel whose bits change from one call to the next.

    Some of its kernels add up in the order in which threads happen to end.
    """
    torch.backends.cudnn.deterministic = True
