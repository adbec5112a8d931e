"""Kinds of studies: each has a file that makes it, and refuses variants that it cannot show."""

from importlib import import_module

import pytest
from contents import Key, problems, with_value

from digitpairs import paths
from digitpairs.pipeline.report_steps import inputs_of
from digitpairs.study.groups import named, promoted, shown, tables_of_groups
from digitpairs.study.kinds import KINDS, known_kinds
from digitpairs.study.load import check
from searched import content


def test_every_kind_is_a_figure_or_a_table_with_a_file_of_its_name() -> None:
    for kind in known_kinds("figure"):
        assert callable(import_module(f"digitpairs.products.figures.{kind}").draw)
    for kind in known_kinds("table"):
        of = KINDS[kind]
        made = "frame" if of.repeats or of.spread or of.answers or of.trials else "cells"
        assert callable(getattr(import_module(f"digitpairs.products.tables.{kind}"), made))
    assert {*known_kinds("figure"), *known_kinds("table")} == KINDS.keys()


def test_only_architectures_are_drawn_without_results() -> None:
    assert [name for name, kind in KINDS.items() if not kind.results] == ["architecture"]


def test_a_study_of_trials_shows_folds_and_no_run_of_its_winner() -> None:
    study = {"title": "Tried", "group": "further"}
    found = content()
    found["studies"] |= {
        "tried": {**study, "kind": "trials", "variants": ["found_selected"]},
        "forest": {**study, "kind": "forest", "references": ["stack"], "variants": ["stack"]},
        "read": {**study, "kind": "readouts", "variants": ["student"]},
    }
    found["studies"]["forest"]["variants"].append("student")
    params = check(found).model_copy(update={"shown": ["further"]})
    assert named(params, ["tried", "forest"]) == ["found_selected", "stack", "student"]
    assert shown(params, ["tried", "forest"]) == ["stack", "student"]
    assert tables_of_groups(params) == ["read"]
    about = inputs_of(params, "tried", {})
    rungs = [paths.search(f"-{promoted('found', rung)}") for rung in range(3)]
    assert set(about) == {paths.SOURCE, paths.winners(f"-{promoted('found', 2)}"), *rungs}


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
NO_LADDER: list[tuple[str, list[str], str]] = [
    ("ladder", ["siamese_convnet_shared"], "each rung is compared with the one before"),
    ("rungs", ["siamese_convnet_shared"], "each rung is compared with the one before"),
    ("cost", ["siamese_convnet_shared", "mlp"], "'mlp': names no digits"),
    ("confused", ["siamese_convnet"], "'siamese_convnet': has two branches"),
    ("limits", ["siamese_convnet"], "set shared: true"),
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


@pytest.mark.parametrize(("kind", "variants", "reason"), NO_LADDER)
def test_what_asks_for_single_digits_takes_nets_that_say_one_thing_of_each(
    kind: str, variants: list[str], reason: str
) -> None:
    study = {"kind": kind, "title": "Climb", "variants": variants}
    (line,) = problems(with_value(("studies", "climb"), study))
    assert line.startswith("studies.climb.variants: ")
    assert reason in line


def test_only_a_ladder_has_goals() -> None:
    variants = ["siamese_convnet_shared", "siamese_convnet_shared_aux_1"]
    study = {"kind": "ladder", "title": "Climb", "variants": variants, "goals": [0.9, 0.99]}
    assert check(with_value(("studies", "climb"), study)).studies["climb"].goals == [0.9, 0.99]
    (line,) = problems(with_value(("studies", "climb"), {**study, "kind": "limits"}))
    assert line == "studies.climb.goals: 'limits': has none; leave them out, or choose ladder"
    for wrong in ([1.0], [-0.1], [0.1, 0.2, 0.3, 0.4]):
        assert problems(with_value(("studies", "climb"), {**study, "goals": wrong}))
