"""Nets, drawn from the modules themselves (paper, Fig. 1 and 2)."""

from collections.abc import Mapping
from dataclasses import replace
from textwrap import fill

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import nn

from digitpairs.models.build import net_of
from digitpairs.models.counts import parameters_of
from digitpairs.models.nets import Siamese
from digitpairs.models.registry import family_of
from digitpairs.products.figures.plotting import COLOURS
from digitpairs.products.figures.traced import INPUT, Layer, trace
from digitpairs.spec import ModelSpec, Setting, Task
from digitpairs.study.schema import Study

STEP = 1.0  # from one layer to the next
WIDTH, HEIGHT = 2.3, 0.72
SHADES = {
    "Conv2d": COLOURS[0],
    "Linear": COLOURS[2],
    "BatchNorm2d": COLOURS[4],
    "MaxPool2d": COLOURS[3],
}


def draw(study: Study, settings: Mapping[str, Setting], labels: Mapping[str, str]) -> Figure:
    """Draw nets side by side, with sizes, output shapes and parameter counts."""
    specs = {label: settings[name].model for name, label in labels.items()}
    nets = {label: net_of(spec) for label, spec in specs.items()}
    task = next(iter(specs.values())).task
    heights = [depth(net, task) for net in nets.values()]
    widths = [2 if isinstance(net, Siamese) else 1 for net in nets.values()]
    figure, panels = plt.subplots(
        1,
        len(nets),
        figsize=(0.4 + 2.1 * sum(widths), 0.9 + 0.42 * max(heights)),
        width_ratios=widths,
        squeeze=False,
    )
    for axes, width, (label, net) in zip(panels[0], widths, nets.items(), strict=True):
        if isinstance(net, Siamese):
            draw_siamese(axes, net, task)
            axes.set_xlim(-2.6, 2.6)
        else:
            box(axes, 0, 0, f"pair {2 * task.channels}×{task.side}×{task.side}", "")
            column(axes, 0, 0, layers_of(net, task))
            axes.set_xlim(-1.35, 1.35)
        axes.set_ylim((0.5 - max(heights)) * STEP, 0.5 * STEP)
        title = f"{fill(label, 30 * width)}\n{counted(specs[label])}"
        axes.set_title(title, parse_math=False)
        axes.set_axis_off()
    figure.suptitle(study.title, fontsize=11, parse_math=False)  # a $ in it is a dollar
    return figure


def counted(spec: ModelSpec) -> str:
    """A net's parameter count; for nets that may share weights with and without sharing."""
    text = f"{parameters_of(spec):,} parameters"
    if "shared" not in family_of(spec).takes:
        return text
    if spec.shared:
        return f"{text}, both branches the same"
    return f"{text}, with weight sharing {parameters_of(replace(spec, shared=True)):,}"


def layers_of(net: nn.Module, task: Task) -> list[Layer]:
    """List the layers that a pair passes through: of a net of one column."""
    return trace(net, torch.zeros(1, 2 * task.channels, task.side, task.side))


def parts_of(net: Siamese, task: Task) -> tuple[list[Layer], list[Layer]]:
    """List the layers of a branch and those of the head."""
    branch = trace(net.branches[0], torch.zeros(1, task.channels, task.side, task.side))
    return branch, trace(net.head, torch.zeros(1, 2 * task.classes))


def depth(net: nn.Module, task: Task) -> int:
    """Count the boxes, one above the other, in a drawing of `net`."""
    if isinstance(net, Siamese):
        return sum(map(len, parts_of(net, task))) + 2
    return len(layers_of(net, task)) + 1


def draw_siamese(axes: Axes, net: Siamese, task: Task) -> None:
    """A column for each branch, which meet in the head."""
    branch, head = parts_of(net, task)
    for x, digit in ((-1.25, "first digit"), (1.25, "second digit")):
        box(axes, x, 0, f"{digit} {task.channels}×{task.side}×{task.side}", "")
        bottom = column(axes, x, 0, branch)
    middle = bottom - STEP
    box(axes, 0, middle, f"concatenate {2 * task.classes} logits", "")
    for x in (-1.25, 1.25):
        arrow(axes, (x, bottom - HEIGHT / 2), (x / 4, middle + HEIGHT / 2))
    column(axes, 0, middle, head)


def column(axes: Axes, x: float, top: float, layers: list[Layer]) -> float:
    """Layers below one another, with an arrow or an arc from what each takes.

    Returns the height of the last.
    """
    for place, layer in enumerate(layers):
        y = top - STEP * (place + 1)
        for source in layer.sources:
            above = top - STEP * (source - INPUT)
            if source == place - 1:
                arrow(axes, (x, above - HEIGHT / 2), (x, y + HEIGHT / 2))
            else:
                arc(axes, (x + WIDTH / 2, above), (x + WIDTH / 2, y))
        shape = "×".join(map(str, layer.shape))
        weights = f", {layer.parameters:,} parameters" if layer.parameters else ""
        box(axes, x, y, layer.text, f"{shape}{weights}", SHADES.get(layer.kind, "#888888"))
    return top - STEP * len(layers)


def box(axes: Axes, x: float, y: float, text: str, detail: str, colour: str = "#FFFFFF") -> None:
    """A rounded box with a line of text and, smaller, the shape and parameters."""
    corner = (x - WIDTH / 2, y - HEIGHT / 2)
    style = "round,pad=0,rounding_size=0.1"
    patch = FancyBboxPatch(corner, WIDTH, HEIGHT, boxstyle=style, fc=colour, ec="black", lw=0.7)
    patch.set_facecolor((*patch.get_facecolor()[:3], 0.25))
    axes.add_patch(patch)
    axes.text(x, y + (0.14 if detail else 0), text, ha="center", va="center", fontsize=7.5)
    axes.text(x, y - 0.19, detail, ha="center", va="center", fontsize=6)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arrow from one box to the next."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 0.7, "color": "black"})


def arc(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arc past the boxes in between, at their right."""
    bend = 0.6 / (start[1] - end[1])  # as wide however high
    style = {"arrowstyle": "-|>", "connectionstyle": f"arc3,rad={-bend}"}
    axes.annotate("", end, start, arrowprops={**style, "lw": 0.7, "color": COLOURS[1]})
