"""Nothing is computed twice and nothing stale is shown: edits by the real snakemake and dvc."""

import pytest

from project import Project, trained

pytestmark = pytest.mark.workflow

RUNS = 12  # 2 seeds of 3 variants and of the search's winner, 2 folds of 2 configurations


def test_the_first_run_trains_every_run_and_then_there_is_nothing_to_do(finished: Project) -> None:
    printed = (finished.root.parent / "finished.log").read_text()
    assert len(trained(printed)) == RUNS
    assert finished.idle()
    assert "up to date" in finished.run("dvc", "status")
