"""Params set for once: found by path or last part, and then checked like the file."""

from copy import deepcopy

import pytest

from digitpairs.errors import ParamsError
from digitpairs.study.load import check
from digitpairs.study.overrides import apply

AUXILIARY = "siamese_convnet_shared_aux_0.01"


def test_values_are_set_by_path_and_by_last_part(content):
    before = deepcopy(content)
    params = check(apply(content, ["set=training.epochs=7 seeds=5", "set=shuffle=false"]))
    assert (params.training.epochs, params.training.seeds) == (7, 5)
    assert params.search.epochs == content["search"]["epochs"]
    assert params.training.shuffle is False
    assert content == before


def test_nothing_given_changes_nothing(content):
    assert apply(content, []) == content


def test_variants_have_dots_in_their_names(content):
    params = check(apply(content, [f"set=variants.{AUXILIARY}.aux_weight=0.02"]))
    assert params.variants[AUXILIARY].aux_weight == 0.02


def test_variants_take_what_they_had_from_their_base(content):
    params = check(apply(content, ["set=variants.siamese_mlp_shared.learning_rate=3e-4"]))
    assert params.variants["siamese_mlp_shared"].learning_rate == 3e-4


def test_new_variants_and_studies_are_set_key_by_key_or_whole(content):
    by_key = "variants.mlp_0.5.base=mlp variants.mlp_0.5.learning_rate=0.5"
    whole = "'studies.mine_0.5={kind: box, title: Mine, variants: [mlp, mlp_0.5]}'"
    params = check(apply(content, [f"set={by_key} {whole}"]))
    assert params.variants["mlp_0.5"].learning_rate == 0.5
    assert params.studies["mine_0.5"].variants == ["mlp", "mlp_0.5"]


def test_values_with_spaces_stand_in_quotes(content):
    entries = "variants.mlp.hidden='[150, 100]' studies.figure3.title='Two words, $5'"
    params = check(apply(content, [f"set={entries}"]))
    assert params.variants["mlp"].hidden == [150, 100]
    assert params.studies["figure3"].title == "Two words, $5"


WRONG = [
    ("set=epochs=3", r"epochs: can be any of training\.epochs, search\.epochs; write which"),
    ("set=epoch=3", r"epoch: unknown parameter; did you mean epochs\?"),
    ("set=training.epoch=3", r"training\.epoch: unknown key; did you mean epochs\?"),
    ("set=trainings.epochs=3", r"trainings: unknown key; did you mean training\?"),
    ("set=training.epochs=many", r"training\.epochs: 'many': "),
    ("set=training.epochs=", r"training\.epochs: None: "),
    ("set=training.epochs.all=3", r"set: all: 3 has no such part"),
    ("set=training=3", r"training: 3: "),
    (
        "set=variants.mlpp.learning_rate=1e-3 seeds=5",
        r"set: variants\.mlpp: unknown variant; did you mean mlp\? \(known: mlp, .*\); a new "
        "variant needs base or family$",
    ),
    (
        "set='studies.figur3.title=Two words'",
        r"set: studies\.figur3: unknown study; did you mean figure3\? .*; a new study needs kind$",
    ),
    ("set=variants.mlpp={}", r"set: variants\.mlpp: unknown variant; did you mean mlp\?"),
    ("set=variants.mlpp=3", r"variants\.mlpp: 3: "),
    ("set=variants=3", r"variants: 3: "),
    ("set=.=3", r"'': unknown key"),
    ("set=seeds", r"set: 'seeds': is not KEY=VALUE"),
    ("set==3", r"set: '=3': is not KEY=VALUE"),
    ("set=variants.mlp.hidden=[1, 2]", r"set: '2\]': is not KEY=VALUE; put a value with spaces"),
    ("set=seeds='3", r"No closing quotation"),
    ("set=seeds=3 training.seeds=4", r"set: training\.seeds: is given twice"),
    ("set=seeds=!!python/name:os.system", r"tags are not allowed"),
    ("set=seeds=[", r"cannot be read as YAML"),
    ("set=variants.../../x.base=mlp", r"variants\.\.\./\.\./x: .* should match pattern"),
    ("seeds=3", r"--config 'seeds=3': is not allowed; write --config set='training\.epochs=3 "),
    ("sets=seeds=3", r"is not allowed; write --config set="),
]


@pytest.mark.parametrize(("argument", "message"), WRONG)
def test_what_cannot_be_set_is_named(content, argument, message):
    with pytest.raises(ParamsError, match=message) as caught:
        check(apply(content, [argument]))
    assert len(str(caught.value)) < 600
