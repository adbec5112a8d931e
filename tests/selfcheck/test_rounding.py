"""What rounding does to each case, and what TF32 does: the self-check tells them apart."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from checked import CASES, checked
from digitpairs.selfcheck import trained
from digitpairs.selfcheck.cases import Case
from digitpairs.selfcheck.check import DRAWS
from digitpairs.selfcheck.compare import OF_WEIGHTS
from digitpairs.selfcheck.trained import Found

aten = torch.ops.aten


class InTF32(TorchDispatchMode):
    """Rounds what is multiplied to ten bits behind the point, as TF32 does."""

    PRODUCTS = (
        *(aten.mm, aten.addmm, aten.bmm, aten.baddbmm),
        *(aten.convolution, aten.convolution_backward),
    )

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if function._overloadpacket in self.PRODUCTS:
            args = tuple(map(rounded, args))
        return function(*args, **(kwargs or {}))


def rounded(given: Any) -> Any:
    if not isinstance(given, Tensor) or given.dtype != torch.float32:
        return given
    bits = given.contiguous().view(torch.int32)
    return ((bits + 0x1000) & ~0x1FFF).view(torch.float32)


def in_tf32(case: Case, device: str) -> Found:
    with InTF32():
        return trained.by_training(case, device)


@pytest.mark.parametrize("name", CASES)
def test_tf32_is_found_in_each_case(name: str) -> None:
    verdict = checked(name, by=in_tf32)
    assert verdict.trouble.startswith(f"{name}: its ")
    (row,) = verdict.rows
    assert row.weights > 3 * OF_WEIGHTS


def test_tf32_is_found_on_each_draw() -> None:
    verdict = checked("ConvStack, gradients", by=in_tf32, draws=DRAWS)
    assert verdict.trouble
    assert verdict.rows[0].draws == DRAWS


class Noisy(TorchDispatchMode):
    """Rounds what is multiplied as another processor may: at random, by this share of its size.

    Five times what a plain sum of products is off by, because cuDNN may choose Winograd's kernels.
    """

    SIZE = 1e-6

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        made = function(*args, **(kwargs or {}))
        if function._overloadpacket not in InTF32.PRODUCTS:
            return made
        return tuple(map(self.off, made)) if isinstance(made, tuple) else self.off(made)

    def off(self, exact: Any) -> Any:
        if exact is None:
            return None
        size = self.SIZE * exact.square().mean().sqrt()
        return exact + size * torch.randn(exact.shape, generator=self.generator)


@pytest.mark.parametrize(("name", "turns"), [("MLP, gradients", 0), ("ConvStack", 1)])
def test_a_device_that_rounds_otherwise_is_well(name: str, turns: int) -> None:
    """Of a ConvStack rounding turns decisions: by a single draw many devices were at fault."""
    draws = []
    for device in range(12):

        def noisy(case: Case, where: str, seed: int = device) -> Found:
            with Noisy(seed):
                return trained.by_training(case, where)

        verdict = checked(name, by=noisy, draws=DRAWS)
        assert verdict.trouble == ""
        draws.append(verdict.rows[0].draws)
    assert (max(draws) > 1) is bool(turns)
