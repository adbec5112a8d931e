"""What a net says of pairs of images, and how it is told."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from digitpairs.errors import UserError
from digitpairs.models.nets import Output
from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import Preprocessing, Readout, Recipe
from digitpairs.runs import weights
from digitpairs.runs.predict import Prediction, SeenDigit, lesser_or_equal, predict
from digitpairs.runs.predict_text import describe
from digitpairs.runs.weights import Weights
from digitpairs.spec import ModelSpec, RunSpec, Task
from digitpairs.training.preprocess import fitted
from drawn import on_paper, picture, text
from nets import AT_MOST, MLP, SHARED, SIAMESE_MLP, as_pairs, random_net


def trained(
    spec: RunSpec, model: ModelSpec, pairs: PairSet, preprocessing: Preprocessing = "none"
) -> Weights:
    """A net after a second of training."""
    preprocess = fitted(preprocessing, pairs.pixels)
    images = as_pairs(torch.from_numpy(preprocess(pairs.pixels)))
    net = random_net(model, 0).train()
    adam = torch.optim.Adam(net.parameters(), 1e-3)
    for _ in range(5):
        adam.zero_grad()
        cross_entropy(net(images).answer, torch.from_numpy(pairs.target(AT_MOST))).backward()
        adam.step()
    spec = replace(spec, model=model, recipe=Recipe(preprocessing=preprocessing))
    return Weights(spec, net.state_dict(), preprocess.constants, {})


def read_out(given: Weights, readout: Readout) -> Weights:
    return replace(given, spec=replace(given.spec, recipe=Recipe(readout=readout)))


@pytest.mark.parametrize("model", [MLP, SIAMESE_MLP, SHARED], ids=str)
def test_a_prediction_is_what_the_net_says_of_the_pair(
    model: ModelSpec, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    given, test = trained(mlp_run, model, sets["train"]), sets["test"]
    found = predict(given, list(test.pixels.reshape(-1, 14, 14)))
    with torch.no_grad():
        light = sets["train"].pixels / 1020
        images = (test.pixels / 1020 - light.mean()) / light.std()
        answer, digits = given.net()(as_pairs(torch.from_numpy(images).float()))
    expected = answer.softmax(1)[:, 1]
    torch.testing.assert_close(torch.tensor([one.lesser_or_equal for one in found]), expected)
    assert [one.answer for one in found] == (answer.argmax(1) == 1).tolist()
    if model == MLP:
        assert [one.digits for one in found] == [None] * len(test)
    else:
        seen = [[digit.digit for digit in one.digits or ()] for one in found]
        assert seen == digits.argmax(-1).tolist()
        sure = torch.tensor([[d.probability for d in one.digits or ()] for one in found])
        torch.testing.assert_close(sure, digits.softmax(-1).amax(-1))


@pytest.mark.parametrize("preprocessing", get_args(Preprocessing))
def test_photos_are_prepared_as_the_training_pairs_were(
    preprocessing: Preprocessing, mlp_run: RunSpec, sets: dict[str, PairSet], tmp_path: Path
) -> None:
    """By what the preprocessing learned of those, which the file of the weights holds."""
    given, test = trained(mlp_run, MLP, sets["train"], preprocessing), sets["test"]
    weights.save(tmp_path / "net", given.spec, given.state, given.constants, {})
    found = predict(weights.load(tmp_path / "net"), list(test.pixels.reshape(-1, 14, 14)))
    images = fitted(preprocessing, sets["train"].pixels)(test.pixels)
    expected = given.net()(as_pairs(torch.from_numpy(images))).answer.softmax(1)[:, 1].detach()
    torch.testing.assert_close(torch.tensor([one.lesser_or_equal for one in found]), expected)


def output() -> Output:
    """Two pairs: surely 3 and 7, and one digit not quite told from another: 5 or 2, and 4."""
    digits = torch.full((2, 2, 10), -50.0)
    digits[0, 0, 3] = digits[0, 1, 7] = digits[1, 1, 4] = 50.0
    digits[1, 0, 5], digits[1, 0, 2] = torch.tensor(0.6).log(), torch.tensor(0.4).log()
    return Output(torch.tensor([[0.0, 0.0], [0.0, 2.0]]), digits)


@pytest.mark.parametrize(
    ("readout", "expected"),
    [("head", [0.5, 0.8808]), ("argmax", [1.0, 0.0]), ("posterior", [1.0, 0.4])],
)
def test_each_readout_gives_its_own_probability(readout: Readout, expected: list[float]) -> None:
    found = lesser_or_equal(output(), readout)
    torch.testing.assert_close(found, torch.tensor(expected), atol=1e-4, rtol=0)


def test_equal_digits_are_lesser_or_equal_by_argmax() -> None:
    same = torch.zeros(1, 2, 10)
    assert lesser_or_equal(Output(torch.zeros(1, 2), same), "argmax").tolist() == [1.0]


@pytest.mark.parametrize("readout", ["argmax", "posterior"])
def test_a_naive_net_has_no_other_readout_than_its_answer(
    readout: Readout, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    given = read_out(trained(mlp_run, MLP, sets["train"]), readout)
    with pytest.raises(UserError, match=f"{readout}.*siamese"):
        predict(given, list(sets["test"].pixels[0, :, 0]))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_images_go_in_pairs(count: int, mlp_run: RunSpec, sets: dict[str, PairSet]) -> None:
    given = trained(mlp_run, MLP, sets["train"])
    images = list(sets["test"].pixels.reshape(-1, 14, 14)[:count])
    with pytest.raises(UserError, match=rf"^{count} images?: give two, or two for each further"):
        predict(given, images)


def test_weights_of_a_diverged_run_are_refused(mlp_run: RunSpec, sets: dict[str, PairSet]) -> None:
    given = trained(mlp_run, SIAMESE_MLP, sets["train"])
    lost: dict[str, Tensor] = {n: t * float("nan") for n, t in given.state.items()}
    with pytest.raises(UserError, match="no finite numbers: their run diverged"):
        predict(replace(given, state=lost), list(sets["test"].pixels[0, :, 0]))


def test_constants_that_are_missing_are_refused(mlp_run: RunSpec, sets: dict[str, PairSet]) -> None:
    given = trained(mlp_run, MLP, sets["train"])
    lacking = replace(given, constants={"mean": np.asarray(0.0)})
    with pytest.raises(UserError, match="preprocessing cannot be used: KeyError\\('std'\\)"):
        predict(lacking, list(sets["test"].pixels[0, :, 0]))


def test_constants_of_no_use_are_refused(mlp_run: RunSpec, sets: dict[str, PairSet]) -> None:
    given = trained(mlp_run, MLP, sets["train"])
    hostile = replace(given, constants={"mean": np.zeros(3), "std": np.ones(3)})
    with pytest.raises(UserError, match="preprocessing cannot be used"):
        predict(hostile, list(sets["test"].pixels[0, :, 0]))


def seen(first: int, second: int) -> tuple[SeenDigit, SeenDigit]:
    return SeenDigit(first, 0.98765), SeenDigit(second, 0.5)


def test_the_text_shows_digits_and_then_says_which_is_larger() -> None:
    predictions = [Prediction(0.98765, seen(3, 7)), Prediction(0.25, seen(9, 0))]
    assert describe(["a.png", "folder/b.png", "c.png", "d.png"], predictions, "head") == (
        "file          digit  probability\n"
        "a.png             3        0.988\n"
        "folder/b.png      7        0.500\n"
        "c.png             9        0.988\n"
        "d.png             0        0.500\n"
        "\n"
        "folder/b.png shows the larger digit, 3 < 7: P(first <= second) = 0.988, "
        "by the net's head.\n"
        "c.png shows the larger digit, 9 > 0: P(first <= second) = 0.250, by the net's head."
    )


@pytest.mark.parametrize(
    ("prediction", "readout", "said"),
    [
        (
            Prediction(0.9, None),
            "head",
            "b shows a digit as large or larger: P(first <= second) = 0.900, ",
        ),
        (
            Prediction(0.1, None),
            "head",
            "a shows the larger digit: P(first <= second) = 0.100, by the net's",
        ),
        (
            Prediction(0.7, seen(4, 4)),
            "head",
            "a and b show the same digit, 4 = 4: P(first <= second) = ",
        ),
        (
            Prediction(0.7, seen(9, 4)),
            "head",
            "b shows a digit as large or larger: P(first <= second) = 0.700, by the net's head. "
            "The most probable digits say otherwise: 9 > 4.",
        ),
        (
            Prediction(1.0, seen(1, 4)),
            "argmax",
            "b shows the larger digit, 1 < 4: by the two most probable",
        ),
        (
            Prediction(0.8, seen(1, 4)),
            "posterior",
            "b shows the larger digit, 1 < 4: P(first <= second) = ",
        ),
    ],
)
def test_a_sentence_says_what_the_readout_and_the_digits_say(
    prediction: Prediction, readout: Readout, said: str
) -> None:
    assert describe(["a", "b"], [prediction], readout).splitlines()[-1].startswith(said)


def test_a_naive_net_names_no_digits() -> None:
    assert len(describe(["a", "b"], [Prediction(0.9, None)], "head").splitlines()) == 1


@pytest.fixture
def files(tmp_path: Path, mlp_run: RunSpec, sets: dict[str, PairSet]) -> Path:
    """A folder with weights and with photos of a 3 and a 7."""
    given = trained(mlp_run, SIAMESE_MLP, sets["train"])
    weights.save(tmp_path / "net", given.spec, given.state, given.constants, {})
    for digit in (3, 7):
        picture(on_paper(text(str(digit)))).save(tmp_path / f"{digit}.png")
    return tmp_path


def command(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    code = "from digitpairs.cli.main import main; main()"
    call = [sys.executable, "-c", code, "predict", *arguments]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)


def test_the_command_prints_what_the_net_says(files: Path) -> None:
    done = command(files, "net", "3.png", "7.png", "7.png", "3.png")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["file", "digit", "probability"]
    assert [line.split()[0] for line in lines[1:5]] == ["3.png", "7.png", "7.png", "3.png"]
    assert len(lines) == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["net", "3.png"], "1 image: give two, or two for each further pair"),
        (["net", "3.png", "8.png"], "8.png: no such file"),
        (["net", "3.png", "net"], "net: not a PNG or JPEG image: save the photo as one of these"),
        (["3.png", "3.png", "7.png"], "3.png: not a whole file of weights (safetensors): "),
    ],
)
def test_a_mistake_gets_one_line(arguments: list[str], message: str, files: Path) -> None:
    done = command(files, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {message}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("task", [Task(target="same_class"), Task(classes=12), Task(side=8)])
def test_a_net_of_another_task_reads_no_photos(
    task: Task, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    given = trained(mlp_run, MLP, sets["train"])
    other = replace(given, spec=replace(given.spec, model=replace(MLP, task=task)))
    with pytest.raises(UserError, match=r"^the net was trained for Task\(.*take a net of"):
        predict(other, list(sets["test"].pixels[0, :, 0]))
