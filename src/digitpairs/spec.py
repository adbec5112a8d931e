"""A run is its spec: what determines its numbers, its digest, and so its place in the store.

Standard library only: the workflow reads plans without importing torch.
"""

import ast
import hashlib
import itertools
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from digitpairs.errors import UserError
from digitpairs.sizes import ANSWERS, CLASSES, HEAD_HIDDEN, SIDE

Family = Literal["mlp", "convnet", "siamese_mlp", "siamese_convnet"]

PAIR_MODULES = ("sizes", "idx", "pairs")
FORM_MODULES = ("forms", "stacked", "fast_convnet", "first_layer", "kernels", "adam", "graphs")
TRAINING_MODULES = (*PAIR_MODULES, "models", *FORM_MODULES, "training")


@dataclass(frozen=True)
class ModelSpec:
    """A model and its sizes: hidden layers, conv channels (ConvNets), weight sharing (siamese)."""

    family: Family
    hidden: tuple[int, ...]
    channels: tuple[int, ...] = ()
    shared: bool = False

    @property
    def siamese(self) -> bool:
        """Whether each digit has a branch, so that there are digit logits."""
        return self.family.startswith("siamese")

    @property
    def convolutional(self) -> bool:
        """Whether the branches are ConvNets."""
        return self.family.endswith("convnet")

    @property
    def parameters(self) -> int:
        """Count the trainable parameters (paper, Table 3); the tests hold it against torch."""
        if not self.siamese:
            return self._branch_parameters(images=2, outputs=ANSWERS)
        branches = 1 if self.shared else 2
        head = dense((2 * CLASSES, HEAD_HIDDEN, ANSWERS))
        return branches * self._branch_parameters(images=1, outputs=CLASSES) + head

    def _branch_parameters(self, images: int, outputs: int) -> int:
        count, inputs, side = 0, images, SIDE
        for size in self.channels:
            count += (9 * inputs + 1) * size + 2 * size  # 3x3 kernels and biases; BatchNorm
            inputs, side = size, (side - 2) // 2
        return count + dense((inputs * side * side, *self.hidden, outputs))


def dense(sizes: tuple[int, ...]) -> int:
    """Count weights and biases of linear layers of these sizes."""
    return sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(sizes))


@dataclass(frozen=True)
class RunSpec:
    """Everything that determines the numbers of a run, and nothing else.

    `digits` identifies the raw digits, `code` the training code. `fold` is None for a run on all
    of a seed's training pairs that is tested on its test pairs; a fold's run trains on the other
    folds of the seed's training pairs and is tested on this one, so its `test_pairs` is
    None.
    """

    model: ModelSpec
    learning_rate: float
    aux_weight: float
    epochs: int
    batch_size: int
    batchnorm: Literal["standard", "frozen_after_first_epoch"]
    shuffle: bool
    train_pairs: int
    test_pairs: int | None
    digits: str
    code: str
    seed: int
    folds: int | None = None
    fold: int | None = None

    @property
    def recipe(self) -> str:
        """Digest of all but seed and fold: what the runs of one variant have in common."""
        return digest({k: v for k, v in asdict(self).items() if k not in ("seed", "fold")})

    @property
    def member(self) -> str:
        """Which of the recipe's runs this is."""
        return f"seed-{self.seed}" if self.fold is None else f"seed-{self.seed}-fold-{self.fold}"


def from_json(content: dict[str, Any]) -> RunSpec:
    """Make the spec again that `asdict` turned into plain data."""
    model: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in content["model"].items()
    }
    return RunSpec(**{**content, "model": ModelSpec(**model)})


def result_digest(spec: RunSpec, record: dict[str, Any]) -> str:
    """Digest of what a run found, wherever and however fast."""
    return digest([asdict(spec), record["status"], record["epochs"]])


def digest(value: Any) -> str:
    """Hash JSON-like data: 20 hexadecimal digits, the same for every order of keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


@cache
def fingerprint(*modules: str) -> str:
    """Hash the parsed source of modules of this package.

    Comments, formatting, docstrings and annotations do not count, nor does the Python version.
    """
    folder = Path(__file__).parent
    return digest([essence(ast.parse((folder / f"{name}.py").read_text())) for name in modules])


def check_unchanged(code: str, *modules: str) -> None:
    """Raise UserError where modules that were just imported are no longer those of `code`.

    Else what edited code computes would go by the name of what was planned.
    """
    if fingerprint.__wrapped__(*modules) != code:
        raise UserError("the code was edited while this job started; give the same command again")


def essence(node: Any) -> Any:
    """Reduce a syntax tree to what can change a result, as nested lists."""
    if isinstance(node, list):
        return [essence(item) for item in node if not is_docstring(item)]
    if isinstance(node, ast.AST):
        fields = [(name, value) for name, value in ast.iter_fields(node) if value not in (None, [])]
        return [type(node).__name__] + [
            [name, essence(value)]
            for name, value in fields
            if name not in ("annotation", "returns", "type_comment", "kind")
        ]
    return repr(node)


def is_docstring(node: Any) -> bool:
    """Whether a statement is a bare string."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
