"""A learning rate that falls by half a cosine (Loshchilov and Hutter 2017, without restarts)."""

from math import cos, pi

from digitpairs import recipe


def factor(schedule: recipe.Cosine, step: int, steps: int, steps_per_epoch: int) -> float:
    """Fall from 1, where the first step is, to `final`, where one more than the last would be."""
    return schedule.final + (1 - schedule.final) * (1 + cos(pi * step / steps)) / 2
