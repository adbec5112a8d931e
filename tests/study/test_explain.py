"""What the schema refuses of a section that is one of several: the keys as a file has them."""

from typing import Any

import pytest
from contents import check_line

WRONG: list[tuple[str, Any, str, list[str]]] = [
    ("optimizer", {"name": "sdg"}, "optimizer.name", ["'sdg'", "did you mean sgd?", "lion"]),
    ("optimizer", {}, "optimizer.name", ["missing", "adam, adamw, sgd, lion"]),
    ("optimizer", "sgd", "optimizer", ["'sgd'", "{name: adam}"]),
    ("optimizer", {"name": "sgd", "momentun": 1}, "optimizer.momentun", ["did you mean momentum?"]),
    ("optimizer", {"name": "sgd", "momentum": 1}, "optimizer.momentum", ["1", "less than 1"]),
    ("optimizer", {"name": "adam", "betas": [0, True]}, "optimizer.betas.1", ["True", "a number"]),
    ("schedule", {"name": "one_cycle"}, "schedule.warmup", ["missing"]),
    ("augmentation", {"afine": {}}, "augmentation.afine", ["did you mean affine?"]),
    ("augmentation", {"affine": 1}, "augmentation.affine", ["1", "{rotation: ...}"]),
    ("augmentation", {"affine": {"shft": 1}}, "augmentation.affine.shft", ["shift"]),
    ("training", {"epoch": 1}, "training.epoch", ["did you mean epochs?"]),
    ("readout", "heads", "readout", ["'heads'", "'head', 'argmax' or 'posterior'"]),
]


@pytest.mark.parametrize(("key", "value", "place", "pieces"), WRONG)
def test_a_part_of_a_recipe_gets_one_line(
    key: str, value: Any, place: str, pieces: list[str]
) -> None:
    check_line(("variants", "mlp", key), value, f"variants.mlp.{place}", pieces)


def test_a_list_of_parts_names_the_place_in_the_list() -> None:
    grid = {"base": "mlp", "optimizer": [{"name": "adam"}, {"name": "sgd", "momentum": "fast"}]}
    place = "search.grids.tuned.optimizer.1.momentum"
    check_line(("search", "grids", "tuned"), grid, place, ["'fast'", "a number"])
