"""Makes a study's table from files, in LaTeX, and in Markdown for the README."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pandas as pd

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.files import write_text
from digitpairs.products.numbers.metrics import evaluation
from digitpairs.products.tables.render import latex, markdown
from digitpairs.products.tables.rows import rows
from digitpairs.runs import collect
from digitpairs.search.ranking import read_winners
from digitpairs.study.schema import Params, Study


def make_table(params: Params, name: str, inputs: Sequence[str]) -> None:
    """Write a study's table; `inputs` are the files of its step."""
    study, source = params.studies[name], known_source()
    kind = import_module(f"digitpairs.products.tables.{study.kind}")
    results = collect.read(*(path for path in inputs if path.endswith(".parquet")))
    winners = (read_winners() or {}) if paths.WINNERS in inputs else {}
    frame = rows(study, results, winners, kind.cells)
    text = caption(study, params.training.seeds, kind.NOTE) + mixture(evaluation(results))
    tex, md = map(Path, paths.table(name))
    write_text(tex, latex(frame, name, text, source.note))
    write_text(md, markdown(frame, text, source.note))


def caption(study: Study, runs: int, note: str) -> str:
    """Say what is shown, and over how many runs, in plain text."""
    return (
        f"{study.title}. Test accuracy, mean and standard deviation over {runs} seeds. "
        "The best epoch is chosen on the test set, as the paper's numbers are. "
        f"WS: weight sharing{note}."
    )


def mixture(runs: pd.DataFrame) -> str:
    """Say that runs of a variant were trained here and there; nothing where none were."""
    places = runs.groupby("variant")["computed"].unique()
    mixed = sorted({str(place) for each in places if len(each) > 1 for place in each})
    return (
        f" Seeds of one variant were trained in different places: {'; '.join(mixed)}."
        if mixed
        else ""
    )


def fill_readme(readme: Path) -> None:
    """Put the Markdown tables between their marks, `<!-- table3 -->` and `<!-- /table3 -->`."""
    text = readme.read_text(encoding="utf-8")
    for table in sorted(paths.TABLES.glob("*.md")):
        start, end = f"<!-- {table.stem} -->\n", f"<!-- /{table.stem} -->"
        if start in text and end in text:
            before, _, rest = text.partition(start)
            _, _, after = rest.partition(end)
            text = f"{before}{start}\n{table.read_text(encoding='utf-8')}\n{end}{after}"
    write_text(readme, text)
