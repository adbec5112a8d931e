"""Read-outs of siamese nets: what the digits alone would answer, beside the trained head."""

from collections.abc import Mapping

import pandas as pd

from digitpairs.products.numbers.metrics import summary
from digitpairs.products.tables.cells import Cell, plus_minus
from digitpairs.spec import Setting
from digitpairs.study.schema import Study

NOTE = (
    "; Digits: how many digits the branches name rightly at the final epoch, on the seed's test "
    "pairs; Likeliest: how many pairs are answered rightly by the two likeliest digits; "
    "Posterior: by the probability that the digits give to the answer. Final epoch: by the head"
)
COLUMNS = {"Digits": "digit", "Likeliest": "argmax", "Posterior": "posterior"}


def cells(
    study: Study, results: pd.DataFrame, settings: Mapping[str, Setting]
) -> dict[str, dict[str, Cell]]:
    """Add the read-outs; a dash for a net that names no digits."""
    found = {row["variant"]: row for row in summary(results).to_dict("records")}
    return {
        name: {
            column: plus_minus(found[name][f"{readout}_accuracy_mean"], float("nan"))
            for column, readout in COLUMNS.items()
        }
        for name in settings
    }
