"""The grid of the search: the configurations within the parameter budget (paper, Training)."""

import itertools
import math
from collections.abc import Sequence

from digitpairs.models.counts import parameters_of
from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.schema import Grid, Search


def configurations(search: Search) -> dict[str, list[Setting]]:
    """List each family's settings whose parameter count lies within the budget."""
    return {
        family: [
            Setting(model, rate)
            for channels in itertools.product(*grid.channels)
            for hidden in itertools.product(*grid.hidden)
            if search.min_parameters
            <= parameters_of(model := ModelSpec(family, hidden, channels))
            <= search.max_parameters
            for rate in grid.learning_rate
        ]
        for family, grid in search.grids.items()
    }


def width(grid: Grid) -> int:
    """Count the configurations of a grid, whatever the parameter budget."""
    lists: list[Sequence[float]] = [*grid.channels, *grid.hidden, grid.learning_rate]
    return math.prod(len(choices) for choices in lists)
