"""Figures from the tables in reports/metrics (paper, Fig. 3 to 5) and of pairs and search."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from digitpairs.labels import FAMILIES, distinct
from digitpairs.pairs import PairSet
from digitpairs.params import Study
from digitpairs.plotting import COLOURS, DASHES
from digitpairs.statistics import summarise

BEST = "Test accuracy at the best epoch"


def box(study: Study, runs: pd.DataFrame) -> Figure:
    """Box plot of the best accuracy by variant, with every single run (paper, Fig. 3)."""
    names = labels(study, runs)
    groups = [runs[runs["variant"] == name] for name in names]
    figure, axes = plt.subplots(figsize=(6.0, 3.2))
    values = [group["best_accuracy"].dropna().to_numpy() for group in groups]
    axes.boxplot(values, widths=0.5, showfliers=False, medianprops={"color": "black"})
    for place, accuracies in enumerate(values, 1):
        # Spread by rank, not at random: the same figure every time.
        offsets = np.linspace(-0.15, 0.15, len(accuracies)) if len(accuracies) > 1 else 0.0
        colour = COLOURS[(place - 1) % len(COLOURS)]
        axes.scatter(
            np.broadcast_to(place + offsets, len(accuracies)),
            accuracies,
            s=10,
            color=colour,
            alpha=0.8,
            zorder=3,
        )
    ticks = [
        f"{name.replace(', ', chr(10))}\n(n = {len(accuracies)})"
        for name, accuracies in zip(names.values(), values, strict=True)
    ]
    axes.set_xticks(range(1, len(names) + 1), ticks)
    axes.set(ylabel=BEST)
    axes.set_title(study.title, parse_math=False)  # a $ in it is a dollar
    return figure


def sweep(study: Study, runs: pd.DataFrame) -> Figure:
    """Mean accuracy +- std against the auxiliary weight, log axis (paper, Fig. 4).

    A variant without auxiliary loss has no place on a log axis: it is a horizontal line.
    """
    chosen = runs[runs["variant"].isin(study.variants)].sort_values("aux_weight", kind="stable")
    figure, axes = plt.subplots(figsize=(5.2, 3.2))
    series = (
        ("best_accuracy", "best epoch", "o", "-"),
        ("final_accuracy", "final epoch", "s", "--"),
    )
    for (column, name, marker, dash), colour in zip(series, COLOURS, strict=False):
        summaries = {
            float(weight): summarise(group[column])
            for weight, group in chosen.groupby("aux_weight")
        }
        if 0.0 in summaries:
            axes.axhline(summaries.pop(0.0).mean, color=colour, ls=":", label=f"λ = 0, {name}")
        axes.errorbar(
            list(summaries),
            [one.mean for one in summaries.values()],
            yerr=[one.std for one in summaries.values()],
            marker=marker,
            ls=dash,
            capsize=3,
            color=colour,
            label=f"{name}, mean ± std",
        )
    axes.set_xscale("log")
    axes.set(xlabel="Weight λ of the auxiliary loss", ylabel="Test accuracy")
    axes.set_title(study.title, parse_math=False)  # a $ in it is a dollar
    axes.legend()
    return figure


def curves(study: Study, by_epoch: pd.DataFrame, runs: pd.DataFrame) -> Figure:
    """Mean test accuracy by epoch, with the 95 % interval of the mean as a band (paper, Fig. 5)."""
    figure, axes = plt.subplots(figsize=(6.4, 3.6))
    for place, (name, label) in enumerate(labels(study, runs).items()):
        line = by_epoch[by_epoch["variant"] == name]
        colour = COLOURS[place % len(COLOURS)]
        axes.plot(
            line["epoch"],
            line["accuracy_mean"],
            color=colour,
            ls=DASHES[place % len(DASHES)],
            label=label,
        )
        axes.fill_between(
            line["epoch"],
            line["accuracy_low"],
            line["accuracy_high"],
            color=colour,
            alpha=0.2,
            lw=0,
        )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.set(xlabel="Epoch", ylabel="Mean test accuracy")
    axes.set_title(study.title, parse_math=False)  # a $ in it is a dollar
    axes.legend(title="band: 95 % interval of the mean", loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def search(folds: pd.DataFrame) -> Figure:
    """Heat map of mean validation accuracy by sizes and learning rate, each winner framed."""
    ranked = folds[folds["fold"] == folds["fold"].min()]
    families = [family for family in FAMILIES if family in set(ranked["family"])]
    rows = [ranked[ranked["family"] == family]["parameters"].nunique() for family in families]
    figure, panels = plt.subplots(
        len(families), figsize=(5.8, 2.2 + 0.3 * sum(rows)), height_ratios=rows, squeeze=False
    )
    low, high = ranked["mean_accuracy"].min(), ranked["mean_accuracy"].max()
    for axes, family in zip(panels[:, 0], families, strict=True):
        table = ranked[ranked["family"] == family]
        grid = table.assign(sizes=sizes_of(table)).pivot(
            index="sizes", columns="learning_rate", values="mean_accuracy"
        )
        image = axes.imshow(grid, cmap="cividis", vmin=low, vmax=high, aspect="auto")
        for (y, x), value in np.ndenumerate(grid.to_numpy()):
            shade = "white" if value < (low + high) / 2 else "black"
            text = "–" if np.isnan(value) else f"{value:.3f}"
            axes.text(x, y, text, ha="center", va="center", fontsize=7, color=shade)
        best = table.assign(sizes=sizes_of(table)).sort_values("rank").iloc[0]
        x, y = grid.columns.get_loc(best["learning_rate"]), grid.index.get_loc(best["sizes"])
        axes.add_patch(
            Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, ec="#D55E00", lw=2.5, clip_on=False)
        )
        axes.set_xticks(range(len(grid.columns)), [f"{rate:g}" for rate in grid.columns])
        axes.set_yticks(range(len(grid.index)), list(grid.index))
        axes.set_title(FAMILIES[family])
        axes.spines[:].set_visible(False)
    panels[-1, 0].set_xlabel("Learning rate (each family's winner is framed)")
    figure.colorbar(image, ax=panels, label="Mean validation accuracy", aspect=50)
    return figure


def sample_pairs(sets: PairSet, count: int = 12) -> Figure:
    """The first pairs of a set, with their digits and target."""
    figure, panels = plt.subplots(2, count // 2, figsize=(6.4, 2.3))
    for axes, pixels, (first, second), target in zip(
        panels.flat, sets.pixels, sets.digits, sets.target, strict=False
    ):
        axes.imshow(np.hstack(pixels), cmap="gray_r")
        axes.axvline(13.5, color=COLOURS[1], lw=0.8)
        axes.set_title(f"{first} {'≤' if target else '>'} {second}: target {target}", fontsize=8)
        axes.set_axis_off()
    figure.suptitle("Pairs of 14x14 digits; target 1 where first ≤ second", fontsize=10)
    return figure


def labels(study: Study, runs: pd.DataFrame) -> dict[str, str]:
    """Label the study's variants that were run: a winner equal to the published one is not."""
    first = {run["variant"]: run for run in runs.drop_duplicates("variant").to_dict("records")}
    return distinct(first[name] for name in study.variants if name in first)


def sizes_of(table: pd.DataFrame) -> pd.Series:
    """Write layer sizes in a column: conv channels, then hidden layers."""
    return (table["channels"] + " | " + table["hidden"]).str.removeprefix(" | ")
