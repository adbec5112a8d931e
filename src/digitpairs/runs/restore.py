"""Fills the run store from the collected results: after a clone and `dvc pull`, or a lost record.

The store is a local cache. What travels is data/results, which holds every epoch of every run
with its spec and a digest of the record that it came from.
"""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from digitpairs import paths
from digitpairs.models.registry import family_of
from digitpairs.runs import store
from digitpairs.spec import from_text, result_digest


def restore(say: Callable[[str], None]) -> None:
    """Put back every run that collected results hold and the store does not, planned or not.

    So a parameter that is set back later finds its runs.
    """
    files = sorted(paths.RESULTS.glob("**/[!.]*.parquet"))
    for results in (file for file in files if file.parent != paths.ANSWERS):
        if count := restore_from(results):
            say(f"{results}: {count} runs put back into {paths.RUNS}")


def restore_from(results: Path) -> int:
    """Write the missing records of one file of collected results; count them.

    A run is passed over where it was altered since it was recorded, or where its spec has fields
    that this code does not know; and all of a file that cannot be read, because its step is due.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Each start of Snakemake comes here: `pq.read_table` would import pandas, which is slow.
        with pq.ParquetFile(results) as file:
            runs = set(file.read(columns=["run"])["run"].to_pylist())
        missing = {run for run in runs if not (paths.RUNS / f"{run}.json").exists()}
        if not missing:
            return 0
        from digitpairs.runs.collect import MEASURES, read

        frame = read([str(results)])
        frame = frame[frame["run"].isin(missing)]
        groups = list(frame.groupby(["variant", "run"]).indices.values())  # twins share a run
        firsts = frame.iloc[[rows[0] for rows in groups]].to_dict("records")
        measured = {name: frame[name].to_numpy() for name in MEASURES if name in frame}
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return 0
    return sum(
        write_back(first, {name: values[rows] for name, values in measured.items()}, results)
        for first, rows in zip(firsts, groups, strict=True)
    )


def write_back(first: Mapping[str, Any], epochs: Mapping[str, Any], results: Path) -> bool:
    """Make the record of a run from its first row and its measures by epoch, and write it.

    It is not written where it is not what was recorded.

    The record's place comes from the spec, whose types are checked: no file of results can name
    a place of its own.
    """
    from digitpairs.runs.collect import ANSWER_MEASURES, FINAL_MEASURES, MEASURES

    try:
        spec = from_text(first["spec"])
        measured = MEASURES if family_of(spec.model).siamese else ANSWER_MEASURES
        record = {
            "status": first["status"],
            "epochs": {name: finite(epochs[name]) for name in measured},
            "measures": {
                name: float(first[name])
                for name in FINAL_MEASURES
                if name in first and math.isfinite(first[name])
            },
        }
        provenance = {**json.loads(first.get("provenance") or "{}"), "restored_from": str(results)}
        genuine = result_digest(spec, record) == first["record"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    if not genuine or first["run"] != f"{spec.group}/{spec.member}" or Path(spec.path).exists():
        return False
    store.write(Path(spec.path), spec, {**record, "provenance": provenance})
    return True


def finite(values: Any) -> list[float | None]:
    """What a record holds: JSON has no NaN."""
    return [float(value) if math.isfinite(value) else None for value in values]
