"""The families of nets. A new one is a file beside this one, and a line here."""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from digitpairs.identity import CORE, CUDA_ONLY, PACKAGE, digest, fingerprint
from digitpairs.models import architecture, convnet, mlp
from digitpairs.models.architecture import Architecture
from digitpairs.spec import ModelSpec


@dataclass(frozen=True)
class Family:
    """A family of nets: its name in products, the module of its branch, and what its specs need."""

    label: str
    net: ModuleType
    siamese: bool = False  # a branch for each digit, so that there are digit logits
    convolutional: bool = False  # specs name the channels of conv layers

    @property
    def code(self) -> str:
        """Fingerprint of the code that determines this family's runs: the core, and its own net."""
        file = str(Path(self.net.__file__ or "").relative_to(PACKAGE))
        return digest([fingerprint(*CORE, file, without=CUDA_ONLY), self.siamese])


FAMILIES = {
    "mlp": Family("MLP", mlp),
    "convnet": Family("ConvNet", convnet, convolutional=True),
    "siamese_mlp": Family("Siamese MLP", mlp, siamese=True),
    "siamese_convnet": Family("Siamese ConvNet", convnet, siamese=True, convolutional=True),
}


def family_of(spec: ModelSpec) -> Family:
    """Look up the family of a model."""
    return FAMILIES[spec.family]


def architecture_of(spec: ModelSpec) -> Architecture:
    """List the layers of a model."""
    family = family_of(spec)
    arrange = architecture.siamese if family.siamese else architecture.naive
    return arrange(family.net.branch, spec)
