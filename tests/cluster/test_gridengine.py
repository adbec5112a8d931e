"""The quick pipeline on a real GridEngine: the profile, its plugin, qsub, and the same numbers."""

from pathlib import Path

import gridengine
import pytest

from project import quick_by


@pytest.mark.cluster
def test_the_quick_pipeline_gives_the_same_results_on_a_gridengine(
    quick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gridengine.available(), "needs root and Debian's gridengine-*"
    with gridengine.GridEngine(tmp_path / "engine") as engine:
        for name, value in engine.environment.items():
            monkeypatch.setenv(name, value)
        printed = quick_by("profiles/sge", quick, tmp_path / "quick")
        accounted = engine.call("qacct", "-j", "train_*")
    jobs = printed.count("Submitted SGE array job")
    assert jobs > 0
    assert accounted.count("exit_status  0") >= jobs
