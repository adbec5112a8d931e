"""Whether all that a product shows was computed in one place: such runs compare bit by bit."""

import json

import pandas as pd

# Of a run's provenance, what its numbers depend on. Engines are those of the nets: they differ by
# nature from net to net, and are compared within the runs of one.
PLACES = {
    "device": "processors or GPUs",
    "torch": "versions of torch",
    "numpy": "versions of numpy",
    "numba": "versions of numba",
}


def differences(results: pd.DataFrame) -> str:
    """Say where the runs of collected results were computed differently; else nothing."""
    runs = results.drop_duplicates("run")
    known = map(json.loads, runs["provenance"])
    rows = [{part: str(one.get(part, "?")) for part in (*PLACES, "engine")} for one in known]
    provenance = pd.DataFrame(rows, index=runs.index)
    sentences = [
        f"Runs come from different {what}: {listed(provenance[part])}."
        for part, what in PLACES.items()
        if provenance[part].nunique() > 1
    ]
    recipes = runs["run"].str.rpartition("/")[0]
    engines = provenance["engine"][provenance["engine"].groupby(recipes).transform("nunique") > 1]
    if len(engines):
        sentences.append(f"Runs of one net were trained by different engines: {listed(engines)}.")
    return " ".join(sentences)


def listed(values: pd.Series) -> str:
    """List the values that a column has."""
    return "; ".join(sorted(set(values)))
