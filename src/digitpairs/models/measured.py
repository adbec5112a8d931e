"""Counts what a net costs from its modules, on torch's meta device, where no number is computed."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from digitpairs.models.build import net_of
from digitpairs.spec import ModelSpec


def on_meta(spec: ModelSpec) -> nn.Module:
    """Build a net without numbers; torch's generators stay as they are."""
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        return net_of(spec)


def parameters(spec: ModelSpec) -> int:
    """Count the trainable parameters."""
    return sum(part.numel() for part in on_meta(spec).parameters() if part.requires_grad)


def multiply_adds(spec: ModelSpec) -> int:
    """Count the multiply-adds of a pair's pass forward, as torch does: two operations each."""
    task = spec.task
    pair = torch.zeros(1, 2 * task.channels, task.side, task.side, device="meta")
    net = on_meta(spec).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(pair)
    return int(counter.get_total_flops()) // 2
