"""What LaTeX makes of the report, by real latexmk; and what is said where it can't."""

import re
import shutil
from pathlib import Path

import pytest

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.files import write_text
from digitpairs.pipeline import report_steps
from digitpairs.products.report import compiled
from digitpairs.products.report.compiled import make_pdf
from digitpairs.products.report.source import make_source
from project import ROOT, run
from reported import EMBEDDED, WINNERS, Make, quick_content

needs_latex = pytest.mark.skipif(not compiled.is_installed(), reason="needs latexmk and pdflatex")
MOST = 2.0  # points that a box may stick out


def too_wide(log: str) -> list[float]:
    """Boxes that stick out, in points."""
    found = map(float, re.findall(r"Overfull \\[hv]box \(([\d.]+)pt", log))
    return [points for points in found if points > MOST]


def check_log(log: str) -> None:
    """Nothing sticks out, nothing that is referred to is missing."""
    assert too_wide(log) == []
    for mistake in ("undefined", "multiply defined", "Missing character", "Float too large"):
        assert mistake not in log


@needs_latex
def test_any_text_of_a_user_compiles_to_the_same_bytes(laid: Make) -> None:
    params = laid(quick_content())
    make_source(params)
    inputs = report_steps.report_steps(params, EMBEDDED, WINNERS)["pdf"].inputs
    made = []
    for _ in range(2):
        make_pdf(inputs)
        made.append(Path(paths.REPORT).read_bytes())
    assert made[0] == made[1]
    check_log(paths.LATEX_LOG.read_text(encoding="utf-8"))
    assert b"CreationDate" not in made[0] and b"/ModDate" not in made[0]
    if shutil.which("pdftotext"):
        text = " ".join(run("pdftotext", "-layout", paths.REPORT, "-", cwd=Path.cwd()).split())
        assert "This is not a reproduction of the paper." in text
        assert "100 % of" in text and "[U+65E5]" in text


@needs_latex
def test_the_committed_report_compiles_without_a_box_that_sticks_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = re.findall(
        r"\\includegraphics.*\{(.+?)\}", (ROOT / paths.REPORT_SOURCE).read_text(encoding="utf-8")
    )
    inputs = [paths.REPORT_SOURCE, *(f"reports/{name}" for name in figures)]
    monkeypatch.chdir(tmp_path)
    for name in inputs:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, name)
    make_pdf(inputs)
    log = paths.LATEX_LOG.read_text(encoding="utf-8")
    check_log(log)
    (pages,) = map(int, re.findall(r"Output written on report\.pdf \((\d+) pages", log))
    assert 5 <= pages <= 11  # three of them are of the ladder, from the group beyond


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A report that stands there, and a source that LaTeX does not take."""
    monkeypatch.chdir(tmp_path)
    write_text(Path(paths.REPORT), "as it was")
    text = "\\documentclass{article}\n\\begin{document}\nA \\unheard{of} word\n\\end{document}\n"
    write_text(Path(paths.REPORT_SOURCE), text)
    return Path(paths.REPORT)


@needs_latex
def test_what_latex_does_not_take_is_told_in_a_line(broken: Path) -> None:
    with pytest.raises(UserError) as error:
        make_pdf([paths.REPORT_SOURCE])
    message = str(error.value)
    assert message.startswith(f"{paths.REPORT_SOURCE}, line 3: Undefined control sequence")
    assert r"\unheard" in message and "\n" not in message and len(message) < 300
    assert paths.LATEX_LOG.exists() and broken.read_text() == "as it was"


@needs_latex
def test_a_package_that_is_missing_is_told_with_debians_packages(broken: Path) -> None:
    text = "\\documentclass{article}\n\\usepackage{unheard}\n\\begin{document}x\\end{document}\n"
    write_text(Path(paths.REPORT_SOURCE), text)
    with pytest.raises(UserError, match=r"not find unheard\.sty.*texlive-latex-recommended"):
        make_pdf([paths.REPORT_SOURCE])


def test_without_latex_a_message_names_debians_packages(
    broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserError, match=r"report\.pdf is not made.*latexmk.*texlive-latex-base"):
        make_pdf([paths.REPORT_SOURCE])
    assert broken.read_text() == "as it was"


def test_a_log_that_says_nothing_known_is_cut_to_its_last_line() -> None:
    assert compiled.reason("a\n\nb\n") == f"{paths.REPORT_SOURCE}: LaTeX failed: b"
    assert compiled.reason("").endswith("it printed nothing")
