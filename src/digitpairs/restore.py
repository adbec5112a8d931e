"""Fills the run store from the collected results: after a clone and `dvc pull`, or a lost record.

The store is a local cache; what travels is data/results, which holds every epoch of every run
with its spec.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from digitpairs import plan, stamps, store
from digitpairs.mnist import Source
from digitpairs.params import Params
from digitpairs.plan import PlannedRun
from digitpairs.spec import from_json
from digitpairs.steps import EVALUATION, SEARCH, maker, read_source, read_winners, steps


def restore(params: Params, say: Callable[[str], None]) -> None:
    """Write the records that planned runs lack and collected results hold.

    Takes every run of such a file, planned or not: a parameter set back later finds it.
    Results that are not what was written are left alone.
    """
    if (source := read_source()) and store_holds(params, source):
        return
    for results in (SEARCH, EVALUATION):
        name = maker(steps(params), results)
        whole = Path(results).exists() and stamps.read(name) and not stamps.altered(name)
        if whole and (count := restore_from(Path(results))):
            say(f"{results}: {count} runs put back into {plan.RUNS}")


def store_holds(params: Params, source: Source) -> bool:
    """Whether every planned run has a record."""
    planned = plan.search_runs(params, source)
    planned += plan.evaluation_runs(params, source, read_winners() or {})
    return all(Path(run.path).exists() for run in planned)


def restore_from(results: Path) -> int:
    """Write the missing records of one file of collected results; count them."""
    import pandas as pd  # slow to import, and seldom needed

    from digitpairs.results import ANSWER_MEASURES, MEASURES

    frame = pd.read_parquet(results)
    count = 0
    for (text, status), epochs in frame.groupby(["spec", "status"], sort=False):
        spec = from_json(json.loads(text))
        path = Path(PlannedRun("", spec).path)
        if not path.exists():
            measured = MEASURES if spec.model.siamese else ANSWER_MEASURES
            record = {
                "status": status,
                "epochs": {name: finite(epochs[name]) for name in measured},
                "provenance": {"restored_from": str(results)},
            }
            store.write(path, spec, record)
            count += 1
    return count


def finite(values: Any) -> list[float | None]:
    """What a record holds: JSON has no NaN."""
    return [float(value) if math.isfinite(value) else None for value in values]
