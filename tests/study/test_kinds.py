"""Kinds of studies: each has a file that makes it, and refuses variants that it cannot show."""

from importlib import import_module

import pytest
from contents import Key, problems, with_value

from digitpairs.study.kinds import KINDS, known_kinds
from digitpairs.study.load import check


def test_every_kind_is_a_figure_or_a_table_with_a_file_of_its_name() -> None:
    for kind in known_kinds("figure"):
        assert callable(import_module(f"digitpairs.products.figures.{kind}").draw)
    for kind in known_kinds("table"):
        made = "frame" if KINDS[kind].repeats or KINDS[kind].spread else "cells"
        assert callable(getattr(import_module(f"digitpairs.products.tables.{kind}"), made))
    assert {*known_kinds("figure"), *known_kinds("table")} == KINDS.keys()


def test_only_architectures_are_drawn_without_results() -> None:
    assert [name for name, kind in KINDS.items() if not kind.results] == ["architecture"]


WRONG: list[tuple[Key, list[str], str]] = [
    (("studies", "figure1", "variants"), ["mlp", "mlp_selected"], "the search's winners"),
    (("studies", "figure4", "variants"), ["mlp"], "nothing to sweep"),
    (
        ("studies", "figure4", "variants"),
        ["mlp", "convnet", "siamese_convnet_shared_aux_1"],
        "one variant for each aux_weight",
    ),
    (
        ("studies", "figure4", "variants"),
        ["mlp_selected", "siamese_convnet_shared_aux_1"],
        "one variant for each aux_weight",
    ),
]


@pytest.mark.parametrize(("path", "variants", "reason"), WRONG)
def test_a_kind_says_which_variants_it_cannot_show(
    path: Key, variants: list[str], reason: str
) -> None:
    (line,) = problems(with_value(path, variants))
    assert line.startswith(".".join(map(str, path)) + ": ")
    assert reason in line


def test_a_sweep_may_begin_without_an_auxiliary_loss() -> None:
    variants = ["siamese_convnet_shared", "siamese_convnet_shared_aux_1"]
    params = check(with_value(("studies", "figure4", "variants"), variants))
    assert params.studies["figure4"].variants == variants
