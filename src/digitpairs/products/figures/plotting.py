"""One style for every figure, and bytes that are the same when it is made again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.figure import Figure

from digitpairs import paths
from digitpairs.files import written_whole

mpl.use("agg")


# Okabe and Ito: told apart by colour-blind readers. Lines differ in dashes and markers too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 2)))
BEST = "Test accuracy at the best epoch"

STYLE: dict[Any, Any] = {
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "figure.constrained_layout.use": True,
    "font.size": 9,
    "legend.frameon": False,
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
    "svg.fonttype": "none",
    "svg.hashsalt": "digitpairs",
}

# Dates and versions would make equal figures differ.
METADATA: dict[str, dict[str, None]] = {
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the project's style whatever the user's matplotlib is set to."""
    with mpl.rc_context(), mpl.style.context("default"):
        mpl.rcParams.update(STYLE)
        yield


def save(figure: Figure, name: str, notes: Sequence[str]) -> None:
    """Write `figure` as pdf, svg and png; print notes (which digits were used) at its foot."""
    if notes:
        wide = int(13 * figure.get_figwidth())  # characters
        text = "\n".join(fill(note, wide) for note in notes)
        figure.supxlabel(text, fontsize=8, color="#D55E00", fontweight="bold", parse_math=False)
        figure.set_figheight(figure.get_figheight() + 0.14 * text.count("\n"))
    for path in map(Path, paths.figure(name)):
        with written_whole(path) as temporary:
            figure.savefig(temporary, metadata=METADATA[path.suffix[1:]])
    plt.close(figure)
