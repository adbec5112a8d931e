"""The pipeline on a real GridEngine: the profile, its plugin, qsub, and the same numbers."""

from pathlib import Path

import gridengine
import pytest

from project import Project, results


@pytest.mark.cluster
@pytest.mark.skipif(not gridengine.available(), reason="needs root and Debian's gridengine-*")
def test_the_pipeline_gives_the_same_results_on_a_gridengine(
    half: Project, finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gridengine.GridEngine(tmp_path / "engine") as engine:
        for name, value in engine.environment.items():
            monkeypatch.setenv(name, value)
        printed = half.snakemake("--profile", "profiles/sge")
        accounted = engine.call("qacct", "-j", "train_*")
    jobs = printed.count("Submitted SGE array job")
    assert jobs > 0
    assert accounted.count("exit_status  0") >= jobs
    assert results(half) == results(finished)
