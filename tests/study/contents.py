"""Params as plain data, changed in one place; and junk to put there."""

from copy import deepcopy
from typing import Any

import pytest
import yaml
from hypothesis import strategies as st

from digitpairs.errors import ParamsError
from digitpairs.study.load import check
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


def check_line(path: Key, value: Any, place: str, pieces: list[str]) -> None:
    """One value makes the params wrong: one line begins with a place and has all these pieces."""
    (line,) = problems(with_value(path, value))
    assert line.startswith(f"{place}: ")
    assert [piece for piece in pieces if piece not in line] == []


def section_at(path: Key) -> Any:
    """A section of the quick params, the test's own to change."""
    section: Any = deepcopy(QUICK)
    for key in path:
        section = section[key]
    return section


def leaves(value: Any, path: Key = ()) -> list[Key]:
    """The paths of all leaves."""
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for i, item in enumerate(value) for leaf in leaves(item, (*path, i))]
    return [path]


LEAVES = leaves(QUICK)
SECTIONS = sorted({path[:depth] for path in LEAVES for depth in range(1, len(path))})

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
