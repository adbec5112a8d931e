"""Params: both files load, and whatever is wrong gets one line, never a traceback."""

import math
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.errors import ParamsError
from digitpairs.spec import ModelSpec, Setting, resolve
from digitpairs.study import schema
from digitpairs.study.load import check, load
from digitpairs.study.schema import Params
from project import ROOT

Content = dict[str, Any]
Key = tuple[str | int, ...]

QUICK: Content = yaml.safe_load((ROOT / "params.quick.yaml").read_text())
MISSING = object()


def with_value(path: Key, value: Any) -> Content:
    """The quick params with one key set, or taken out."""
    content = deepcopy(QUICK)
    section: Any = content
    for key in path[:-1]:
        section = section[key]
    if value is MISSING:
        del section[path[-1]]
    else:
        section[path[-1]] = value
    return content


def problems(content: Any) -> list[str]:
    """The lines of the message, less the first."""
    with pytest.raises(ParamsError) as caught:
        check(content)
    title, *lines = str(caught.value).splitlines()
    assert title == "params that cannot be used:"
    return [line.strip() for line in lines]


def keys(value: Any) -> Any:
    """The structure of nested mappings; lists and leaves left out."""
    return {key: keys(item) for key, item in value.items()} if isinstance(value, dict) else None


def test_both_params_files_have_the_same_keys_but_for_variants_left_out() -> None:
    full, quick = keys(yaml.safe_load((ROOT / "params.yaml").read_text())), keys(QUICK)
    assert full["variants"].items() > quick["variants"].items()
    assert full | {"variants": None} == quick | {"variants": None}


def test_params_say_what_the_file_says(full_params: Params) -> None:
    assert full_params.training.seeds == 15
    assert full_params.search.grids["siamese_convnet"].learning_rate[-1] == 1e-2
    assert full_params.studies["table3"].kind == "accuracies"


def test_checked_params_check_again(quick_params: Params) -> None:
    assert check(quick_params.model_dump()) == quick_params


def test_a_variant_takes_from_its_bases_what_it_does_not_change(full_params: Params) -> None:
    assert resolve(full_params, "siamese_convnet_shared_aux_100") == Setting(
        ModelSpec("siamese_convnet", (50,), (128, 32), shared=True), 1e-2, 100.0
    )
    assert resolve(full_params, "mlp") == Setting(ModelSpec("mlp", (200, 100)), 1e-4, 0.0)


@pytest.mark.parametrize(("text", "rate"), [("1e-4", 1e-4), ("1.0e-4", 1e-4), ("1", 1.0)])
def test_numbers_are_read_as_people_write_them(tmp_path: Path, text: str, rate: float) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(with_value(("variants", "mlp", "learning_rate"), "RATE")))
    path.write_text(path.read_text().replace("RATE", text))
    assert load(path).variants["mlp"].learning_rate == rate


AUXILIARY = "siamese_convnet_shared_aux_1"
KEPT = ("variants", AUXILIARY, "aux_weight")


@pytest.mark.parametrize("weight", [0, 0.0, 1, 1e6])
def test_any_weight_from_zero_up_is_right(weight: float) -> None:
    assert check(with_value(KEPT, weight)).variants[AUXILIARY].aux_weight == weight


UNKNOWN_KEYS: list[tuple[Key, str]] = [
    (("trainings",), "training"),
    (("training", "epoch"), "epochs"),
    (("data", "sources"), "source"),
    (("search", "fold"), "folds"),
    (("search", "grids", "mlp", "hiden"), "hidden"),
    (("variants", "mlp", "leaning_rate"), "learning_rate"),
    (("studies", "figure3", "variant"), "variants"),
    (("execution", "thread"), "threads"),
]


@pytest.mark.parametrize(("path", "nearest"), UNKNOWN_KEYS)
def test_an_unknown_key_is_named_with_the_nearest_and_all_known(path: Key, nearest: str) -> None:
    (line,) = problems(with_value(path, 1))
    assert line.startswith(f"{'.'.join(map(str, path))}: unknown key; did you mean {nearest}?")
    section: Any = QUICK
    for key in path[:-1]:
        section = section[key]
    assert all(key in line for key in section)


def test_a_key_like_no_other_gets_no_suggestion() -> None:
    (line,) = problems(with_value(("data", "zzz"), 1))
    assert "did you mean" not in line
    assert "known: source, folder" in line


def test_keys_that_are_no_text_are_refused() -> None:
    (line,) = problems(with_value(("training", 1), 2))
    assert line == "training.1: 1: Keys should be strings"


@pytest.mark.parametrize(
    "path",
    [
        ("data", "source"),
        ("pairs",),
        ("training", "seeds"),
        ("search", "grids"),
        ("search", "grids", "mlp", "hidden"),
        ("studies", "figure3", "kind"),
        ("execution", "device"),
    ],
)
def test_a_missing_key_is_named(path: Key) -> None:
    assert f"{'.'.join(map(str, path))}: missing; it has to be set" in problems(
        with_value(path, MISSING)
    )


BAD_VALUES: list[tuple[Key, Any, str]] = [
    (("training", "epochs"), "fifty", "valid integer"),
    (("training", "epochs"), 2.5, "valid integer"),
    (("training", "epochs"), True, "valid integer"),
    (("training", "epochs"), None, "valid integer"),
    (("training", "epochs"), 0, "greater than or equal to 1"),
    (("training", "epochs"), -3, "greater than or equal to 1"),
    (("training", "batch_size"), [100], "valid integer"),
    (("training", "shuffle"), "yes", "valid boolean"),
    (("training", "shuffle"), 1, "valid boolean"),
    (("training", "batchnorm"), "frozen", "'standard' or 'frozen_after_first_epoch'"),
    (("data", "source"), "internet", "'auto', 'folder', 'torchvision' or 'embedded'"),
    (("data", "folder"), 7, "valid string"),
    (("search", "seed"), -1, "greater than or equal to 0"),
    (("search", "folds"), 1, "greater than or equal to 2"),
    (("search", "grids", "mlp", "learning_rate", 0), "fast", "number, such as 1.0e-4"),
    (("search", "grids", "mlp", "learning_rate"), [], "at least 1 item"),
    (("variants", "mlp", "learning_rate"), True, "number"),
    (("variants", "mlp", "learning_rate"), -1e-4, "greater than 0"),
    (("variants", "mlp", "learning_rate"), 0, "greater than 0"),
    (("variants", "mlp", "learning_rate"), 10, "less than or equal to 1"),
    (("variants", "mlp", "learning_rate"), "nan", "number"),
    (("variants", "mlp", "learning_rate"), math.nan, "finite number"),
    (("variants", "mlp", "learning_rate"), math.inf, "finite number"),
    (("variants", "mlp", "learning_rate"), [1e-4], "number"),
    (("variants", "mlp", "family"), "mpl", "'mlp', 'convnet', 'siamese_mlp' or 'siamese_convnet'"),
    (("variants", "mlp", "hidden", 1), 0, "greater than or equal to 1"),
    (("variants", "mlp", "hidden"), [], "at least 1 item"),
    (("variants", "mlp", "hidden"), 200, "valid list"),
    (("variants", "convnet", "channels"), [8, 8, 8], "at most 2 items"),
    (("variants", "mlp"), 7, "valid dictionary"),
    (("variants", "siamese_convnet_shared", "shared"), "true", "valid boolean"),
    (KEPT, -1, "greater than or equal to 0"),
    (KEPT, "heavy", "number"),
    (KEPT, False, "number"),
    (("studies", "figure3", "kind"), "pie", "'box', 'sweep', 'curves'"),
    (("studies", "figure3", "variants"), [], "at least 1 item"),
    (("studies", "figure3", "variants"), "mlp", "valid list"),
    (("execution", "device"), "gpu", "'cpu' or 'cuda'"),
    (("execution", "threads"), 0, "greater than or equal to 1"),
]


@pytest.mark.parametrize(("path", "value", "allowed"), BAD_VALUES)
def test_a_bad_value_gets_one_line_with_key_value_and_what_is_allowed(
    path: Key, value: Any, allowed: str
) -> None:
    (line,) = problems(with_value(path, value))
    assert line.startswith(f"{'.'.join(map(str, path))}: {value!r}: ")
    assert allowed in line


CONFLICTS: list[tuple[Key, Any, str, list[str]]] = [
    (("search", "seed"), 2, "search.seed", ["2", "0 to 2", "choose a larger one"]),
    (("search", "min_parameters"), 200_000, "search.min_parameters", ["200000", "110000"]),
    (("search", "folds"), 201, "search.folds", ["201", "200"]),
    (
        ("search", "grids", "mlp", "channels"),
        [[8]],
        "search.grids.mlp.channels",
        ["[[8]]", "no conv layers"],
    ),
    (("search", "grids", "convnet", "channels"), MISSING, "search.grids.convnet.channels", []),
    (("variants", "mlp", "base"), "mpl", "variants.mlp.base", ["'mpl'", "did you mean mlp?"]),
    (("variants", "mlp", "base"), "mlp", "variants.mlp.base", ["'mlp'", "circle"]),
    (("variants", "mlp", "channels"), [8], "variants.mlp.channels", ["[8]", "no conv layers"]),
    (("variants", "convnet", "channels"), MISSING, "variants.convnet.channels", ["missing"]),
    (("variants", "mlp", "hidden"), MISSING, "variants.mlp.hidden", ["missing"]),
    (("variants", "mlp", "family"), MISSING, "variants.mlp.family", ["missing"]),
    (
        ("variants", "convnet", "learning_rate"),
        MISSING,
        "variants.convnet.learning_rate",
        ["missing"],
    ),
    (("variants", "mlp", "aux_weight"), 2, "variants.mlp.aux_weight", ["2.0", "siamese"]),
    (("variants", "convnet", "shared"), True, "variants.convnet.shared", ["True", "siamese"]),
    (
        ("search", "grids", "mlp", "hidden"),
        [[1]],
        "search.grids.mlp",
        ["90000 to 110000", "widen grid or budget"],
    ),
    (("variants", "mlp", "family"), "siamese_mlp", "variants.mlp", ["family mlp"]),
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
]


@pytest.mark.parametrize(("path", "value", "place", "said"), CONFLICTS)
def test_keys_that_do_not_go_together_get_one_line(
    path: Key, value: Any, place: str, said: list[str]
) -> None:
    (line,) = problems(with_value(path, value))
    assert line.startswith(f"{place}: ")
    assert [piece for piece in said if piece not in line] == []


def test_a_variant_whose_base_is_wrong_is_named_once_not_for_each_heir() -> None:
    lines = problems(with_value(("variants", "siamese_convnet_shared", "base"), "siamese_convnets"))
    assert len(lines) == 1
    assert "did you mean siamese_convnet?" in lines[0]


def test_bases_in_a_circle_are_all_shown() -> None:
    lines = problems(with_value(("variants", "siamese_mlp", "base"), "siamese_mlp_shared"))
    assert all("siamese_mlp -> siamese_mlp_shared" in line for line in lines[:1])
    assert all("bases go round in a circle" in line for line in lines)


def test_a_family_searched_needs_a_variant_of_its_name() -> None:
    content = with_value(("variants", "mlp"), MISSING)
    assert problems(content)[0].startswith("search.grids.mlp: needs a variant mlp")


def test_a_bad_name_is_refused() -> None:
    (line,) = problems(with_value(("variants", "My Net"), {"base": "mlp"}))
    assert line.startswith("variants.My Net: 'My Net': String should match pattern")


def test_an_unknown_family_to_search_is_refused() -> None:
    lines = problems(with_value(("search", "grids", "mpl"), QUICK["search"]["grids"]["mlp"]))
    assert lines == [
        "search.grids.mpl: 'mpl': Input should be 'mlp', 'convnet', 'siamese_mlp' "
        "or 'siamese_convnet'"
    ]


def test_everything_wrong_is_said_at_once() -> None:
    content = with_value(("training", "epochs"), 0)
    content["training"]["seed"] = 3
    content["variants"]["mlp"]["learning_rate"] = "fast"
    assert [line.split(":")[0] for line in problems(content)] == [
        "training.epochs",
        "training.seed",
        "variants.mlp.learning_rate",
    ]


@pytest.mark.parametrize("content", [None, [], "params", 3])
def test_params_that_are_no_mapping_are_refused(content: Any) -> None:
    (line,) = problems(content)
    assert line.startswith(f"params: {content!r}: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"absent\.yaml: no such file; give one with --params"):
        load(tmp_path / "absent.yaml")


def leaves(value: Any, path: Key = ()) -> list[Key]:
    """The paths of all leaves."""
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for i, item in enumerate(value) for leaf in leaves(item, (*path, i))]
    return [path]


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(),
    st.binary(),
    st.dates(),
    st.sampled_from(["mlp", "convnet", "siamese_mlp", "siamese_convnet", "mlp_selected", "1e999"]),
)
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.integers() | st.none(), inner, max_size=3)
    ),
    max_leaves=5,
)
sections = sorted({path[:depth] for path in leaves(QUICK) for depth in range(1, len(path))})


@given(st.sampled_from(leaves(QUICK)), junk)
def test_junk_in_place_of_a_value_never_ends_in_a_traceback(path: Key, value: Any) -> None:
    try:
        assert isinstance(check(with_value(path, value)), Params)
    except ParamsError as error:
        assert str(error).startswith("params that cannot be used:\n  ")


@given(st.sampled_from(sections), junk)
def test_junk_in_place_of_a_section_never_ends_in_a_traceback(path: Key, value: Any) -> None:
    try:
        assert isinstance(check(with_value(path, value)), Params)
    except ParamsError as error:
        assert str(error).startswith("params that cannot be used:\n  ")


@given(st.sampled_from(sections), st.text(), junk)
def test_a_key_too_many_never_ends_in_a_traceback(path: Key, key: str, value: Any) -> None:
    content = with_value(path, MISSING)
    section: Any = deepcopy(QUICK)
    for step in path:
        section = section[step]
    if isinstance(section, dict):
        content = with_value(path, section | {key: value})
    try:
        assert isinstance(check(content), Params)
    except ParamsError as error:
        assert str(error).startswith("params that cannot be used:\n  ")


@given(junk)
def test_junk_in_place_of_all_params_is_refused(value: Any) -> None:
    with pytest.raises(ParamsError, match="params that cannot be used"):
        check(value)


def test_every_key_is_described_in_the_schema() -> None:
    definitions = schema.Params.model_json_schema()["$defs"]
    missing = [
        f"{name}.{key}"
        for name, section in definitions.items()
        for key, about in section.get("properties", {}).items()
        if "description" not in about
    ]
    assert missing == []
