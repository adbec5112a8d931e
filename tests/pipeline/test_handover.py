"""What jobs read says the same as the params that the workflow was given."""

from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digitpairs.errors import ParamsError
from digitpairs.pipeline import handover
from digitpairs.study.load import check, load
from project import ROOT

QUICK = (ROOT / "params.quick.yaml").read_text(encoding="utf-8")


@settings(max_examples=60)
@given(
    st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,20}", fullmatch=True), st.text(min_size=1, max_size=100)
)
@example("1e5", "1e5")
@example("010", "yes")
@example("1.5", "2001-01-01")
@example("0x1f", "a: b # c")
def test_what_the_workflow_writes_for_its_jobs_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory, name: str, title: str
) -> None:
    content: dict[str, Any] = yaml.safe_load(QUICK)
    content["variants"][name] = {"base": "mlp"}
    content["studies"]["figure1"] |= {"title": title, "variants": [name]}
    content["data"]["folder"] = title
    try:
        params = check(content)
    except ParamsError:
        return
    with chdir(tmp_path_factory.mktemp("project")):
        assert load(handover.write_params(params)) == params


def test_jobs_under_way_keep_their_params(
    content: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    params = check(content)
    content["training"]["epochs"] = 7
    first, second = (handover.write_params(one) for one in (params, check(content)))
    assert first != second
    assert load(first) == params
