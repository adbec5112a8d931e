"""The page on pairs of one's own, word for word: other images, another question, by snakemake."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from digitpairs.pairs import pairset
from project import ROOT, start, trained

pytestmark = pytest.mark.workflow

PAGE = (ROOT / "docs/own-pairs.md").read_text(encoding="utf-8")
(PARAMS,) = re.findall(r"`optical\.yaml`:\n\n```yaml\n(.*?)```", PAGE, re.DOTALL)
(COMMAND,) = re.findall(r"^    (snakemake .*)$", PAGE, re.MULTILINE)
((QUESTION_FILE, QUESTION),) = re.findall(
    r"`(\w+\.py):\w+`:\n\n```python\n(.*?)```", PAGE, re.DOTALL
)
STACK = {"layers": [{"channels": 8, "pool": "max"}], "head": False}


def runs_of(content: dict, names: list[str]) -> list[str]:
    """The runs of variants, as their jobs tell."""
    return sorted(
        f"{name} seed-{seed}" for name in names for seed in range(content["training"]["seeds"])
    )


def test_own_images_and_a_question_of_ones_own(tmp_path: Path) -> None:
    project, content = start(tmp_path), yaml.safe_load(PARAMS)
    place = project.root / "optical"
    (project.root / "optical.yaml").write_text(PARAMS, encoding="utf-8")
    printed = project.run(*COMMAND.split())
    evaluated = [run for run in trained(printed) if "_fold" not in run and "selected" not in run]
    assert set(runs_of(content, list(content["variants"]))) <= set(evaluated)

    shown = content["studies"]["same_digit"]["variants"]
    summary = pd.read_csv(place / "reports/metrics/summary.csv").set_index("variant")
    assert set(shown) == set(summary.index)
    table = (place / "reports/tables/same_digit.md").read_text(encoding="utf-8")
    assert "optical\\_digits" in table and "same\\_class" in table
    assert "Paper" not in table
    assert summary["paper_mean"].isna().all()
    assert (place / "reports/figures/pairs.png").stat().st_size > 5_000
    (sample,) = place.glob("data/pairs/*/seed-0.parquet")
    pairs = pairset.load(sample)["train"]
    assert pairs.pixels.shape == (400, 2, 1, 8, 8)
    assert 0.05 < (pairs.digits[:, 0] == pairs.digits[:, 1]).mean() < 0.2
    assert summary.loc["digits_only", "final_mean"] > 0.93
    assert "Nothing to be done" in project.run(*COMMAND.split(), "--dry-run")

    (place / QUESTION_FILE).write_text(QUESTION, encoding="utf-8")
    content["pairs"]["target"] = f"{QUESTION_FILE}:both_even"
    content["variants"]["stack"] = {
        "family": "convstack",
        "options": STACK,
        "learning_rate": 1e-2,
        "readout": "posterior",
    }
    (project.root / "optical.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    printed = project.run("snakemake", "variants/stack", "variants/mlp", *COMMAND.split()[1:])
    assert trained(printed) == runs_of(content, ["mlp", "stack"])
    (other,) = place.glob("data/pairs/*/seed-0.parquet")
    assert other != sample
    pairs = pairset.load(other)["train"]
    assert pairs.pixels.shape == (400, 2, 1, 8, 8)
