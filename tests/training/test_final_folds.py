"""A fold is measured over all ordered pairs of the digits that it held out, and of no others."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from digitpairs.digits.idx import Digits
from digitpairs.models.build import net_of
from digitpairs.models.registry import options_of
from digitpairs.pairs.draw import for_run
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.pool import Pool, pool_of
from digitpairs.recipe import Preprocessing, Readout, Recipe
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training.loop import History, train
from digitpairs.training.measures import says_yes
from digitpairs.training.preprocess import fitted
from nets import AT_MOST, SHARED, SIAMESE, SIAMESE_MLP, as_pairs

STACK = {"layers": [{"channels": 4, "pool": "max"}, {"channels": 6, "pool": "max"}], "head": False}
NETS = {
    "siamese_mlp": replace(SIAMESE_MLP, shared=False),
    "siamese_mlp_shared": SIAMESE_MLP,
    "siamese_convnet": SIAMESE,
    "siamese_convnet_shared": SHARED,
    "convstack": ModelSpec("convstack", (), options=options_of("convstack", STACK)),
}
READOUTS: tuple[Readout, ...] = ("argmax", "posterior")


def fold_of(run: RunSpec, model: ModelSpec, readout: Readout, **to: object) -> RunSpec:
    """A fold of three, of 60 pairs: it holds out 20 pairs, 40 digits."""
    to = {"folds": 3, "fold": 1, "test_pairs": None, "learning_rate": 1e-2, **to}
    recipe = Recipe(readout=readout, preprocessing="per_pixel")
    return replace(run, model=model, recipe=recipe, aux_weight=1.0, **to)  # type: ignore[arg-type]


def by_loop(
    spec: RunSpec, weights: dict[str, torch.Tensor], sets: dict[str, PairSet], readout: Readout
) -> float:
    """The share of all ordered pairs of held-out digits that a net's own modules put right."""
    net = net_of(spec.model)
    net.load_state_dict(weights)
    trained_on, held_out = for_run(sets, spec)
    kind: Preprocessing = spec.recipe.preprocessing
    images = fitted(kind, trained_on.pixels)(held_out.pixels).reshape(-1, 1, 14, 14)
    labels = held_out.digits.ravel()
    rows = [(i, j) for i in range(len(labels)) for j in range(len(labels)) if i != j]
    chosen = np.array(rows)
    with torch.no_grad():
        output = net.eval()(as_pairs(torch.from_numpy(images[chosen])))
        said = says_yes(output, readout, AT_MOST).numpy()
    right = said == (labels[chosen[:, 0]] <= labels[chosen[:, 1]])
    return int(right.sum()) / len(rows)


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("readout", READOUTS)
def test_read_outs_are_exact_over_all_ordered_pairs(
    name: str, readout: Readout, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    spec = fold_of(mlp_run, NETS[name], readout)
    result = train([spec], {0: sets})
    measures = result.histories[0].measures
    found = {one: by_loop(spec, result.weights(0), sets, one) for one in READOUTS}
    assert measures == {
        "many_pairs_accuracy": found[readout],
        **{f"all_pairs_{one}_accuracy": found[one] for one in READOUTS},
    }


def test_folds_of_unequal_size_and_other_seeds_have_their_own(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    """Side by side as alone: of seven folds of 60 pairs, the last three hold out 8."""
    specs = [
        fold_of(mlp_run, SIAMESE_MLP, "argmax", folds=7, fold=fold, seed=seed)
        for fold, seed in ((4, 0), (5, 0), (6, 1))
    ]
    together = train(specs, dict.fromkeys((0, 1), sets))
    for place, spec in enumerate(specs):
        (alone,) = train([spec], {spec.seed: sets}).histories
        assert together.histories[place].measures == alone.measures
        expected = by_loop(spec, together.weights(place), sets, "argmax")
        assert alone.measures["many_pairs_accuracy"] == expected
    assert len({str(history.measures) for history in together.histories}) == 3


def test_no_test_digit_is_seen(
    mlp_run: RunSpec, sets: dict[str, PairSet], pools: dict[str, Digits]
) -> None:
    """Test digits that would spoil whatever they touched change nothing."""
    spec = fold_of(mlp_run, SIAMESE_MLP, "posterior")

    def trained(test: PairSet, digits: Pool | None) -> History:
        return train([spec], {0: {"train": sets["train"], "test": test}}, digits=digits).histories[
            0
        ]

    own = sets["test"]
    poison = PairSet(np.full_like(own.pixels, 65535), 9 - own.digits, own.indices)
    some = pool_of(pools["test"]).take(np.arange(30))
    poisoned = Pool(np.full_like(some.pixels, 65535), 9 - some.labels)
    assert trained(poison, poisoned) == trained(own, some) == trained(own, None)


def test_a_fold_that_diverged_has_none(mlp_run: RunSpec, sets: dict[str, PairSet]) -> None:
    spec = fold_of(mlp_run, SIAMESE_MLP, "argmax")
    specs = [spec, replace(spec, fold=2, learning_rate=1e30)]
    first, second = train(specs, {0: sets}).histories
    assert (first.status, second.status) == ("finished", "diverged")
    assert first.measures
    assert second.measures == {}
