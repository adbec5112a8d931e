"""Nets in a browser: what plain JavaScript answers is what PyTorch answers."""

import base64
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page
from torch.nn import functional

from browser import chromium, needs_chromium, opened
from digitpairs.digits.fetch import embedded_files
from digitpairs.digits.idx import digits_of
from digitpairs.pairs.pool import pooled
from digitpairs.products.page.chosen import scripts
from digitpairs.products.page.nets import as_data, layers
from digitpairs.spec import ModelSpec
from paged import SCALE, weights_of
from project import ROOT

SPECS = [
    ModelSpec("mlp", (20, 10)),
    ModelSpec("convnet", (12,), (6, 5)),
    ModelSpec("siamese_mlp", (20, 10)),
    ModelSpec("siamese_convnet", (12,), (6, 5)),
    ModelSpec("siamese_convnet", (12,), (4,), shared=True),
]
COUNT = 120


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """Embedded test digits as pixel sums (2 * COUNT, 14, 14)."""
    images = digits_of(embedded_files(), "test").images[: 2 * COUNT]
    return pooled(images).reshape(-1, 14, 14)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory):
    """A page with the scripts of nets and digits alone."""
    file = tmp_path_factory.mktemp("page") / "index.html"
    wanted = [one.read_text() for one in scripts() if one.stem in ("svg", "net", "digit")]
    file.write_text(f"<!doctype html><script>{''.join(wanted)}</script>")
    with chromium() as browser, opened(browser, file.as_uri()) as found:
        yield found


def answers(page: Page, net: dict[str, Any], digits: np.ndarray) -> dict[str, np.ndarray]:
    """What JavaScript says of pairs of digits that follow one another."""
    found = page.evaluate(
        "([net, pairs]) => pairs.map(([one, other]) => answer(net, one, other))",
        [net, digits.reshape(-1, 2, 14 * 14).tolist()],
    )
    return {key: np.array([one[key] for one in found]) for key in ("yes", "digits", "byDigits")}


def pixels(digits: np.ndarray) -> torch.Tensor:
    scaled = (digits / 1020 - SCALE["mean"]) / SCALE["std"]
    return torch.from_numpy(scaled.astype(np.float32)).unflatten(0, (-1, 2))


@needs_chromium
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.family}-{spec.shared}")
def test_javascript_answers_as_pytorch_does(
    page: Page, spec: ModelSpec, digits: np.ndarray
) -> None:
    weights = weights_of(spec)
    said = answers(page, as_data(weights), digits)
    with torch.inference_mode():
        answer, seen = weights.net()(pixels(digits))
    assert np.abs(said["yes"] - answer.softmax(-1)[:, 1].numpy()).max() < 1e-5
    assert np.ptp(said["yes"]) > 0.01  # nets that say something
    if seen is None:
        assert said["digits"].tolist() == [None] * COUNT
        return
    probabilities = seen.softmax(-1).numpy()
    assert np.abs(said["digits"] - probabilities).max() < 1e-5
    table = np.triu(np.ones((10, 10)))
    by_digits = np.einsum("ni,nj,ij->n", probabilities[:, 0], probabilities[:, 1], table)
    assert np.abs(said["byDigits"] - by_digits).max() < 1e-5


def committed() -> list[dict[str, Any]]:
    """The nets of the committed page."""
    text = (ROOT / "reports/index.html").read_text(encoding="utf-8")
    data = text.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
    return json.loads(data)["nets"]


def in_torch(layers: list[dict[str, Any]], numbers: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Pass images through the page's layers by torch's functions."""
    for layer in layers:
        shape, start = layer.get("shape", [0]), layer.get("start", 0)
        size = int(np.prod(shape))
        weight = numbers[start : start + size].view(shape)
        bias = numbers[start + size : start + size + shape[0]]
        match layer["kind"]:
            case "Conv2d":
                x = functional.conv2d(x, weight, bias)
            case "Linear":
                x = functional.linear(x, weight, bias)
            case "Scale":
                x = x * weight[:, None, None] + bias[:, None, None]
            case "ReLU":
                x = x.relu()
            case "MaxPool2d":
                x = functional.max_pool2d(x, 2)
            case "Flatten":
                x = x.flatten(1)
    return x


@needs_chromium
@pytest.mark.parametrize("net", committed(), ids=lambda net: net["label"])
def test_the_committed_nets_answer_as_by_pytorch(
    page: Page, net: dict[str, Any], digits: np.ndarray
) -> None:
    """And they know digits: these weights are trained."""
    said = answers(page, net, digits)
    numbers = torch.from_numpy(np.frombuffer(base64.b64decode(net["weights"]), "<f4").copy())
    scaled = (digits / 1020 - net["scale"]["mean"]) / net["scale"]["std"]
    images = torch.from_numpy(scaled.astype(np.float32))[:, None]
    logits = in_torch(net["branches"][0], numbers, images)
    head = in_torch(net["head"], numbers, logits.reshape(COUNT, 20))
    assert np.abs(said["yes"] - head.softmax(-1)[:, 1].numpy()).max() < 1e-4
    expected = logits.softmax(-1).reshape(COUNT, 2, 10).numpy()
    assert np.abs(said["digits"] - expected).max() < 1e-4
    labels = digits_of(embedded_files(), "test").labels[: 2 * COUNT].reshape(COUNT, 2)
    right = (said["yes"] >= 0.5) == (labels[:, 0] <= labels[:, 1])
    assert right.mean() > 0.85


def test_a_layer_that_the_page_does_not_know_is_an_error() -> None:
    with pytest.raises(TypeError, match="does not know"):
        list(layers([torch.nn.Dropout()], []))


def test_a_batchnorm_is_a_scale_and_a_shift() -> None:
    weights = weights_of(ModelSpec("convnet", (12,), (6,)))
    kinds = [layer["kind"] for layer in as_data(weights)["branches"][0]]
    assert kinds[:5] == ["Conv2d", "Scale", "ReLU", "MaxPool2d", "Flatten"]


def test_shared_branches_are_written_once() -> None:
    spec = ModelSpec("siamese_mlp", (20, 10))
    apart, shared = (as_data(weights_of(replace(spec, shared=one))) for one in (False, True))
    assert [len(one["branches"]) for one in (apart, shared)] == [2, 1]
    assert len(apart["weights"]) > 1.5 * len(shared["weights"])
