"""Params that are each right alone and cannot be together: one line each."""

from typing import Any

import pytest
from contents import MISSING, QUICK, Key, check_line, problems, with_value

from digitpairs.study.conflicts import pairs_conflicts
from digitpairs.study.kinds import FIXED_FIGURES
from digitpairs.study.load import check
from digitpairs.study.schema import Pairs

CONFLICTS: list[tuple[Key, Any, str, list[str]]] = [
    (
        ("data",),
        {"source": "torchvision", "folder": "/some/where"},
        "data.folder",
        ["'/some/where'", "not read", "torchvision", "set folder to null"],
    ),
    (("data", "folder"), "/some/where", "data.folder", ["embedded", "source to auto or folder"]),
    (("pairs", "train"), 1_251, "pairs.train", ["1251", "2502", "at most 1250"]),
    (("search", "seed"), 2, "search.seed", ["2", "0 to 2", "choose a larger one"]),
    (("search", "min_parameters"), 200_000, "search.min_parameters", ["200000", "110000"]),
    (("search", "folds"), 201, "search.folds", ["201", "200"]),
    (
        ("search", "grids", "mlp", "channels"),
        [[8]],
        "search.grids.mlp.channels",
        ["[[8]]", "has no channels"],
    ),
    (("search", "grids", "convnet", "channels"), MISSING, "search.grids.convnet.channels", []),
    (
        ("search", "grids", "mlp", "hidden"),
        [[1]],
        "search.grids.mlp",
        ["90000 to 110000", "widen grid or budget"],
    ),
    (
        ("search", "grids", "mlp", "learning_rate"),
        [1e-3, 1e-3],
        "search.grids.mlp",
        ["twice", "each once"],
    ),
    (("variants", "mlp", "family"), "siamese_mlp", "variants.mlp", ["family mlp"]),
    (
        ("variants", "mlp", "training"),
        {"varies": "order", "shuffle": False},
        "variants.mlp.training.varies",
        ["'order'", "nothing is drawn", "set it to true"],
    ),
    (("model", "variant"), "mpl", "model.variant", ["mpl", "did you mean mlp?"]),
    (("model", "variant"), "mlp_selected", "model.variant", ["is no variant"]),
    (("model", "seed"), 3, "model.seed", ["3", "choose 0 to 2"]),
    (
        ("variants", "mlp_selected"),
        {"base": "mlp"},
        "variants.mlp_selected",
        ["_selected", "search's winners"],
    ),
    (
        ("studies", "figure3", "variants", 0),
        "siamese_mpl",
        "studies.figure3.variants",
        ["'siamese_mpl'", "did you mean siamese_mlp?"],
    ),
    (
        ("studies", "table1", "variants", 1),
        "mlp_select",
        "studies.table1.variants",
        ["'mlp_select'", "did you mean mlp_selected?"],
    ),
    (
        ("studies", "figure3", "variants"),
        ["mlp", "mlp"],
        "studies.figure3.variants",
        ["'mlp': is given twice"],
    ),
]


@pytest.mark.parametrize(("path", "value", "place", "pieces"), CONFLICTS)
def test_keys_that_do_not_go_together_get_one_line(
    path: Key, value: Any, place: str, pieces: list[str]
) -> None:
    check_line(path, value, place, pieces)


def test_a_family_searched_needs_a_variant_of_its_name() -> None:
    content = with_value(("variants", "mlp"), MISSING)
    assert problems(content)[0].startswith("search.grids.mlp: needs a variant mlp")


def test_a_family_with_options_is_searched_from_a_base() -> None:
    path = ("search", "grids", "convstack")
    check_line(path, QUICK["search"]["grids"]["mlp"], "search.grids.convstack", ["needs a base"])


@pytest.mark.parametrize("name", FIXED_FIGURES)
def test_no_study_shares_its_files_with_another_product(name: str) -> None:
    (line,) = problems(with_value(("studies", name), QUICK["studies"]["figure1"]))
    assert line.startswith(f"studies.{name}: this name is taken")


@pytest.mark.parametrize("source", ["auto", "folder"])
def test_a_folder_goes_with_a_source_that_reads_it(source: str) -> None:
    data = {"source": source, "folder": "/some/where"}
    assert check(with_value(("data",), data)).data.folder == "/some/where"


def test_pairs_need_twice_as_many_digits() -> None:
    pools = {"train": 10, "test": 10}
    assert list(pairs_conflicts(Pairs(train=5, test=5), pools)) == []
    (line,) = pairs_conflicts(Pairs(train=5, test=6), pools)
    assert line == "pairs.test: 6: needs 12 distinct digits of 10; choose at most 5"
