"""What a net costs: by the arithmetic of its file, or counted by torch where it has none.

Planning counts thousands of nets, and imports no torch for one whose file counts by itself.
"""

from functools import lru_cache

from digitpairs.errors import UserError
from digitpairs.models.registry import architecture_of, family_of, options_in
from digitpairs.spec import ModelSpec


@lru_cache(maxsize=100_000)
def parameters_of(spec: ModelSpec) -> int:
    """Count the trainable parameters (paper, Table 3)."""
    return counted(spec, "parameters")


@lru_cache(maxsize=100_000)
def multiply_adds_of(spec: ModelSpec) -> int:
    """Count the multiply-adds of a pair's pass forward."""
    return counted(spec, "multiply_adds")


def counted(spec: ModelSpec, what: str) -> int:
    """Count parameters or multiply-adds."""
    family = family_of(spec)
    if family.sizes:
        return int(getattr(architecture_of(spec), what))
    if count := getattr(family.net, what, None):
        return int(count(options_in(spec), spec.task))
    from digitpairs.models import measured  # torch: its import takes a second

    return int(getattr(measured, what)(spec))


def check_count(spec: ModelSpec, found: int) -> None:
    """Raise UserError where a net has other parameters than planned, which is printed."""
    planned = counted(spec, "parameters")
    if found != planned:
        raise UserError(
            f"{spec}: has {found:,} parameters, its layers say {planned:,}: "
            f"mend models/layers.py or {family_of(spec).place}"
        )
