"""The table of read-outs: those of the final epoch, and a dash where a net names no digits."""

import pandas as pd

from collected import runs, setting
from digitpairs.products.tables import readouts
from digitpairs.study.schema import Study


def test_read_outs_are_means_over_seeds_of_the_final_epoch() -> None:
    results = runs({"mlp": [[0.5]], "siamese_convnet": [[0.9, 0.7], [0.9, 0.8]]})
    final = results["epoch"] == results.groupby("run")["epoch"].transform("max")
    results.loc[final, "argmax_accuracy"] += 0.1
    study = Study(kind="readouts", title="Read-outs", variants=["mlp", "siamese_convnet"])
    settings = {name: setting(name) for name in study.variants}
    cells = readouts.cells(study, results, settings)
    table = pd.DataFrame(cells).map(lambda cell: cell.markdown)
    assert table["siamese_convnet"].to_dict() == {
        "Digits": ".750",
        "Likeliest": ".850",
        "Posterior": ".750",
    }
    assert set(table["mlp"]) == {"–"}
