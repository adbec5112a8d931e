"""What each param may be: a value that it may not be gets one line with what is allowed."""

import json
import math
import re
from dataclasses import fields
from typing import Any

import pytest
from contents import QUICK, Key, problems, with_value

from digitpairs import values
from digitpairs.digits.own import OwnImages
from digitpairs.models.layers import pooled
from digitpairs.models.registry import FAMILIES
from digitpairs.pairs.sizes import SIDE
from digitpairs.study import schema
from digitpairs.study.claims import Claim
from digitpairs.study.kinds import KINDS
from digitpairs.study.load import check
from digitpairs.study.schema import Params, Study, studies
from project import ROOT

AUXILIARY = "siamese_convnet_shared_aux_1"
AUX_WEIGHT = ("variants", AUXILIARY, "aux_weight")

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
    (("data", "source"), "internet", "'auto', 'folder', 'torchvision', 'embedded' or 'own'"),
    (("data", "folder"), 7, "valid string"),
    (("search", "seed"), -1, "greater than or equal to 0"),
    (("search", "folds"), 1, "greater than or equal to 2"),
    (("search", "grids", "mlp", "learning_rate", 0), "fast", "number, such as 1.0e-4"),
    (("studies", "figure3", "variants"), [], "at least 1 item"),
    (("variants", "mlp", "learning_rate"), True, "number"),
    (("variants", "mlp", "learning_rate"), -1e-4, "greater than 0"),
    (("variants", "mlp", "learning_rate"), 0, "greater than 0"),
    (("variants", "mlp", "learning_rate"), 10, "less than or equal to 1"),
    (("variants", "mlp", "learning_rate"), "nan", "number"),
    (("variants", "mlp", "learning_rate"), math.nan, "finite number"),
    (("variants", "mlp", "learning_rate"), math.inf, "finite number"),
    (("variants", "mlp", "learning_rate"), [1e-4], "number"),
    (
        ("variants", "mlp", "family"),
        "mpl",
        "'mlp', 'convnet', 'siamese_mlp', 'siamese_convnet' or 'convstack'",
    ),
    (("variants", "mlp", "hidden", 1), 0, "greater than or equal to 1"),
    (("variants", "mlp", "hidden"), [], "at least 1 item"),
    (("variants", "mlp", "hidden"), 200, "valid list"),
    (("variants", "convnet", "channels"), [8] * 7, "at most 6 items"),
    (("variants", "mlp"), 7, "valid dictionary"),
    (("variants", "siamese_convnet_shared", "shared"), "true", "valid boolean"),
    (AUX_WEIGHT, -1, "greater than or equal to 0"),
    (AUX_WEIGHT, "heavy", "number"),
    (AUX_WEIGHT, False, "number"),
    (
        ("studies", "figure3", "kind"),
        "pie",
        "'box', 'sweep', 'curves', 'forest', 'spread'",
    ),
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


@pytest.mark.parametrize("weight", [0, 0.0, 1, 1e6])
def test_any_weight_from_zero_up_is_right(weight: float) -> None:
    assert check(with_value(AUX_WEIGHT, weight)).variants[AUXILIARY].aux_weight == weight


def test_an_unknown_family_to_search_is_refused() -> None:
    lines = problems(with_value(("search", "grids", "mpl"), QUICK["search"]["grids"]["mlp"]))
    assert lines == [
        "search.grids.mpl: 'mpl': is no family, so that it needs a base; did you mean mlp? "
        "(known: mlp, convnet, siamese_mlp, siamese_convnet, convstack)"
    ]


def test_a_bad_name_is_refused() -> None:
    (line,) = problems(with_value(("variants", "My Net"), {"base": "mlp"}))
    assert line.startswith("variants.My Net: 'My Net': String should match pattern")


@pytest.mark.parametrize(
    "title", ["", "two\nlines", "\x1b[31m", "\x00", "\u202ereversed", "x" * 101]
)
def test_a_title_is_one_short_printable_line(title: str) -> None:
    (line,) = problems(with_value(("studies", "figure1", "title"), title))
    assert line.startswith("studies.figure1.title: ")


@pytest.mark.parametrize("folder", ["", "a\0b", "a\nb", "\ud800", "x" * 5000])
def test_a_folder_is_a_path(folder: str) -> None:
    (line,) = problems(with_value(("data", "folder"), folder))
    assert line.startswith("data.folder: ")


def test_a_net_has_as_many_conv_layers_as_its_images_have_room_for() -> None:
    """Two for images of 14 by 14 pixels."""
    variant = ("variants", "convnet", "channels")
    for path, value in (
        (variant, [8] * 3),
        (("search", "grids", "convnet", "channels"), [[8]] * 3),
    ):
        (line,) = problems(with_value(path, value))
        assert line.startswith(f"{'.'.join(path)}: ")
        assert "images of 14x14 pixels leave no pixel after so many conv layers" in line
    assert pooled(pooled(SIDE)) > 0
    assert pooled(pooled(pooled(SIDE))) == 0


def test_families_and_kinds_are_those_of_their_tables() -> None:
    definitions = Params.model_json_schema()["$defs"]
    assert definitions["Study"]["properties"]["kind"]["enum"] == list(KINDS)
    assert definitions["Variant"]["properties"]["family"]["anyOf"][0]["enum"] == list(FAMILIES)


def test_studies_are_figures_or_tables(full_params: Params) -> None:
    figures, tables = studies(full_params, "figure"), studies(full_params, "table")
    assert figures[:5] == ["figure1", "figure2", "figure3", "figure4", "figure5"]
    assert tables[:3] == ["table1", "table2", "table3"]
    assert {"audit", "future_work"} < set(figures) and {"audit_table"} < set(tables)
    assert full_params.studies.keys() == {*figures, *tables}


@pytest.mark.parametrize(
    ("references", "blocks"),
    [
        ([], [["a", "b", "c", "d"]]),
        (["a"], [["a", "b", "c", "d"]]),
        (["c"], [["a", "b"], ["c", "d"]]),
        (["a", "d"], [["a", "b", "c"], ["d"]]),
    ],
)
def test_a_study_has_a_block_for_each_reference(
    references: list[str], blocks: list[list[str]]
) -> None:
    content = {"kind": "forest", "title": "A", "variants": list("abcd"), "references": references}
    assert Study(**content).blocks() == blocks


def test_every_key_is_described_in_the_schema() -> None:
    definitions = json.loads(schema.json_schema())["$defs"]
    missing = [
        f"{name}.{key}"
        for name, section in definitions.items()
        for key, about in section.get("properties", {}).items()
        if "description" not in about
    ]
    assert missing == []


def test_the_committed_schema_is_that_of_the_params() -> None:
    committed = (ROOT / "workflow/schemas/params.schema.json").read_text(encoding="utf-8")
    assert committed == schema.json_schema(), (
        "run `digitpairs schema > workflow/schemas/params.schema.json`"
    )


def test_every_param_has_a_comment_where_it_first_appears() -> None:
    """What the paper leaves as it is stands nowhere: the docs have it."""
    lines = (ROOT / "params.yaml").read_text(encoding="utf-8").splitlines()
    pages = [ROOT / "docs" / name for name in ("recipes.md", "own-pairs.md", "params.md")]
    docs = "".join(page.read_text(encoding="utf-8") for page in pages)
    sections = set(values.Section.__subclasses__()) - {Claim}
    keys = {key for model in sections for key in model.model_fields} - {"claims", "shown"}
    keys |= {field.name for field in fields(OwnImages)}
    for key in sorted(keys):
        places = [n for n, line in enumerate(lines) if re.match(rf" *{key}:", line)]
        if places:
            comment_above = lines[places[0] - 1].lstrip().startswith(f"# {key}")
            assert "#" in lines[places[0]] or comment_above, key
        else:
            assert re.search(rf"`(data\.)?{key}`", docs), key
