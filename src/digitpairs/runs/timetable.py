"""When jobs start and end: the most urgent that is ready goes to the first worker that is free."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush


@dataclass(frozen=True)
class Job:
    """A job that takes so many seconds, once the jobs that it needs have ended."""

    name: str
    seconds: float
    urgency: float = 0.0
    needs: Collection[str] = ()


def ends(jobs: Sequence[Job], workers: int) -> dict[str, float]:
    """Say when each job ends, in seconds from the start of the first.

    This is what Snakemake's greedy scheduler does with priorities. Raises ValueError for jobs that
    can never start.
    """
    missing = [len(set(job.needs)) for job in jobs]  # how many have not ended that it needs
    waiting: dict[str, list[int]] = defaultdict(list)
    for place, job in enumerate(jobs):
        for name in set(job.needs):
            waiting[name].append(place)
    ready = [(-job.urgency, place) for place, job in enumerate(jobs) if not missing[place]]
    heapify(ready)
    running: list[tuple[float, str]] = []
    done: dict[str, float] = {}
    now = 0.0
    while len(done) < len(jobs):
        while ready and len(running) < workers:
            job = jobs[heappop(ready)[1]]
            heappush(running, (now + job.seconds, job.name))
        if not running:
            never = [job.name for job in jobs if job.name not in done]
            raise ValueError(f"never start: {', '.join(never)}")
        now, name = heappop(running)
        done[name] = now
        for place in waiting[name]:
            missing[place] -= 1
            if not missing[place]:
                heappush(ready, (-jobs[place].urgency, place))
    return done
