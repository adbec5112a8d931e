"""Typed claims: what `claims.yaml` may say. A claim is a list of comparisons that runs decide.

A comparison is of a variant with another, paired by seed, or with a number. What a claim says of
its comparisons, it says of each.
"""

import json
from collections.abc import Iterable
from itertools import chain
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, TypeAdapter
from pydantic_core import PydanticCustomError

from digitpairs.values import Name, Number, Section, Share, as_line, single_spaced

# What decides a claim. Accuracies are of samples, so that they come with intervals and tests. The
# others are known: how many parameters a net has, and what the search selected.
ACCURACIES = ("best_accuracy", "final_accuracy", "many_pairs_accuracy")
PARAMETERS, SELECTION = "parameters", "selection"

Measure = Literal[
    "best_accuracy", "final_accuracy", "many_pairs_accuracy", "parameters", "selection"
]
Direction = Literal["above", "below", "equal"]

Words = Annotated[
    str,
    Field(min_length=1, max_length=200),
    AfterValidator(as_line),
    AfterValidator(single_spaced),
]


def as_reference(value: Any) -> str | float:
    """Read what a variant is compared with: the name of another, or a number."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (isinstance(value, str) or (number and 0 <= value <= 1)):
        raise PydanticCustomError(
            "reference", "should be a variant, or a number from 0 to 1 such as 0.95"
        )
    return value if isinstance(value, str) else float(value)


Reference = Annotated[str | float, PlainValidator(as_reference, json_schema_input_type=str | float)]
References = Annotated[list[Reference], Field(min_length=1, max_length=50)]


class Claim(Section):
    """What someone claims, where, and what decides it."""

    source: Words = Field(description="where it is said, such as: Table 3")
    quote: Words = Field(description="a few words of it, as they stand there")
    says: Words = Field(description="what it says, in a sentence of ours")
    measure: Measure = Field(
        description="what decides it: an accuracy; parameters (the share that the variant has more "
        "of than the other); selection (whether the search selects the variant's setting)"
    )
    direction: Direction = Field(description="where the variant lies, of what it is compared with")
    margin: Share = Field(
        default=0.0, description="differences of at most so much are no difference that matters"
    )
    at_least: Annotated[Number, Field(gt=0, le=1)] | None = Field(
        default=None, description="the size of the difference, where one is named"
    )
    compare: Annotated[dict[Name, References], Field(min_length=1, max_length=50)] = Field(
        description="a variant: what it is compared with, variants or numbers"
    )
    group: Name | None = Field(
        default=None,
        description="group of studies whose variants it compares: left out until these are made",
    )

    def variants(self) -> list[str]:
        """Name all variants that it compares."""
        others = [other for one in self.compare.values() for other in one if isinstance(other, str)]
        return list(dict.fromkeys([*self.compare, *others]))


def compared_by(claims: Iterable[Claim]) -> list[str]:
    """Name all variants that claims compare; of what the search selects, not its winners."""
    names = (claim.compare if claim.measure == SELECTION else claim.variants() for claim in claims)
    return list(dict.fromkeys(chain.from_iterable(names)))


def json_schema() -> str:
    """Make the JSON schema of the claims file, for editors."""
    return json.dumps(TypeAdapter(dict[Name, Claim]).json_schema(), indent=2) + "\n"
