"""The quick pipeline on a real GridEngine: the profile, its plugin, qsub, and the same numbers."""

from pathlib import Path

import gridengine
import pytest

from project import Project, run


@pytest.mark.cluster
def test_the_quick_pipeline_gives_the_same_results_on_a_gridengine(
    quick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gridengine.available(), "needs root and Debian's gridengine-*"
    here = Project(tmp_path / "quick")
    where = ["--directory", here.root, "--configfile", "params.quick.yaml"]
    monkeypatch.setenv("DIGITPAIRS_MNIST", "")
    with gridengine.GridEngine(tmp_path / "engine") as engine:
        for name, value in engine.environment.items():
            monkeypatch.setenv(name, value)
        printed = run("snakemake", "--profile", "profiles/sge", *where)
        accounted = engine.call("qacct", "-j", "train_*")
    jobs = printed.count("Submitted SGE array job")
    assert jobs > 0
    assert accounted.count("exit_status  0") >= jobs
    local = Project(quick)
    assert here.files("data/results") == local.files("data/results")
    assert here.files("reports/metrics") == local.files("reports/metrics")
