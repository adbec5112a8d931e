"""ConvNets by their fast engine on a CPU: what the plain modules compute, for less work."""

import copy

import pytest
import torch
from torch import Tensor, nn

from digitpairs.pairs.pairset import PairSet
from digitpairs.spec import ModelSpec
from digitpairs.study.schema import Params
from digitpairs.training.engines.fast_convnet import FastConvNet
from nets import (
    AT_MOST,
    as_pairs,
    as_seen,
    clear_case,
    differences,
    random_data,
    random_net,
    stepped,
)

# Each count of the search grid (below) once as first and once as second layer.
CHANNELS = [(4, 128), (8, 64), (16, 32), (32, 16), (64, 8), (128, 4)]
# numba compiles the first layer for each count, input and dtype, seconds each. Nets are trained in
# float32, so that every count is tried in it. In float64, where a wrong formula cannot hide behind
# rounding, a few and many channels say the same.
FEW, MANY = (4, 128), (128, 4)
KINDS = {
    "naive": {"family": "convnet"},
    "siamese": {"family": "siamese_convnet"},
    "shared": {"family": "siamese_convnet", "shared": True},
}
AUX_WEIGHTS = {"naive": None, "siamese": torch.tensor([0.5]), "shared": torch.tensor([2.0])}


def spec_of(kind: str, channels: tuple[int, ...]) -> ModelSpec:
    return ModelSpec(hidden=(10,), channels=channels, **KINDS[kind])  # type: ignore[arg-type]


def test_the_channels_tested_are_those_of_the_search(full_params: Params) -> None:
    grids = full_params.search.grids
    for layer in range(2):
        tried = {
            count for grid in grids.values() if grid.channels for count in grid.channels[layer]
        }
        assert {channels[layer] for channels in CHANNELS} == tried


def check(
    kind: str, net: nn.Module, data: tuple[Tensor, ...], training: bool, tolerance: float
) -> None:
    """Hold loss, gradients and kept statistics against the plain modules in float64."""
    engine = FastConvNet([copy.deepcopy(net)])
    weights = AUX_WEIGHTS[kind]
    found = stepped(engine, data, training, weights)
    apart = dict(differences(engine, 0, net, data, training, weights, found))
    assert {what: by for what, by in apart.items() if not by <= tolerance} == {}


@pytest.mark.parametrize("training", [True, False], ids=["batch", "frozen"])
@pytest.mark.parametrize("channels", CHANNELS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_in_float32_gradients_are_those_of_the_plain_modules(
    kind: str, channels: tuple[int, int], training: bool
) -> None:
    net, data = clear_case(spec_of(kind, channels), training)
    check(kind, net, data, training, 1e-4)


@pytest.mark.parametrize("training", [True, False], ids=["batch", "frozen"])
@pytest.mark.parametrize("channels", [FEW, MANY], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_in_float64_gradients_are_those_of_the_plain_modules(
    kind: str, channels: tuple[int, int], training: bool
) -> None:
    net = random_net(spec_of(kind, channels), 0).double()
    images, *classes = random_data(1, 0)
    check(kind, net, (images.double(), *classes), training, 1e-9)


@pytest.mark.parametrize("training", [True, False], ids=["batch", "frozen"])
@pytest.mark.parametrize("kind", KINDS)
def test_on_digits_whose_background_makes_ties_gradients_are_the_same(
    kind: str, training: bool, sets: dict[str, PairSet]
) -> None:
    train_set = sets["train"]
    images = torch.from_numpy(as_seen(train_set)[0]).double()[None]
    classes = [
        torch.from_numpy(array)[None] for array in (train_set.target(AT_MOST), train_set.digits)
    ]
    net = random_net(spec_of(kind, FEW), 1).double()
    check(kind, net, (images, *classes), training, 1e-9)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
@pytest.mark.parametrize("kind", KINDS)
def test_in_test_mode_outputs_are_those_of_the_plain_modules(
    kind: str, dtype: torch.dtype, tolerance: float
) -> None:
    net = random_net(spec_of(kind, FEW), 2).to(dtype).eval()
    images = random_data(1, 2, pairs=50)[0].to(dtype)
    engine = FastConvNet([copy.deepcopy(net)])
    engine.train(False)
    with torch.no_grad():
        expected, found = net.double()(as_pairs(images[0]).double()), engine(*engine.inputs(images))
    for one, other in zip(found, expected, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            assert one.dtype == dtype
            torch.testing.assert_close(one[0].double(), other, rtol=tolerance, atol=tolerance)


def test_pairs_are_compared_one_by_one_in_test_mode() -> None:
    net = random_net(spec_of("shared", (4, 128)), 3)
    engine = FastConvNet([net])
    engine.train(False)
    inputs = engine.inputs(random_data(1, 3, pairs=9)[0])
    with torch.no_grad():
        whole = engine(*inputs).answer
        parts = [engine(*(tensor[:, pair : pair + 1] for tensor in inputs)) for pair in range(9)]
    torch.testing.assert_close(torch.cat([part.answer for part in parts], 1), whole)


FIRST_LAYERS = ["0.weight", "1.weight", "1.bias", "4.weight", "5.bias"]


@pytest.mark.parametrize(
    ("tensor", "training"),
    # A batch's own mean takes the biases of the convolutions out: there the engine leaves them out.
    [(name, mode) for name in FIRST_LAYERS for mode in (True, False)]
    + [("0.bias", False), ("4.bias", False)],
)
def test_a_weight_that_is_no_number_is_not_hidden(tensor: str, training: bool) -> None:
    net = random_net(spec_of("naive", (4, 128)), 4)
    with torch.no_grad():
        net.get_parameter(f"branch.{tensor}").flatten()[0] = torch.nan
    images = random_data(1, 4)[0]
    plain, engine = copy.deepcopy(net).train(training), FastConvNet([net])
    engine.train(training)
    with torch.no_grad():
        expected, found = plain(as_pairs(images[0])).answer, engine(*engine.inputs(images)).answer
    assert expected.isnan().all()
    assert found.isnan().all()


@pytest.mark.parametrize("training", [True, False], ids=["batch", "frozen"])
def test_a_channel_that_batchnorm_switches_off_has_the_gradients_of_the_plain_modules(
    training: bool,
) -> None:
    net = random_net(spec_of("naive", FEW), 5).double()
    with torch.no_grad():
        for layer in net.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.weight[0], layer.bias[0] = 0, 0.5
    images, *classes = random_data(1, 5)
    check("naive", net, (images.double(), *classes), training, 1e-9)
