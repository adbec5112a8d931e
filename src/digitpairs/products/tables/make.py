"""Makes a study's table from files, in LaTeX and in Markdown, there with what it comes to."""

from collections.abc import Collection, Iterable, Sequence
from importlib import import_module
from pathlib import Path

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.files import write_text
from digitpairs.products.labels import labels_of
from digitpairs.products.numbers import places
from digitpairs.products.numbers.paper import PROTOCOL, Protocol, protocols
from digitpairs.products.tables.render import latex, markdown
from digitpairs.products.tables.rows import rows
from digitpairs.runs import collect, plan
from digitpairs.search.ranking import read_winners
from digitpairs.study.grid import rates_tried
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params, Study


def make_table(params: Params, name: str, inputs: Sequence[str]) -> None:
    """Write a study's table; `inputs` are the files of its step."""
    study, source, winners = params.studies[name], known_source(), read_winners() or {}
    kind = import_module(f"{__package__}.{study.kind}")
    results = collect.read(inputs)
    settings = plan.settings_of(params, study.variants, winners)
    labels = labels_of(params, study, winners)
    frame = rows(results, labels, kind.cells(study, results, settings))
    findings: Iterable[str] = ()
    sentences = [caption(study, kind.NOTE, protocols(results).values())]
    if KINDS[study.kind].compares:
        findings = kind.findings(study, results, labels)
        tried = rates_tried(params, study.variants)
        sentences += kind.remarks(study, results, labels, tried, winners)
    sentences.append(places.differences(results))
    text = " ".join(filter(None, sentences))
    tex, md = map(Path, paths.table(name))
    write_text(tex, latex(frame, name, text, source.note))
    write_text(md, markdown(frame, text, source.note, findings))


def caption(study: Study, note: str, trained_by: Collection[Protocol]) -> str:
    """Say what is shown, over how many runs, in plain text; and by which protocol but the paper's.

    `note` is what the kind of table adds.
    """
    seeds = " or ".join(map(str, sorted({protocol.seeds for protocol in trained_by})))
    others = sorted({str(protocol) for protocol in trained_by if protocol != PROTOCOL})
    papers = any(protocol.is_papers_task for protocol in trained_by)
    chosen = ", as the paper's numbers are" if papers else ""
    text = (
        f"{study.title}. Test accuracy, mean and standard deviation over {seeds} seeds. "
        f"The best epoch is chosen on the test set{chosen}. "
        "Many pairs: the final epoch on pairs of all test digits. "
        f"WS: weight sharing{note}."
    )
    if not others:
        return text
    if papers:
        return f"{text} Not the paper's protocol, so its numbers are left out: {'; '.join(others)}."
    return f"{text} Trained on {'; '.join(others)}."
