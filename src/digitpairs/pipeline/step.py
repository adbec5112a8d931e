"""What a step is: what it makes, from which files, params and code; and where its stamp lies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digitpairs import paths
from digitpairs.identity import PAIRS, digest, fingerprint
from digitpairs.study import groups
from digitpairs.study.schema import Params
from digitpairs.study.variants import SELECTED

# Code by folder, or the one file of a folder that a step uses.
DRAWING_PAIRS = (*PAIRS, "runs/pair_sets.py")
COLLECTING = ("runs/collect.py",)
ANSWERING = ("runs/answers.py", "runs/wrong.py", "runs/wrong_by_head.py")
SELECTING = ("search", *COLLECTING)
COUNTING = (
    *("products/numbers", "products/labels.py", "models/registry.py"),
    *("pairs/target.py", "runs/wrong.py"),
    *SELECTING,
)
DRAWING = ("products/figures", "products/labels.py", *COUNTING, "models", *PAIRS)
SHOWING = (
    *("products/page", "products/labels.py", "runs/one.py", "runs/weights.py"),
    *("models", *COUNTING, *PAIRS),
)
KEEPING = ("runs/one.py", "runs/weights.py", "runs/kept.py")
DESCRIBING = ("products/card.py", "products/labels.py", *KEEPING, *COUNTING, "models", *PAIRS)
TABULATING = ("products/tables", "products/labels.py", *COUNTING)
REPORTING = ("products/report", *TABULATING)
COMPILING = ("products/report/compiled.py",)

# Steps whose products are data: these, and one a variant.
DATA = ("digits", "pairs", "search", "select", "evaluation", "weights", "model", "answers")
OF_MODEL = ("weights", "model")  # made by `snakemake model` alone
VARIANT = "variant-"
ANSWERS = "answers-"  # and a variant: what its nets make of each test digit


@dataclass(frozen=True)
class Step:
    """What a step makes, and from what: other steps' products, params, places of code.

    `pair_sets` are read too. Their paths say what is in them, so that they make no step due.
    So are `committed` files, which no step makes.
    """

    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    params: Any
    code: tuple[str, ...]
    pair_sets: tuple[str, ...] = ()
    committed: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Digest of the params, the code and the committed files."""
        read = [text_of(path) for path in self.committed]
        return digest([self.params, fingerprint(*self.code), *read])


def text_of(path: str) -> str | None:
    """Read a committed file; None where it is not there."""
    file = Path(path)
    return file.read_text(encoding="utf-8") if file.exists() else None


Steps = Mapping[str, Step]


def stamp_path(name: str) -> Path:
    """Where a step's stamp lies: DVC tracks those of data, git those of reports."""
    if name.startswith(VARIANT):
        return paths.STAMPS["data"] / "variants" / f"{name.removeprefix(VARIANT)}.json"
    if name.startswith(ANSWERS):
        return paths.STAMPS["data"] / "variants/answers" / f"{name.removeprefix(ANSWERS)}.json"
    if name.startswith(("search", "select")):
        return paths.STAMPS["data"] / "searches" / f"{name}.json"
    folder = "data" if name.startswith(DATA) else "reports"
    return paths.STAMPS[folder] / f"{name}.json"


def stamped_steps(folder: str) -> set[str]:
    """Name the steps that left a stamp in a folder."""
    made, no_dot = paths.STAMPS[folder], "[!.]*.json"  # a dot: one that is being written
    variants = {VARIANT + stamp.stem for stamp in made.glob(f"variants/{no_dot}")}
    variants |= {ANSWERS + stamp.stem for stamp in made.glob(f"variants/answers/{no_dot}")}
    others = (*made.glob(f"searches/{no_dot}"), *made.glob(no_dot))
    return variants | {stamp.stem for stamp in others}


def unplanned(names: Iterable[str], folder: str) -> list[str]:
    """Name the steps that left a stamp in a folder and are no longer planned."""
    return sorted(stamped_steps(folder).difference(names))


def winners_of(params: Params, variants: Iterable[str]) -> tuple[str, ...]:
    """Name the files that say which nets won, of those of the variants that are winners."""
    grids = (name.removesuffix(SELECTED) for name in variants if name not in params.variants)
    return tuple(dict.fromkeys(paths.winners(groups.suffix_of(params, grid)) for grid in grids))


def by_default(params: Params, names: Iterable[str]) -> list[str]:
    """Pick the variants and winners that are evaluated by default."""
    apart = groups.owners(params)
    return [name for name in names if name not in apart]


def maker(steps: Steps, path: str) -> str:
    """Name the step that makes a product. Raises LookupError where none does."""
    for name, step in steps.items():
        if path in step.outputs:
            return name
    raise LookupError(f"no step makes {path}")
