"""A report of made-up results: the quick params, claims, a group of studies, a user's labels."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import yaml

from collected import elsewhere, of_params, setting
from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.identity import essentials
from digitpairs.pipeline import report_steps
from digitpairs.products.numbers.make import make_metric
from digitpairs.runs import collect
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from project import ROOT

EMBEDDED = Source("embedded", "0123456789ab")
WINNERS = {
    "mlp": {"model": {"family": "mlp", "hidden": [200, 150]}, "learning_rate": 1e-3},
    "convnet": essentials(setting("convnet")),  # the variant
}
HOSTILE = r"A_b & 100 % of #1 {λ ± 2} \x ~^ <Ł> $5 日本 | Zwölf Boxkämpfer"
REFERENCE = "siamese_convnet_shared"

Content = dict[str, Any]
Make = Callable[[Content], Params]


def quick_content(claims: bool = True) -> Content:
    """The quick params with their claims, a label that LaTeX would choke on, and a group."""
    content: Content = yaml.safe_load((ROOT / "params.quick.yaml").read_text(encoding="utf-8"))
    content["variants"]["siamese_mlp"]["label"] = HOSTILE
    content["variants"]["frozen"] = {"base": REFERENCE, "label": "Frozen & so on"}
    content["variants"]["frozen"]["training"] = {"batchnorm": "frozen_after_first_epoch"}
    content["variants"]["alone"] = {"base": REFERENCE, "training": {"varies": "weights"}}
    for name, kind, variants in (
        ("open", "forest", [REFERENCE, "frozen"]),
        ("open_table", "differences", [REFERENCE, "frozen"]),
        ("spread_table", "accuracies", [REFERENCE, "alone"]),
    ):
        study = {"kind": kind, "title": "What 5 % & more change", "variants": variants}
        content["studies"][name] = study | {"group": "audit"}
    if claims:
        content["claims"] = yaml.safe_load((ROOT / "claims.quick.yaml").read_text("utf-8"))
    return content


def lay(content: Content) -> Params:
    """Write all that the report of these params reads into the working directory."""
    params = check(content).model_copy(update={"shown": ["audit"]})
    paths.RAW.mkdir(parents=True)
    source = {"source": EMBEDDED.name, "checksum": EMBEDDED.checksum}
    Path(paths.SOURCE).write_text(json.dumps(source))
    for name, results in of_params(params, EMBEDDED, WINNERS).items():
        # Seeds differ, so that there is a spread.
        by_seed = results.assign(
            test_accuracy=results["test_accuracy"] + 0.01 * results["seed"] % 1
        )
        moved = elsewhere(by_seed, by_seed["variant"].eq("frozen"), device="slide_rule & co")
        collect.write(moved, paths.SEARCH if name == "search" else paths.variant(name))
    Path(paths.WINNERS).write_text(json.dumps(WINNERS))
    graph = report_steps.report_steps(params, EMBEDDED, WINNERS)
    for name in report_steps.names(params, "metric"):
        make_metric(params, name, graph[f"metric-{name}"].inputs)
    paths.FIGURES.mkdir(parents=True)
    blank = plt.figure(figsize=(5, 2))
    for path in graph["pdf"].inputs[1:]:
        blank.savefig(path)
    plt.close(blank)
    return params
