"""Schedules: what the learning rate is multiplied by, step by step.

A schedule is a file in schedules/ with a function `factor`: the factor of a step after the warm-up.
It may have a function `warm_up`, where its way up is no straight line.
"""

from importlib import import_module

from digitpairs import recipe


def factors(schedule: recipe.Schedule, steps_per_epoch: int, epochs: int) -> list[float]:
    """List the factor of each step of a training, from 0 to 1.

    The warm-up has as many steps as are nearest to its epochs; the schedule begins after it. Each
    of the functions is given a step, counted from 0, and how many there are, of the warm-up or
    after it. Expects a warm-up that is no longer than the training.
    """
    part = import_module(f"digitpairs.training.schedules.{schedule.name}")
    warm_up = getattr(part, "warm_up", linear)
    up = round(schedule.warmup * steps_per_epoch)
    rest = steps_per_epoch * epochs - up
    return [warm_up(schedule, step, up) for step in range(up)] + [
        part.factor(schedule, step, rest, steps_per_epoch) for step in range(rest)
    ]


def linear(schedule: recipe.Schedule, step: int, steps: int) -> float:
    """Rise in equal steps, the last of which is at 1 (Goyal et al. 2017)."""
    return (step + 1) / steps
