"""Records of runs: some that took so long, as a forecast finds them; what any holds."""

from pathlib import Path
from typing import Any

from digitpairs.runs import store
from digitpairs.runs.plan import PlannedRun

PUBLISHED = {"model": {"family": "mlp", "hidden": [200, 100]}, "learning_rate": 1e-4}
FASTER = PUBLISHED | {"learning_rate": 1e-3}
ALL = "all, shared runs once"


def record(run: PlannedRun, seconds: float | None, epochs: int | None = None) -> Path:
    """Write a record that took so long, as if restored where that is None."""
    times = {} if seconds is None else {"seconds": seconds, "cpu_seconds": seconds / 2}
    content = {
        "status": "finished",
        "epochs": {"train_loss": [0.5] * (epochs or run.spec.epochs)},
        "provenance": {"device": "abacus", **times},
    }
    store.write(Path(run.path), run.spec, content)
    return Path(run.path)


def results(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the records hold beside where and how it was computed."""
    return [{k: v for k, v in record.items() if k != "provenance"} for record in records]
