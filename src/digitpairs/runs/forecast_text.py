"""A forecast in words."""

from digitpairs.runs import pace
from digitpairs.runs.forecast import Forecast


def describe(result: Forecast) -> str:
    """Write a forecast as a table and a few sentences."""
    names = max(len(line.name) for line in result.lines)
    rows = [f"{'':{names}}  {'runs':>7}  {'cached':>7}  {'missing':>7}  {'on one core':>12}"]
    for line in result.lines:
        counts = line.planned, line.planned - line.missing, line.missing
        time = duration(line.seconds) if line.missing else "-"
        rows.append(
            "  ".join([f"{line.name:{names}}", *(f"{n:>7,}" for n in counts), f"{time:>12}"])
        )
    return "\n".join([*rows, "", *result.notes, *conclusion(result)])


def conclusion(result: Forecast) -> list[str]:
    """Say what there is to train and how long that takes, and how far to trust it."""
    missing = result.lines[-1].missing
    if not missing:
        return ["Nothing to train."]
    training = f"To train: {counted(missing, 'run')} in {counted(result.jobs, 'job')}"
    at = "at the pace of the recorded runs" if result.here else "at another machine's pace"
    lines = [
        f"{training}, about {duration(result.wall)} on {counted(result.cores, 'core')} "
        f"{at}, with the start of the jobs."
    ]
    if not result.here:
        machine = pace.shipped().machine
        lines.append(f"Rough: the times are those of {machine}. Too few runs are recorded here.")
    elif result.rough:
        lines.append(
            f"Rough: {counted(result.rough, 'run')} scaled from other nets, losses or code."
        )
    return lines


def counted(number: int, noun: str) -> str:
    """Write a number of things."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """Write seconds as people do: 40 s, 12 min, 1 h 24 min."""
    if seconds < 59.5:
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min"
