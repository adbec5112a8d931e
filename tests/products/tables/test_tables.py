"""Tables: their rows, captions and formats."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collected import fifteen, run, runs, setting
from digitpairs.products.numbers.paper import PROTOCOL, Protocol
from digitpairs.products.tables import accuracies, hyperparameters
from digitpairs.products.tables.cells import markdown_of, plain, rate
from digitpairs.products.tables.make import caption
from digitpairs.products.tables.render import html, latex, markdown, prose
from digitpairs.products.tables.rows import rows
from digitpairs.spec import Setting, Task
from digitpairs.study.schema import Study

LABELS = {"mlp": "MLP", "siamese_convnet": "Siamese ConvNet"}
SETTINGS = {name: setting(name) for name in LABELS}
SHORT = Protocol(200, 100, epochs=3, batch_size=50, seeds=2, digits="embedded")
STUDY = Study(kind="accuracies", title="A title", variants=["mlp"])


def table(results: pd.DataFrame, labels: dict[str, str] = LABELS) -> pd.DataFrame:
    return rows(results, labels, accuracies.cells(STUDY, results, SETTINGS))


def column(frame: pd.DataFrame, name: str) -> list[str]:
    """A column in Markdown."""
    return [cell.markdown for cell in frame[name]]


def test_rows_have_both_measures_the_count_of_parameters_and_divergence(
    diverged: pd.DataFrame,
) -> None:
    frame = table(diverged)
    assert column(frame, "Model") == ["MLP", "Siamese ConvNet"]
    assert column(frame, "Best epoch")[0] == ".850 ± .071"
    assert column(frame, "Final epoch")[0] == ".800 ± .141"
    assert column(frame, "Parameters") == ["98,902", "93,214"]
    assert column(frame, "Diverged") == ["1", "0"]


def test_where_none_diverged_there_is_no_such_column(results: pd.DataFrame) -> None:
    assert "Diverged" not in table(results)


def test_a_variant_that_diverged_on_every_seed_has_dashes() -> None:
    ended = pd.concat([runs({"mlp": [[0.5]] * 2}), run("convnet", 0, [0.4], "diverged")])
    frame = rows(
        ended.reset_index(drop=True),
        {"convnet": "ConvNet"},
        {"convnet": {}},
    )
    assert column(frame, "Best epoch") == ["–"]


def test_the_papers_column_is_full_only_by_its_protocol() -> None:
    parts = [fifteen("mlp"), fifteen("siamese_convnet", epochs=49)]
    frame = table(pd.concat(parts, ignore_index=True))
    assert column(frame, "Paper") == [".807 ± .015", ""]


def test_the_papers_column_has_a_dash_where_it_has_no_such_net() -> None:
    changed: Setting = setting("mlp", 5e-3)
    frame = rows(fifteen(of=changed), {"mlp": "MLP"}, {"mlp": {}})
    assert column(frame, "Paper") == ["–"]


def test_hyperparameters_are_sizes_and_rates() -> None:
    settings = {"convnet": setting("convnet", 5e-3)}
    (cells,) = hyperparameters.cells(STUDY, fifteen(), settings).values()
    assert cells["Sizes"].markdown == "128-32, 400"
    assert cells["lr"].latex == r"$5 \times 10^{-3}$"


def test_a_caption_names_the_protocol_where_it_is_not_the_papers() -> None:
    usual = caption(STUDY, "; a note", [PROTOCOL, PROTOCOL])
    assert usual == (
        "A title. Test accuracy, mean and standard deviation over 15 seeds. "
        "The best epoch is chosen on the test set, as the paper's numbers are. "
        "Many pairs: the final epoch on pairs of all test digits. WS: weight sharing; a note."
    )
    other = caption(STUDY, "", [SHORT])
    assert "over 2 seeds" in other
    assert other.endswith(
        "Not the paper's protocol, so its numbers are left out: 200 training and "
        "100 test pairs, 3 epochs, batches of 50, 2 seeds, embedded digits."
    )
    assert "over 2 or 15 seeds" in caption(STUDY, "", [PROTOCOL, SHORT])


def test_both_formats_carry_the_note_on_other_digits(results: pd.DataFrame) -> None:
    frame = table(results)
    text = latex(frame, "table9", "A title.", "not full MNIST")
    assert r"\textbf{Not full MNIST.}" in text and r"\toprule" in text and "tab:table9" in text
    assert "**Not full MNIST.**" in markdown(frame, "A title.", "not full MNIST")
    assert "MNIST" not in markdown(frame, "A title.", None)
    assert "MNIST" not in latex(frame, "table9", "A title.", None)


def test_markdown_is_a_caption_and_a_table(results: pd.DataFrame) -> None:
    lines = markdown(table(results), "A title.", None).splitlines()
    assert lines[:4] == [
        "A title.",
        "",
        "| Model | Best epoch | Final epoch | Many pairs | Paper | Parameters |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    assert lines[4] == "| MLP | .850 ± .071 | .800 ± .141 | – |  | 98,902 |"


def test_what_a_table_comes_to_is_a_list_above_it(results: pd.DataFrame) -> None:
    lines = markdown(table(results), "A title.", None, ["word " * 30, "[0, 1]"]).splitlines()
    assert lines[:5] == [
        f"- {' '.join(['word'] * 19)}",
        f"  {' '.join(['word'] * 11)}",
        r"- \[0, 1\]",
        "",
        "A title.",
    ]


def test_a_caption_is_text_in_markdown_and_ends_no_mark_of_the_readme(
    results: pd.DataFrame,
) -> None:
    text = markdown(table(results), "$a_1$ <!-- /table3 --> [b](c) *d*", None)
    assert text.splitlines()[0] == r"\$a\_1\$ \<!-- /table3 --\> \[b\](c) \*d\*"


printable = st.text(st.sampled_from('ab1.)-+=#>*_~`|<[]($&;:! \\"λ'), max_size=300)
lists = st.text(st.sampled_from("a1.)-+= "), max_size=300)


@given(printable | lists)
def test_any_caption_is_one_paragraph_that_says_what_it_says(text: str) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    lines = prose(markdown_of(text))
    assert all(len(line) < 100 or " " not in line for line in lines)
    tokens = markdown_it.MarkdownIt("commonmark").parse("\n".join(lines))
    inline = [part for token in tokens for part in token.children or ()]
    assert {part.type for part in inline} <= {"text", "text_special", "softbreak"}
    said = "".join(part.content or " " for part in inline)
    assert said.split() == text.split()
    assert len(tokens) == (3 if text.split() else 0)  # a paragraph opens, its text, it closes


def test_a_long_caption_stays_under_100_columns() -> None:
    text = " ".join(f"word{number}" for number in range(100)) + " - 1. " + "x" * 120
    lines = prose(text)
    assert all(len(line) < 100 for line in lines[:-1])
    assert " ".join(lines).replace("\\", "") == text


HOSTILE = "$x_1$ $\\frac{$ 5 % & # ~ ^ < > | [a](b) `c` *d* \\"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs LaTeX with booktabs")
def test_any_title_and_label_compile(results: pd.DataFrame, tmp_path: Path) -> None:
    frame = table(results, {"mlp": HOSTILE, "siamese_convnet": "λ, selected"})
    head = r"\documentclass{article}\usepackage{booktabs}\begin{document}"
    text = latex(frame, "a_b.c-d", HOSTILE, "a note")
    (tmp_path / "table.tex").write_text(head + text + r"\end{document}")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("digits", "target"), [("shapes", "lesser_or_equal"), ("mnist", "same_class")]
)
def test_without_the_papers_task_there_is_no_column_of_the_paper(digits: str, target: str) -> None:
    of = setting("mlp", task=Task(target=target))
    frame = rows(fifteen(of=of, digits=f"{digits}-0123456789ab"), {"mlp": "MLP"}, {"mlp": {}})
    assert "Paper" not in frame
    papers = rows(fifteen(), {"mlp": "MLP"}, {"mlp": {}})
    assert [name for name in papers if name != "Paper"] == list(frame)
    protocol = replace(PROTOCOL, digits=digits, target=target)
    text = caption(STUDY, "", [protocol])
    assert text.endswith(f" Trained on {protocol}.")
    assert "paper" not in text


def test_a_page_has_the_table_and_no_tags_of_a_title() -> None:
    frame = pd.DataFrame({"Model": [plain("a < b"), plain("<script>")], "lr": [rate(1e-4)] * 2})
    page = html(markdown(frame, "Of <b>nets</b>.", None, ["It *holds*."]))
    assert page.count("<tr>") == 3
    assert "<td>a &lt; b</td>" in page
    assert "<td>10<sup>-4</sup></td>" in page
    assert "Of &lt;b&gt;nets&lt;/b&gt;." in page
    assert "<li>It *holds*.</li>" in page
    assert "<script" not in page
    assert "//" not in page  # no address
