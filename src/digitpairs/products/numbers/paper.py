"""What the paper printed, and by which protocol.

PUBLISHED is by what was trained and not by a variant's name: family, channels, hidden, weight
sharing, auxiliary weight, learning rate, recipe. So a variant that is changed no longer stands
beside the paper's number.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digitpairs.recipe import BY_THE_PAPER
from digitpairs.spec import Setting

if TYPE_CHECKING:
    import pandas as pd  # slow to import, and steps need what was printed alone

Trained = tuple[object, ...]


@dataclass(frozen=True)
class Printed:
    """Mean and std of the best test accuracy over 15 runs, where they stand, and the parameters."""

    mean: float
    std: float
    where: str
    parameters: int | None = None


@dataclass(frozen=True)
class Protocol:
    """How the runs of a variant were trained, as far as it decides whether two compare."""

    train_pairs: int
    test_pairs: int
    epochs: int
    batch_size: int
    seeds: int
    digits: str
    target: str = "lesser_or_equal"
    varies: str | None = None  # what seeds draw, where that is not all

    @property
    def is_papers_task(self) -> bool:
        """Whether MNIST's digits were compared as the paper does, be they fewer."""
        return self.digits in ("mnist", "embedded") and self.target == PROTOCOL.target

    def __str__(self) -> str:
        """Say it in a line."""
        names = {"mnist": "full MNIST", "embedded": "embedded digits"}
        question = "" if self.target == PROTOCOL.target else f", target {self.target}"
        varied = f" of {self.varies} alone" if self.varies else ""
        return (
            f"{self.train_pairs:,} training and {self.test_pairs:,} test pairs, "
            f"{self.epochs} epochs, batches of {self.batch_size}, {self.seeds} seeds{varied}, "
            f"{names.get(self.digits, self.digits)}{question}"
        )


PROTOCOL = Protocol(
    train_pairs=1000,  # Data: "For each training, 1000 pairs of digit images were combined"
    test_pairs=1000,  # not in the text: the authors' public code
    epochs=50,  # Training: "15 times on 50 epochs"
    batch_size=100,  # not in the text: the authors' public code
    seeds=15,
    digits="mnist",  # Data: "The data originated from the MNIST database"
)

PUBLISHED: dict[Trained, Printed] = {
    ("mlp", "", "200-100", False, 0.0, 1e-4, ""): Printed(0.807, 0.015, "Tables 1 and 3", 98902),
    ("convnet", "128-32", "400", False, 0.0, 1e-4, ""): Printed(
        0.834, 0.011, "Tables 1 and 3", 92050
    ),
    ("siamese_mlp", "", "150-100", False, 0.0, 1e-4, ""): Printed(0.810, 0.013, "Table 2"),
    ("siamese_convnet", "128-32", "50", False, 0.0, 1e-4, ""): Printed(
        0.842, 0.011, "Tables 2 and 3", 93214
    ),
    ("siamese_convnet", "128-32", "50", True, 0.0, 1e-4, ""): Printed(
        0.856, 0.011, "Table 3", 47758
    ),
    ("siamese_convnet", "128-32", "50", True, 100.0, 1e-2, ""): Printed(
        0.946, 0.010, "Table 3", 47758
    ),
}


def trained_as(setting: Setting) -> Trained:
    """Say what a variant trains, as PUBLISHED has it."""
    model = setting.model
    sizes = ("-".join(map(str, part)) for part in (model.channels, model.hidden))
    recipe = "" if setting.recipe == BY_THE_PAPER else "another"
    return (
        *(model.family, *sizes, model.shared),
        *(setting.aux_weight, setting.learning_rate, recipe),
    )


def protocols(results: pd.DataFrame) -> dict[str, Protocol]:
    """Read the protocol of each variant from the specs of its runs, which differ in their seeds."""
    runs = results.drop_duplicates(["variant", "run"])
    return {name: protocol(group["spec"]) for name, group in runs.groupby("variant", sort=False)}


def protocol(specs: pd.Series) -> Protocol:
    """Read the protocol of one variant."""
    spec = json.loads(specs.iloc[-1])  # of the last seed: the first one varies nothing
    return Protocol(
        train_pairs=spec.get("first_pairs") or spec["train_pairs"],
        test_pairs=spec["test_pairs"],
        epochs=spec["epochs"],
        batch_size=spec["batch_size"],
        seeds=len(specs),
        digits=spec["digits"].rpartition("-")[0],
        varies=spec.get("varies"),
        target=spec["model"].get("task", {}).get("target", PROTOCOL.target),
    )


def published(trained: Trained, by: Protocol) -> Printed | None:
    """Look up what the paper printed of this; None where it is not the paper's protocol."""
    return PUBLISHED.get(trained) if by == PROTOCOL else None
