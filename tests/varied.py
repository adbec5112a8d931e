"""Results of nets whose seeds draw everything, and of variants that draw one thing alone."""

import pandas as pd

from collected import run, setting

WHOLE, PAIRS, WEIGHTS = [0.80, 0.84, 0.82], [0.80, 0.82, 0.81], [0.80, 0.80, 0.83]
LABELS = {
    "net": "Net $x$",
    "net_pairs": "Net, pairs",
    "net_weights": "Net, weights",
    "other": "Other",
    "other_order": "Other, order",
}


def of_seeds(name: str, accuracies: list[float], varies: str | None = None) -> pd.DataFrame:
    """A variant's runs, whose first seed is the run of the whole."""
    rows = [
        run(name, seed, [0.5, one], of=setting("mlp"), varies=varies if seed else None)
        for seed, one in enumerate(accuracies)
    ]
    frame = pd.concat(rows, ignore_index=True)
    return frame.assign(many_pairs_accuracy=frame["seed"].map(dict(enumerate(accuracies))) / 2)


def results() -> pd.DataFrame:
    """Two nets: one with two parts, one with another."""
    return pd.concat(
        [
            of_seeds("net", WHOLE),
            of_seeds("net_pairs", PAIRS, "pairs"),
            of_seeds("net_weights", WEIGHTS, "weights"),
            of_seeds("other", PAIRS),
            of_seeds("other_order", WHOLE, "order"),
        ],
        ignore_index=True,
    )
