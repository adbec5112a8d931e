"""A net that somebody adds: one file, which counts nothing itself, and one line of the registry."""

import sys
from pathlib import Path
from typing import Any

import pytest

from digitpairs import models
from digitpairs.models.registry import FAMILIES, Family, options_of
from digitpairs.spec import ModelSpec

LINEAR = '''\
"""A linear map of both images."""

from dataclasses import dataclass

from pydantic import StrictBool
from torch import Tensor, nn

from digitpairs.models.nets import Output
from digitpairs.pairs.sizes import ANSWERS
from digitpairs.recipe import closed
from digitpairs.spec import Task


@closed
@dataclass(frozen=True)
class Options:
    """Whether there are biases."""

    bias: StrictBool = True


class Net(nn.Module):
    """One layer."""

    def __init__(self, options: Options, task: Task) -> None:
        """Build the layer."""
        super().__init__()
        pixels = 2 * task.channels * task.side**2
        self.layer = nn.Linear(pixels, ANSWERS, bias=options.bias)

    def forward(self, pairs: Tensor) -> Output:
        """Compare pairs (n, 2 * channels, side, side)."""
        return Output(self.layer(pairs.flatten(1)), None)


def build(options: Options, task: Task) -> nn.Module:
    """Build the net."""
    return Net(options, task)
'''


def add_linear(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Add the net to this process, with its file in another folder."""
    (folder / "linear.py").write_text(LINEAR, encoding="utf-8")
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(folder)])
    monkeypatch.delitem(sys.modules, "digitpairs.models.linear", raising=False)
    monkeypatch.setitem(FAMILIES, "linear", Family("Linear", "linear.py"))


def linear(**options: Any) -> ModelSpec:
    """The net with these options."""
    return ModelSpec("linear", (), options=options_of("linear", options))
