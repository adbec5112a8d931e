"""Whatever stands in place of a key of own images, of a recipe or of options: Params, or a line."""

from copy import deepcopy
from typing import Any

import pytest
from contents import QUICK, Content, Key, junk, leaves
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digitpairs.errors import ParamsError
from digitpairs.study.load import check
from digitpairs.study.schema import Params

RECIPE: Content = {
    "optimizer": {"name": "sgd", "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    "schedule": {"name": "cosine", "warmup": 0.5, "final": 0.1},
    "loss": {"label_smoothing": 0.1, "digits_only": False},
    "preprocessing": "deskewed",
    "augmentation": {
        "affine": {"rotation": 14, "scale": 0.1, "shear": 8, "shift": 1},
        "elastic": {"strength": 0.65, "smoothness": 3},
        "swap": 0.5,
        "new_pairs": True,
    },
    "training": {"epochs": 4, "batch_size": 20, "pairs": 100},
    "readout": "posterior",
}
OPTIONS: Content = {
    "layers": [
        {"channels": 4, "kernel": 3, "padding": "same", "batchnorm": True, "pool": "max"},
        {"channels": 4, "padding": 1, "residual": 1, "dropout": 0.1},
    ],
    "pooling": "mean",
    "hidden": [5],
    "dropout": 0.1,
    "head": False,
}
CONTENT: Content = deepcopy(QUICK)
CONTENT["data"] = {
    "source": "own",
    "folder": None,
    "own": {
        "name": "shapes",
        "images": "shapes.py:read",
        "side": 20,
        "classes": 3,
        "channels": 3,
        "window": 2,
        "white": 16.0,
        "test_share": 0.25,
        "checksum": "0123456789ab",
    },
}
CONTENT["pairs"]["target"] = "same_class"
CONTENT["search"] |= {"min_parameters": 1, "max_parameters": 1_000_000_000}
CONTENT["search"]["grids"] = {
    "tried": {
        "base": "stack",
        "label": "Tried",
        "learning_rate": [1e-3],
        "optimizer": [RECIPE["optimizer"]],
        "schedule": [RECIPE["schedule"]],
        "augmentation": [RECIPE["augmentation"]],
        "preprocessing": ["deskewed", "none"],
    }
}
CONTENT["variants"]["tuned"] = {"base": "siamese_mlp", **RECIPE}
CONTENT["variants"]["stack"] = {
    "family": "convstack",
    "options": OPTIONS,
    "learning_rate": 1e-3,
    "readout": "posterior",
}
CONTENT["studies"]["table1"]["variants"] = ["mlp", "convnet"]
CONTENT["studies"]["table2"]["variants"] = ["siamese_mlp", "siamese_convnet"]

ROOTS: list[Key] = [
    ("data",),
    ("pairs", "target"),
    ("variants", "tuned"),
    ("variants", "stack"),
    ("search", "grids", "tried"),
]


def at(path: Key) -> Any:
    """What stands at a place."""
    value: Any = CONTENT
    for key in path:
        value = value[key]
    return value


LEAVES = [leaf for root in ROOTS for leaf in leaves(at(root), root)]
PLACES = sorted(
    {leaf[:depth] for leaf in LEAVES for depth in range(2, len(leaf) + 1)},
    key=lambda path: tuple(map(str, path)),
)
# Values of the right kind, of which some do not go together.
ALIKE = st.sampled_from([at(place) for place in PLACES]) | st.sampled_from(
    [0, 1, 2, 3, 8, 13, 64, 1e-300, 1e300, 0.5, True, "own", "auto", "adamw", "lion", "head"]
)


def changed(path: Key, value: Any) -> Content:
    content = deepcopy(CONTENT)
    section: Any = content
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value
    return content


def refused_or_sound(content: Content) -> None:
    """Params, or a message whose lines begin with a key path."""
    try:
        assert isinstance(check(content), Params)
    except ParamsError as error:
        title, *lines = str(error).split("\n")
        assert title == "params that cannot be used:"
        assert lines
        for line in lines:
            key, colon, _ = line.strip().partition(": ")
            assert key.partition(".")[0] in QUICK or line.startswith("  and "), line
            assert (colon or line.startswith("  and ")) and line.isprintable(), line


def test_it_is_right_as_it_stands() -> None:
    assert isinstance(check(CONTENT), Params)
    assert len(LEAVES) > 60


@pytest.mark.parametrize("value", [None, True, -1, 2**70, "", "x: y", [], {}, [[[]]], {"a": {}}])
def test_each_place_takes_a_usual_mistake(value: Any) -> None:
    for place in PLACES:
        refused_or_sound(changed(place, value))


@settings(max_examples=200)
@given(st.sampled_from(PLACES), junk)
@example(("pairs", "target"), "mine.py:ask\n")
@example(("pairs", "target"), "\ud800:f")
@example(("pairs", "target"), "a\0b.py:f")
@example(("pairs", "target"), "x" * 4000 + ".py:f")
@example(("pairs", "target"), "..:f")
@example(("pairs", "target"), "os:sep")
@example(("data", "own", "images"), "\ud800")
@example(("data", "own", "name"), "..")
@example(("data", "own", "name"), "shapes\n")
@example(("variants", "stack", "options"), {"layers": [{"channels": 10**400}]})
def test_junk_in_any_place(path: Key, value: Any) -> None:
    refused_or_sound(changed(path, value))


@settings(max_examples=200)
@given(st.sampled_from(PLACES), ALIKE)
def test_values_that_belong_elsewhere(path: Key, value: Any) -> None:
    refused_or_sound(changed(path, deepcopy(value)))


@settings(max_examples=100)
@given(
    side=st.integers(4, 64),
    channels=st.sampled_from([1, 3]),
    classes=st.integers(2, 20),
    layers=st.integers(1, 6),
    pools=st.integers(0, 6),
)
def test_nets_that_images_have_no_room_for(
    side: int, channels: int, classes: int, layers: int, pools: int
) -> None:
    content = deepcopy(CONTENT)
    content["data"]["own"] |= {"side": side, "channels": channels, "classes": classes}
    content["variants"]["convnet"]["channels"] = [3] * layers
    content["variants"]["stack"]["options"]["layers"] = [{"channels": 3, "pool": "max"}] * pools
    refused_or_sound(content)
