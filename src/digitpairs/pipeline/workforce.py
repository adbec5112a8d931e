"""Who trains, as Snakemake was started: cores or GPUs of this machine, or jobs elsewhere."""

import math
from dataclasses import replace
from typing import Any

from digitpairs import memory
from digitpairs.cluster import gpus
from digitpairs.runs.workers import Workers, on_cores
from digitpairs.study.schema import Execution

# Seconds that a job of a batch system takes beside its runs: Snakemake starts twice, and sees the
# end late (docs/clusters.md has what was measured).
SUBMITTED = 15.0


def workers_of(workflow: Any, execution: Execution) -> Workers:
    """Read from Snakemake's workflow how many jobs train at once."""
    if (jobs := workflow.nodes) is not None:  # --jobs: elsewhere
        return Workers(jobs, execution.threads, SUBMITTED, own=False)
    resources = workflow.global_resources
    cores = on_cores(workflow.resource_settings.cores or 1, execution.threads)
    if "mem_mb" in resources:
        fit = resources["mem_mb"].value // memory.of_job(cores.threads)
        cores = replace(cores, jobs=max(1, min(cores.jobs, fit)))
    if "gpu" in resources:
        shares = resources["gpu"].value
    elif execution.device == "cpu":
        return cores
    else:
        shares = len(gpus.visible()) * execution.jobs_per_gpu
    # How long a job takes on a GPU is not known: none has been measured.
    return Workers(min(shares, cores.jobs), cores.threads, math.inf) if shares else cores
