"""What each step with a fixed name depends on: params and code.

A run's record carries its identity in its path. `data/results/search.parquet` or `figure3.pdf`
cannot: for each there is a small plan file, an input of the step, rewritten only when what the
step depends on changes.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from digitpairs.files import write_text
from digitpairs.params import FIGURE_KINDS, TABLE_KINDS, Params, studies
from digitpairs.spec import TRAINING_MODULES, fingerprint
from digitpairs.variants import resolve

COLLECTING = (*TRAINING_MODULES, "variants", "selection", "plan", "results")
DRAWING = ("report", "plotting", "figures", "labels", "statistics", "architecture", "models")
TABLE_MODULES = ("report", "tables", "labels")
METRIC_MODULES = ("report", "metrics", "paper", "results", "selection", "statistics")


def dependencies(params: Params) -> dict[str, Any]:
    """Name each step's dependencies, as plain data."""
    content = params.model_dump()
    searched = {key: content["training"][key] for key in ("batch_size", "shuffle")}
    collecting = fingerprint(*COLLECTING)
    return {
        "digits": [content["data"], fingerprint("mnist")],
        "search": [content["pairs"], searched, content["search"], collecting],
        "evaluation": [content["pairs"], content["training"], content["variants"], collecting],
        "metrics": fingerprint(*METRIC_MODULES),
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


def write_plan(params: Params, folder: Path) -> None:
    """Write the params in full and a file a step; a file that is right already is not touched."""
    files = {"params.yaml": yaml.safe_dump(params.model_dump(), sort_keys=False)}
    for step, depends in dependencies(params).items():
        files[f"{step}.json"] = json.dumps(depends, indent=1) + "\n"
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            write_text(path, text)


def blocks(members: Sequence[int], size: int) -> list[list[int]]:
    """Cut seeds or folds into blocks of `size`: what one job trains."""
    return [list(members[start : start + size]) for start in range(0, len(members), size)]
