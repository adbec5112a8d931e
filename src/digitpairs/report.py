"""Makes the products in reports/ from the collected results: each command reads files, writes one.

Every product that does not come from full MNIST says so.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from digitpairs.files import write_text
from digitpairs.mnist import read_source
from digitpairs.params import Params, Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from digitpairs.variants import Setting

RAW = Path("data/raw")
RESULTS = Path("data/results")
METRICS = Path("reports/metrics")
FIGURES = Path("reports/figures")
TABLES = Path("reports/tables")


def make_metrics(name: str) -> None:
    """Write one of the files in reports/metrics: its name without the ending."""
    from digitpairs import metrics, results

    match name:
        case "evaluation":
            write_csv(name, metrics.evaluation(results.read("evaluation")))
        case "curves":
            write_csv(name, metrics.curves(results.read("evaluation")))
        case "search":
            write_csv(name, metrics.search(results.read("search")))
        case "summary":
            write_csv(name, metrics.summary(read_csv("evaluation")))
        case "metrics":
            content = metrics.headline(read_csv("summary"), read_source(RAW).name)
            write_text(METRICS / "metrics.json", json.dumps(content, indent=2) + "\n")


def make_figure(params: Params, name: str) -> None:
    """Draw a study's figure, the `search` heat map, or sample `pairs` of seed 0."""
    from digitpairs import figures, pairs, plan, plotting

    with plotting.style():
        if name in params.studies and params.studies[name].kind == "architecture":
            # Drawn from the models alone: the same whichever digits there are.
            plotting.save(draw_architecture(params, params.studies[name]), FIGURES, name, None)
            return
        source = read_source(RAW)
        if name == "search":
            figure = figures.search(read_csv("search"))
        elif name == "pairs":
            sets = pairs.load(Path(plan.pairs_path(params, source, 0)))
            figure = figures.sample_pairs(sets["train"])
        else:
            study = params.studies[name]
            match study.kind:
                case "box":
                    figure = figures.box(study, read_csv("evaluation"))
                case "sweep":
                    figure = figures.sweep(study, read_csv("evaluation"))
                case "curves":
                    figure = figures.curves(study, read_csv("curves"), read_csv("evaluation"))
        plotting.save(figure, FIGURES, name, source.note)


def draw_architecture(params: Params, study: Study) -> "Figure":
    """Draw the nets of a study; imports torch, which the other figures do without."""
    from digitpairs import architecture
    from digitpairs.labels import distinct
    from digitpairs.variants import resolve

    settings = {name: resolve(params, name) for name in study.variants}
    labels = distinct({"variant": name, **row(setting)} for name, setting in settings.items())
    return architecture.draw(
        {labels[name]: setting.model for name, setting in settings.items()}, study.title
    )


def row(setting: "Setting") -> dict[str, Any]:
    """Describe a setting as the collected results do."""
    return {
        "family": setting.model.family,
        "channels": "-".join(map(str, setting.model.channels)),
        "hidden": "-".join(map(str, setting.model.hidden)),
        "shared": setting.model.shared,
        "aux_weight": setting.aux_weight,
        "learning_rate": setting.learning_rate,
    }


def make_table(params: Params, name: str) -> None:
    """Write a study's table in LaTeX, and in Markdown for the README."""
    from digitpairs import tables

    study, source = params.studies[name], read_source(RAW)
    winners = json.loads((RESULTS / "selected.json").read_text())
    runs = read_csv("evaluation")
    frame = tables.body(study, runs, read_csv("summary"), set(winners))
    caption = tables.caption(study, params.training.seeds) + tables.mixture(study, runs)
    note = source.note
    write_text(TABLES / f"{name}.tex", tables.latex(frame, name, caption, note))
    write_text(TABLES / f"{name}.md", tables.markdown(frame, caption, note))


def fill_readme(readme: Path) -> None:
    """Put the Markdown tables between their marks, `<!-- table3 -->` and `<!-- /table3 -->`."""
    text = readme.read_text(encoding="utf-8")
    for table in sorted(TABLES.glob("*.md")):
        start, end = f"<!-- {table.stem} -->\n", f"<!-- /{table.stem} -->"
        if start in text and end in text:
            before, _, rest = text.partition(start)
            _, _, after = rest.partition(end)
            text = f"{before}{start}\n{table.read_text(encoding='utf-8')}\n{end}{after}"
    write_text(readme, text)


def write_csv(name: str, frame: pd.DataFrame) -> None:
    """Write a table of reports/metrics."""
    write_text(METRICS / f"{name}.csv", frame.to_csv(index=False, float_format="%.6g"))


def read_csv(name: str) -> pd.DataFrame:
    """Read a table of reports/metrics; layer sizes are text, empty where there are none."""
    text = {"channels": str, "hidden": str}
    frame = pd.read_csv(METRICS / f"{name}.csv", dtype=text)
    return frame.fillna({column: "" for column in text if column in frame})
