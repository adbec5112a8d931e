"""What each step with a fixed name depends on: params and code.

A run's record carries its identity in its path. `data/results/search.parquet` or `figure3.pdf`
cannot. So what a step depends on is written to a plan file named by its digest, an input of the
step, and the step ends by leaving a copy beside its product: what it was made from. Where the two
differ the product is out of date, whatever the times of the files say.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from digitpairs.files import write_text
from digitpairs.params import FIGURE_KINDS, TABLE_KINDS, Params, studies
from digitpairs.spec import TRAINING_MODULES, digest, fingerprint
from digitpairs.variants import resolve

COLLECTING = (*TRAINING_MODULES, "spec", "variants", "selection", "plan", "results")
DRAWING = (
    "report",
    "plotting",
    "figures",
    "labels",
    "statistics",
    "architecture",
    "models",
    "pairs",
    "spec",
    "sizes",
)
TABLE_MODULES = ("report", "tables", "labels")
METRICS = ("evaluation", "summary", "search", "curves", "metrics")
METRIC_MODULES = ("report", "metrics", "paper", "results", "selection", "statistics")


def dependencies(params: Params) -> dict[str, Any]:
    """Name each step's dependencies, as plain data."""
    content = params.model_dump()
    searched = {key: content["training"][key] for key in ("batch_size", "shuffle")}
    collecting = fingerprint(*COLLECTING)
    return {
        "digits": [content["data"], fingerprint("mnist")],
        "search": [content["pairs"], searched, content["search"], collecting],
        "select": [content["pairs"], searched, content["search"], collecting],
        "evaluation": [content["pairs"], content["training"], content["variants"], collecting],
        **{f"metrics-{name}": fingerprint(*METRIC_MODULES) for name in METRICS},
        "figure-pairs": [content["pairs"], fingerprint(*DRAWING)],
        "figure-search": fingerprint(*DRAWING),
        **{
            f"figure-{name}": [study_dependencies(params, name), fingerprint(*DRAWING)]
            for name in studies(params, FIGURE_KINDS)
        },
        **{
            f"table-{name}": [study_dependencies(params, name), fingerprint(*TABLE_MODULES)]
            for name in studies(params, TABLE_KINDS)
        },
    }


def study_dependencies(params: Params, name: str) -> Any:
    """What a study's product takes from the params."""
    study = params.studies[name]
    models = [
        asdict(resolve(params, variant)) for variant in study.variants if variant in params.variants
    ]
    return [study.model_dump(), models if study.kind == "architecture" else params.training.seeds]


def write_params(params: Params, folder: Path) -> Path:
    """Write the params in full, for jobs to read: later edits do not reach a job under way."""
    return written_once(folder, "params", yaml.safe_dump(params.model_dump(), sort_keys=False))


def plan_step(params: Params, step: str, folder: Path) -> tuple[Path, bool]:
    """Write what a step depends on; return the file, and whether its product was made from it."""
    text = json.dumps(dependencies(params)[step], indent=1) + "\n"
    made = made_from(step, folder)
    return written_once(folder, step, text), made.exists() and made.read_text() == text


def made_from(step: str, folder: Path) -> Path:
    """Where a step leaves what its product was made from."""
    return folder / "made" / step


def written_once(folder: Path, name: str, text: str) -> Path:
    """Write a file whose name carries the digest of its text."""
    path = folder / f"{name}-{digest(text)}"
    if not path.exists():
        write_text(path, text)
    return path


def blocks(members: Sequence[int], size: int) -> list[list[int]]:
    """Cut seeds or folds into blocks of `size`: what one job trains."""
    return [list(members[start : start + size]) for start in range(0, len(members), size)]
