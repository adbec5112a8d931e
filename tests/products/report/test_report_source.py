"""The report's LaTeX: what is in it follows from files, and what is not there is not spoken of."""

import re
from pathlib import Path

import pandas as pd
import pytest

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.products.report.printed import Printed
from digitpairs.products.report.source import filled, make_source
from digitpairs.study.schema import Params
from reported import REFERENCE, Make, quick_content

TEMPLATES = sorted(paths.TEMPLATES.glob("*.tex"))


def source(params: Params, **change: object) -> str:
    """The report's LaTeX, its lines joined."""
    shown = params.model_copy(update=change)
    return " ".join(filled(shown, Printed(), paths.TEMPLATES).split())


def test_every_number_has_its_label_and_its_cell(laid: Make) -> None:
    params = laid(quick_content())
    make_source(params)
    text = Path(paths.REPORT_SOURCE).read_text(encoding="utf-8").partition("document}")[2]
    listed = pd.read_csv(paths.REPORT_NUMBERS, dtype=str, keep_default_na=False)
    printed = re.findall(r"\\num\{([^}]*)\}", text)
    assert set(printed) == set(listed["label"]) and listed["label"].is_unique
    assert len(listed) > 80
    assert set(listed["file"]) <= {str(path) for path in paths.METRICS.glob("*.csv")}


def test_what_was_not_made_is_not_spoken_of(laid: Make) -> None:
    params = laid(quick_content())
    without, shown = source(params, shown=[]), source(params, shown=["audit"])
    assert "Frozen" not in without and r"\label{sec:variance}" not in without
    assert r"Frozen \& so on" in shown and r"\label{sec:variance}" in shown
    assert "figures/open.pdf" in shown and "figures/open.pdf" not in without
    assert "Drawn alone" in shown


def test_what_is_no_reproduction_says_so_first(laid: Make) -> None:
    text = source(laid(quick_content()), shown=[])
    first = text[: text.index(r"\section{")]
    assert "This is not a reproduction of the paper." in first
    assert "not full MNIST: from the 5,000 embedded digits" in first
    assert r"\label{sec:beside}" not in text and "Side by side" not in text
    assert "The paper's protocol" not in text


def test_without_claims_there_is_no_talk_of_any(laid: Make) -> None:
    text = source(laid(quick_content(claims=False)), shown=[])
    assert (
        "claim"
        not in re.sub(r"\\(newcommand|newcounter|renewcommand)\S+", "", text).partition(
            r"\begin{document}"
        )[2]
    )


def test_another_number_is_another_report(laid: Make) -> None:
    params = laid(quick_content())
    before = source(params, shown=[])
    path = Path(paths.metric("summary.csv"))
    found = pd.read_csv(path, dtype=str, keep_default_na=False)
    found.loc[found["variant"] == REFERENCE, "final_mean"] = "0.123"
    found.to_csv(path, index=False)
    after = source(params, shown=[])
    assert before != after and rf"\num{{summary:{REFERENCE}:final_mean}}{{.123}}" in after


def test_a_lost_number_is_an_error_that_names_it(laid: Make) -> None:
    params = laid(quick_content())
    path = Path(paths.metric("summary.csv"))
    found = pd.read_csv(path, dtype=str, keep_default_na=False)
    found.loc[found["variant"] == REFERENCE, "parameters"] = ""
    found.to_csv(path, index=False)
    with pytest.raises(UserError, match=f"summary.csv: row variant={REFERENCE}, column parameters"):
        source(params, shown=[])
    path.unlink()
    with pytest.raises(UserError, match=r"summary\.csv: cannot be read"):
        source(params, shown=[])


def test_a_lost_figure_is_an_error_that_names_it(laid: Make) -> None:
    params = laid(quick_content())
    Path(paths.figure("claims")[0]).unlink()
    with pytest.raises(UserError, match=r"figures/claims\.pdf: not there"):
        source(params, shown=[])


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("one\n<< unknown >>\n", r"report\.tex, line 2: 'unknown' is undefined"),
        ("one\n\n<% if %>\n", r"report\.tex, line 3: "),
        ('<% include "no.tex" %>', r"no\.tex"),
        ('<< accuracy("no", "x") >>', r"no\.csv: cannot be read"),
    ],
)
def test_a_broken_template_is_told_with_its_line(
    laid: Make, tmp_path: Path, template: str, message: str
) -> None:
    params = laid(quick_content(claims=False)).model_copy(update={"shown": []})
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "report.tex").write_text(template)
    with pytest.raises(UserError, match=message):
        filled(params, Printed(), folder)


@pytest.mark.parametrize("template", TEMPLATES, ids=[file.name for file in TEMPLATES])
def test_no_number_is_typed_by_hand(template: Path) -> None:
    """But for those of the rule: 95 % intervals, p < .05."""
    text = template.read_text(encoding="utf-8")
    text = text.partition(r"\frenchspacing")[2] if template.name == "preamble.tex" else text
    prose = re.sub(r"<#.*?#>|<%(?:(?!%>|tex\().)*%>|<<(?:(?!>>|tex\().)*>>", "", text, flags=re.S)
    prose = re.sub(r'"[\w.-]+"', "", prose)  # names
    prose = re.sub(r"\d+(\.\d+)?(em|pt|mm)|\.\d+\\(linewidth|textwidth)|\{\d+(pt|em)\}", "", prose)
    prose = (
        re.sub(r"multicolumn\{\d\}", "", prose)
        .replace(r"95\,\%", "")
        .replace(r"95\\,\\%", "")
        .replace("p < .05", "")
    )
    prose = re.sub(r"figure\(.*?\)|loop\.\w+ == \d|== 1|\[\d?:?\d?\]|\[:1\]|/ 2|C1 to", "", prose)
    assert re.findall(r".{0,20}\d.{0,10}", prose) == []
