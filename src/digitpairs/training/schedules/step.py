"""A learning rate that falls at once, every few epochs."""

from digitpairs import recipe


def factor(schedule: recipe.Step, step: int, steps: int, steps_per_epoch: int) -> float:
    """Multiply by the schedule's factor once for every `every` epochs that are over.

    Epochs are counted from the end of the warm-up.
    """
    return float(schedule.factor ** (step // (schedule.every * steps_per_epoch)))
