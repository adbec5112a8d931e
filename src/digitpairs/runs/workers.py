"""Who trains: how many jobs at once, and what a job costs beside its runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

START = 2.0  # seconds in which a job starts (docs/performance.md)
SHARE = 0.15  # of a job's time that its start may take


@dataclass(frozen=True)
class Workers:
    """`jobs` at once, each of `threads` processes, whose start takes so many seconds.

    `own`: whether a core that trains nothing is idle, and not free for others as on a cluster.
    """

    jobs: int
    threads: int = 1
    start: float = 0.0
    own: bool = True

    def least(self, seconds: float) -> float:
        """The least seconds of training for a job, where all jobs have so many.

        With less, its start would take more than its share. Where that leaves cores idle, a job
        may have less, but no less than its start.
        """
        if math.isinf(self.start):  # not known: as few jobs as keep all workers busy
            return seconds / (2 * self.jobs)
        least = self.start * self.threads * (1 / SHARE - 1)
        even = max(seconds / self.jobs, self.start * self.threads)
        return min(least, even) if self.own else least

    def wall(self, times: Sequence[float]) -> float:
        """Seconds of a job of runs that take so many seconds each on one core."""
        return self.start + max(sum(times) / self.threads, *times)


def on_cores(cores: int, threads: int) -> Workers:
    """Take cores of this machine. Snakemake gives a job no more threads than there are cores."""
    threads = min(threads, cores)
    return Workers(cores // threads, threads, START)
