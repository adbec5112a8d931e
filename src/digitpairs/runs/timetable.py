"""When jobs start and end: the most urgent that is ready goes to the first worker that is free."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush


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
    waiting = list(jobs)
    ready: list[tuple[float, int, Job]] = []
    running: list[tuple[float, str]] = []
    done: dict[str, float] = {}
    now = 0.0
    while len(done) < len(jobs):
        for job in [job for job in waiting if done.keys() >= set(job.needs)]:
            waiting.remove(job)
            heappush(ready, (-job.urgency, len(jobs) - len(waiting), job))
        while ready and len(running) < workers:
            job = heappop(ready)[-1]
            heappush(running, (now + job.seconds, job.name))
        if not running:
            raise ValueError(f"never start: {', '.join(job.name for job in waiting)}")
        now, name = heappop(running)
        done[name] = now
    return done
