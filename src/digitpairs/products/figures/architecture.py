"""Nets, drawn from the modules themselves (paper, Fig. 1 and 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from textwrap import fill

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import Tensor, nn

from digitpairs.models.nets import Naive, Siamese, build
from digitpairs.models.registry import architecture_of, family_of
from digitpairs.pairs.sizes import CLASSES, SIDE
from digitpairs.products.figures.plotting import COLOURS
from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.schema import Study

STEP = 1.0  # from one layer to the next
WIDTH, HEIGHT = 2.3, 0.72
SHADES = {
    "Conv2d": COLOURS[0],
    "Linear": COLOURS[2],
    "BatchNorm2d": COLOURS[4],
    "MaxPool2d": COLOURS[3],
}


@dataclass(frozen=True)
class Layer:
    """A layer as it ran: its kind, what it does, the shape it gave, its parameters."""

    kind: str
    text: str
    shape: tuple[int, ...]
    parameters: int


def trace(module: nn.Module, example: Tensor) -> list[Layer]:
    """Run `example` (1, ...) through `module` and list its layers in the order they ran."""
    found: list[Layer] = []

    def note(layer: nn.Module, _: object, output: Tensor) -> None:
        count = sum(parameter.numel() for parameter in layer.parameters())
        found.append(Layer(type(layer).__name__, text_of(layer), tuple(output.shape[1:]), count))

    leaves = [part for part in module.modules() if not list(part.children())]
    hooks = [leaf.register_forward_hook(note) for leaf in leaves]
    with torch.no_grad():
        module.eval()(example)
    for hook in hooks:
        hook.remove()
    return found


def text_of(layer: nn.Module) -> str:
    """Name a layer with its sizes."""
    match layer:
        case nn.Conv2d():
            side = layer.kernel_size[0]
            return f"Conv {side}×{side}, {layer.in_channels} → {layer.out_channels}"
        case nn.Linear():
            return f"Linear {layer.in_features} → {layer.out_features}"
        case nn.BatchNorm2d():
            return f"BatchNorm {layer.num_features}"
        case nn.MaxPool2d():
            return f"Max-pool {layer.kernel_size}×{layer.kernel_size}"
    return type(layer).__name__


def draw(study: Study, settings: Mapping[str, Setting], labels: Mapping[str, str]) -> Figure:
    """Draw nets side by side, with sizes, output shapes and parameter counts."""
    specs = {label: settings[name].model for name, label in labels.items()}
    nets = {label: build(architecture_of(spec)) for label, spec in specs.items()}
    heights = [depth(net) for net in nets.values()]
    widths = [1 if isinstance(net, Naive) else 2 for net in nets.values()]
    figure, panels = plt.subplots(
        1,
        len(nets),
        figsize=(0.4 + 2.1 * sum(widths), 0.9 + 0.42 * max(heights)),
        width_ratios=widths,
        squeeze=False,
    )
    for axes, width, (label, net) in zip(panels[0], widths, nets.items(), strict=True):
        if isinstance(net, Naive):
            draw_naive(axes, net)
            axes.set_xlim(-1.35, 1.35)
        else:
            draw_siamese(axes, net)
            axes.set_xlim(-2.6, 2.6)
        axes.set_ylim((0.5 - max(heights)) * STEP, 0.5 * STEP)
        title = f"{fill(label, 30 * width)}\n{counted(specs[label])}"
        axes.set_title(title, parse_math=False)
        axes.set_axis_off()
    figure.suptitle(study.title, fontsize=11, parse_math=False)  # a $ in it is a dollar
    return figure


def counted(spec: ModelSpec) -> str:
    """A net's parameter count; for siamese nets with and without weight sharing."""
    text = f"{architecture_of(spec).parameters:,} parameters"
    if not family_of(spec).siamese:
        return text
    if spec.shared:
        return f"{text}, both branches the same"
    shared = architecture_of(replace(spec, shared=True)).parameters
    return f"{text}, with weight sharing {shared:,}"


def depth(net: Naive | Siamese) -> int:
    """Count the boxes, one above the other, in a drawing of `net`."""
    if isinstance(net, Naive):
        return len(trace(net.branch, torch.zeros(1, 2, SIDE, SIDE))) + 1
    branch = trace(net.branches[0], torch.zeros(1, 1, SIDE, SIDE))
    return len(branch) + len(trace(net.head, torch.zeros(1, 2 * CLASSES))) + 2


def draw_naive(axes: Axes, net: Naive) -> None:
    """One column, from the pair to the answer."""
    box(axes, 0, 0, f"pair 2×{SIDE}×{SIDE}", "")
    column(axes, 0, 0, trace(net.branch, torch.zeros(1, 2, SIDE, SIDE)))


def draw_siamese(axes: Axes, net: Siamese) -> None:
    """A column for each branch, which meet in the head."""
    layers = trace(net.branches[0], torch.zeros(1, 1, SIDE, SIDE))
    for x, digit in ((-1.25, "first digit"), (1.25, "second digit")):
        box(axes, x, 0, f"{digit} 1×{SIDE}×{SIDE}", "")
        bottom = column(axes, x, 0, layers)
    middle = bottom - STEP
    box(axes, 0, middle, f"concatenate {2 * CLASSES} logits", "")
    for x in (-1.25, 1.25):
        arrow(axes, (x, bottom - HEIGHT / 2), (x / 4, middle + HEIGHT / 2))
    column(axes, 0, middle, trace(net.head, torch.zeros(1, 2 * CLASSES)))


def column(axes: Axes, x: float, top: float, layers: list[Layer]) -> float:
    """Layers below one another, an arrow before each; returns the height of the last."""
    y = top
    for layer in layers:
        arrow(axes, (x, y - HEIGHT / 2), (x, y - STEP + HEIGHT / 2))
        y -= STEP
        shape = "×".join(map(str, layer.shape))
        weights = f", {layer.parameters:,} parameters" if layer.parameters else ""
        box(axes, x, y, layer.text, f"{shape}{weights}", SHADES.get(layer.kind, "#888888"))
    return y


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
