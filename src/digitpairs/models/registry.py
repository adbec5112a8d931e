"""The families of nets. A new one is a file beside this one, and a line here.

The file of a net that has options of its own, such as convstack.py, holds

- `Options`, a frozen dataclass whose types are checked (models/options.py);
- `build(options, task)`, which makes the torch.nn.Module: pairs (n, 2 * channels, side, side) to a
  nets.Output;
- if it likes, `check(options, task)`, which raises ValueError for options that do not fit;
- if it likes, `parameters(options, task)` and `multiply_adds(options, task)`: without them torch
  counts, which takes a second to import. Such a file may import torch at its top: planning reads it
  only where a variant is of its family.

The paper's nets have no options: their files list the layers of a branch, by the sizes of a spec.
"""

from dataclasses import dataclass
from typing import Any

from digitpairs.identity import CORE, NOT_CORE, digest, fingerprint, imported
from digitpairs.models import options
from digitpairs.models.architecture import Architecture, arranged
from digitpairs.recipe import Recipe, parts
from digitpairs.spec import PAPERS_TASK, ModelSpec, Task


@dataclass(frozen=True)
class Family:
    """A family of nets: its name in products, the file of its net, what its specs are made of."""

    label: str
    file: str  # in models/
    siamese: bool = False  # whether there are digit logits (n, 2, classes)
    sizes: tuple[str, ...] = ()  # fields of its specs that it needs; without any it takes options

    @property
    def takes(self) -> tuple[str, ...]:
        """Name the fields of a spec that it takes."""
        if not self.sizes:
            return ("options",)
        return (*self.sizes, "shared") if self.siamese else self.sizes

    @property
    def place(self) -> str:
        """Where its file lies in this package."""
        return f"models/{self.file}"

    @property
    def net(self) -> Any:
        """The module that is its file."""
        return imported(self.place)

    def code(self, recipe: Recipe) -> str:
        """Fingerprint of the code that determines a run: core, net, and what the recipe names."""
        places = (*CORE, self.place, *parts(recipe))
        return digest([fingerprint(*places, without=NOT_CORE), self.siamese])


HIDDEN, CONVOLUTIONAL = ("hidden",), ("channels", "hidden")

FAMILIES = {
    "mlp": Family("MLP", "mlp.py", sizes=HIDDEN),
    "convnet": Family("ConvNet", "convnet.py", sizes=CONVOLUTIONAL),
    "siamese_mlp": Family("Siamese MLP", "mlp.py", siamese=True, sizes=HIDDEN),
    "siamese_convnet": Family("Siamese ConvNet", "convnet.py", siamese=True, sizes=CONVOLUTIONAL),
    "convstack": Family("ConvStack", "convstack.py", siamese=True),
}


def family_of(spec: ModelSpec) -> Family:
    """Look up the family of a model."""
    return FAMILIES[spec.family]


def architecture_of(spec: ModelSpec) -> Architecture:
    """List the layers of a model of the paper's."""
    family = family_of(spec)
    return arranged(family.net.branch, family.siamese, spec)


def options_of(family: str, data: Any, task: Task = PAPERS_TASK) -> str:
    """Check options of a family, plain data, and write them as a spec has them.

    Raises ValueError with a line for each thing wrong: key path inside the options, value, what is
    allowed.
    """
    net = FAMILIES[family].net
    text = options.text_of(net.Options, data)
    if hasattr(net, "check"):
        net.check(options.read(net.Options, text), task)
    return text


def options_in(spec: ModelSpec) -> Any:
    """Read the options of a spec. Raises ValueError for a text that says none."""
    return options.read(family_of(spec).net.Options, spec.options)
