"""Nothing is computed twice and nothing stale is shown: edits by the real snakemake and dvc."""

import ast
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from digitpairs.identity import digest
from project import Project, trained

pytestmark = pytest.mark.workflow

RUNS = 12  # 2 seeds of 3 variants and of the search's winner, 2 folds of 2 configurations
FOLDS = ["mlp seed-1000-fold-0", "mlp seed-1000-fold-0"]
FOLDS += ["mlp seed-1000-fold-1", "mlp seed-1000-fold-1"]
NEW_SEED = ["mlp seed-2", "mlp_selected seed-2"]
NEW_SEED += ["siamese_mlp_aux_1 seed-2", "siamese_mlp_aux_10 seed-2"]
AUX_100 = "siamese_mlp_aux_100"
RESULTS = ("data/results/searches/search.parquet", "evaluation")
VARIANTS = "data/results/variants/*"
Train = Callable[[Project], list[str]]


def by_snakemake(project: Project) -> list[str]:
    """Bring the results up to date, without the products; list what was trained."""
    return trained(project.snakemake(*RESULTS))


def by_dvc(project: Project) -> list[str]:
    return trained(project.run("dvc", "repro", "evaluate"))


def faster(params: dict[str, Any]) -> None:
    params["variants"]["mlp"].update(learning_rate=3e-3)


def stronger(params: dict[str, Any]) -> None:
    params["variants"][AUX_100] = {"base": "siamese_mlp_aux_1", "aux_weight": 100}


def wider(params: dict[str, Any]) -> None:
    """Adds a learning rate that wins nothing."""
    params["search"]["grids"]["mlp"]["learning_rate"].append(1e-6)


def more_seeds(params: dict[str, Any]) -> None:
    params["training"].update(seeds=3)


def times(project: Project, *patterns: str) -> dict[str, int]:
    """When each file was last written."""
    files = [path for pattern in patterns for path in project.root.glob(pattern)]
    return {str(path.relative_to(project.root)): path.stat().st_mtime_ns for path in files}


def jobs(printed: str) -> Counter[str]:
    """How many jobs of each rule a dry-run lists."""
    table = printed.partition("Job stats:")[2].partition("total")[0]
    found = re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)
    return Counter({rule: int(count) for rule, count in found if rule != "all"})


def test_the_first_run_trains_every_run_and_then_there_is_nothing_to_do(finished: Project) -> None:
    printed = (finished.root.parent / "finished.log").read_text()
    assert len(trained(printed)) == RUNS
    assert finished.idle()
    assert "up to date" in finished.run("dvc", "status")


def test_an_edit_trains_only_what_it_changes_and_flipped_back_trains_nothing(
    project: Project,
) -> None:
    before, results = (project.root / "params.yaml").read_text(), project.files("data/results")

    project.edit(faster)
    once = project.snakemake("--config", "set=training.seeds=3", "--", RESULTS[1])
    assert trained(once) == sorted(["mlp seed-0", "mlp seed-1", *NEW_SEED])

    project.edit(more_seeds)
    assert by_snakemake(project) == []

    evaluated = times(project, VARIANTS)
    for change in (stronger, wider):
        project.edit(change)
    assert by_snakemake(project) == FOLDS + [f"{AUX_100} seed-{seed}" for seed in range(3)]
    assert evaluated.items() <= times(project, VARIANTS).items()  # the winner is the same

    code = project.root / "src/digitpairs/training/loop.py"
    code.write_text(ast.unparse(ast.parse(code.read_text())))  # other layout, no comments
    assert by_dvc(project) == []  # after snakemake
    assert "evaluate" not in project.run("dvc", "status")

    (project.root / "params.yaml").write_text(before)
    assert by_snakemake(project) == []
    assert project.files("data/results") == results


def test_dvc_repro_trains_what_edits_change_and_flipped_back_nothing(project: Project) -> None:
    before, lock = [(project.root / name).read_text() for name in ("params.yaml", "dvc.lock")]
    for change in (faster, stronger, wider, more_seeds):
        project.edit(change)
    project.append("src/digitpairs/training/loop.py", "# a comment")
    new = [f"{name} seed-{seed}" for name in ("mlp", AUX_100) for seed in range(3)]
    assert by_dvc(project) == sorted([*FOLDS, *{*new, *NEW_SEED}])
    assert "Nothing to be done" in project.snakemake(*RESULTS)  # after dvc repro

    (project.root / "params.yaml").write_text(before)
    project.run("git", "checkout", "--quiet", "src")
    assert trained(project.repro()) == []
    assert (project.root / "dvc.lock").read_text() == lock
    assert "up to date" in project.run("dvc", "status")
    assert project.idle()


@pytest.mark.parametrize("train", [by_snakemake, by_dvc])
def test_changed_training_code_trains_every_run_and_flipped_back_none(
    project: Project, train: Train
) -> None:
    def alone(params: dict[str, Any]) -> None:
        params["studies"].clear()
        params["model"] = None  # DVC names the key, so it stays
        params["variants"] = {"mlp": params["variants"]["mlp"]}
        params["search"]["grids"]["mlp"]["hidden"] = [[16]]

    project.edit(alone)
    (project.root / "claims.yaml").write_text("{}")  # those there are compare other variants
    project.append("src/digitpairs/training/loop.py", "ANOTHER = 1")
    assert len(train(project)) == 6  # 2 seeds of the variant and of the winner, 2 folds
    project.run("git", "checkout", "--quiet", "src")
    assert train(project) == []


@pytest.mark.parametrize("command", [("snakemake",), ("dvc", "repro")])
def test_another_style_draws_figures_alone(project: Project, command: tuple[str, ...]) -> None:
    before = times(project, "data/**/*.*", "reports/*/*.*")
    project.append(
        "src/digitpairs/products/figures/plotting.py", "mpl.rcParams['lines.linewidth'] = 3"
    )
    assert trained(project.run(*command)) == []
    after = times(project, "data/**/*.*", "reports/*/*.*")
    written = {path for path in before if before[path] != after[path] and "/plan/" not in path}
    assert {Path(path).parts[1] for path in written} == {"figures", "made"}
    assert {Path(path).stem for path in written} >= {"weights", "search", "pairs"}
    assert project.idle()


def test_every_product_that_shows_changed_runs_is_made_again(project: Project) -> None:
    before = project.files("reports")
    shutil.rmtree(project.root / ".snakemake")
    project.edit(lambda p: p["variants"]["siamese_mlp_aux_1"].update(learning_rate=1e-2))
    project.snakemake()
    after = project.files("reports")
    same = {path for path in before if before[path] == after[path] and "/made/" not in path}
    # Of the model not by default; the others show nothing of this variant.
    others = {"search", "pairs", "paper", "protocol", "groups", "standings", "ladder"}
    assert {Path(path).stem for path in same} == {"model", *others}


def test_products_of_a_study_go_with_it_and_come_back(project: Project) -> None:
    study = {}
    before = project.files("reports")
    project.edit(lambda p: study.update(p["studies"].pop("weights")))
    project.snakemake()
    assert not list((project.root / "reports").glob("*/*weights*"))
    project.edit(lambda p: p["studies"].update(weights=study))
    assert trained(project.snakemake()) == []
    assert project.files("reports") == before


# The step of each file. Those of a group depend on nothing else in it: what is done for one file
# cannot be taken for what is done for another.
LOST: list[dict[str, str]] = [
    {"data/results/searches/search.parquet": "search", "reports/made/tidy.json": "tidy"},
    {"data/results/variants/mlp.parquet": "variant", "reports/figures/weights.svg": "figure"},
    {
        "data/made/evaluation.json": "delete_old_variants",
        "reports/metrics/evaluation.csv": "metric",
        "reports/metrics/metrics.json": "metric",
        "reports/tables/models.tex": "table",
    },
]


@pytest.mark.parametrize("group", LOST, ids=lambda group: "-".join(group.values()))
def test_a_lost_file_has_its_own_step_done_and_no_other(
    group: dict[str, str], project: Project
) -> None:
    for file in group:
        (project.root / file).unlink()
    assert jobs(project.snakemake("--dry-run", "--quiet", "host")) == Counter(group.values())


def test_whatever_is_lost_or_altered_comes_back_without_training(project: Project) -> None:
    made = ("data/raw", "data/pairs", "data/results", "data/made", "reports")
    before = project.files(*made)
    labels, source = "data/raw/t10k-labels-idx1-ubyte", "data/raw/source.json"
    for file in (
        labels,
        source,
        "data/results/searches/selected.json",
        "data/made/pairs.json",
        *chain(*LOST),
    ):
        (project.root / file).unlink()
    next((project.root / "data/pairs").glob("*/seed-1.parquet")).unlink()
    drawn = project.root / "reports/figures/pairs.svg"
    drawn.write_text("by hand")
    (project.root / "reports/made/figure-search.json").write_text("{}")

    printed = project.snakemake()
    assert trained(printed) == []
    assert "pairs.svg was altered" in printed
    aside = drawn.with_name("pairs.svg.bad")
    assert aside.read_text() == "by hand"
    aside.unlink()
    assert project.files(*made) == before
    assert project.idle()


def test_a_lost_record_comes_back_from_the_results(project: Project) -> None:
    records = sorted((project.root / "data/runs").glob("*/*.json"))
    whole = [json.loads(record.read_text()) for record in records]
    shutil.rmtree(project.root / "data/runs")
    assert project.idle()
    for record, before in zip(records, whole, strict=True):
        after = json.loads(record.read_text())
        assert {key: after[key] for key in ("spec", "status", "epochs")} == {
            key: before[key] for key in ("spec", "status", "epochs")
        }


def test_results_give_their_runs_back_without_stamp_and_digits(project: Project) -> None:
    shutil.rmtree(project.root / "data/runs")
    (project.root / "data/made/variants/mlp.json").unlink()
    (project.root / "data/raw/source.json").unlink()
    project.edit(faster)
    assert by_snakemake(project) == ["mlp seed-0", "mlp seed-1"]


def test_what_comes_back_other_than_it_was_is_no_success(project: Project) -> None:
    """As when records are of another machine."""
    record = min((project.root / "data/runs").glob("*/seed-0.json"))
    content = json.loads(record.read_text())
    del content["checksum"]
    content["epochs"]["test_loss"][0] += 1e-6
    record.write_text(json.dumps({**content, "checksum": digest(content)}))
    shutil.rmtree(project.root / "data/results/variants")
    assert "give the same command again" in project.snakemake(fails=True)
    project.snakemake()
    assert project.idle()


def test_wrong_params_stop_dvc_too(project: Project) -> None:
    before = project.files("data", "reports")
    project.edit(lambda p: p["training"].update(epoch=3))
    printed = project.run("dvc", "repro", fails=True)
    assert "training.epoch: unknown key; did you mean epochs?" in printed
    assert "Traceback" not in printed
    assert project.files("data", "reports") == before


def test_times_of_files_say_nothing(project: Project) -> None:
    shutil.rmtree(project.root / ".snakemake")
    for number, path in enumerate(sorted(project.root.rglob("*"))):
        os.utime(path, (when := 10**9 + 7919 * number % 10**7, when))
    assert project.idle()
