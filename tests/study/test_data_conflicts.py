"""A folder beside a source that would not read it."""

from typing import Any

import pytest

from digitpairs.errors import ParamsError
from digitpairs.study.load import check


@pytest.mark.parametrize("source", ["embedded", "torchvision"])
def test_a_folder_that_would_not_be_read_is_refused(content: dict[str, Any], source: str) -> None:
    content["data"] = {"source": source, "folder": "/some/where"}
    with pytest.raises(ParamsError) as caught:
        check(content)
    assert str(caught.value).splitlines()[1:] == [
        f"  data.folder: '/some/where': is not read where data.source is {source}; "
        "set folder to null, or source to auto or folder"
    ]


@pytest.mark.parametrize("source", ["auto", "folder"])
def test_a_folder_that_is_read_is_right(content: dict[str, Any], source: str) -> None:
    content["data"] = {"source": source, "folder": "/some/where"}
    assert check(content).data.folder == "/some/where"
