"""LaTeX tables (booktabs) from the tables in reports/metrics, and the same in Markdown."""

import re
from collections.abc import Collection, Sequence

import pandas as pd

from digitpairs.labels import distinct, rate, sizes
from digitpairs.params import SELECTED, Study

WINNER = "$^*$"
MARKDOWN = r"[\\`*_<>\[\]|&#~$]"  # what Markdown and the README's marks would take for their own


def body(
    study: Study, runs: pd.DataFrame, summary: pd.DataFrame, winners: Collection[str]
) -> pd.DataFrame:
    """A row per variant, cells in LaTeX.

    Kind `hyperparameters` shows sizes and learning rates, published and selected (paper, Tables 1
    and 2), `accuracies` leaves them out (Table 3). Both show accuracy at the best and the final
    epoch beside the paper's, and parameter counts. `winners` names the families that have one.
    """
    first = {run["variant"]: run for run in runs.drop_duplicates("variant").to_dict("records")}
    by_name = {numbers["variant"]: numbers for numbers in summary.to_dict("records")}
    # A winner equal to the published variant was not run twice: it is that variant's row.
    equal = {family for family in winners if family + SELECTED not in by_name}
    shown = {
        name.removesuffix(SELECTED) if name.removesuffix(SELECTED) in equal else name: None
        for name in study.variants
    }
    labels = distinct(first[name] for name in shown if name in first)
    rows = []
    for name, text in labels.items():
        run, numbers = first[name], by_name[name]
        model = text.replace("λ", r"$\lambda$").replace(", selected", WINNER)
        both = name in equal and name + SELECTED in study.variants
        cells = {"Model": f"{model}, also {WINNER}" if both else model}
        if study.kind == "hyperparameters":
            cells |= {"Sizes": sizes(run), "lr": rate(run["learning_rate"])}
        cells |= {
            "Best epoch": plus_minus(numbers["best_mean"], numbers["best_std"]),
            "Final epoch": plus_minus(numbers["final_mean"], numbers["final_std"]),
            "Paper": plus_minus(numbers["paper_mean"], numbers["paper_std"]),
            "Parameters": f"{numbers['parameters']:,}",
        }
        if summary["diverged"].any():
            cells["Diverged"] = f"{numbers['diverged']:.0f}"
        rows.append(cells)
    return pd.DataFrame(rows)


def plus_minus(mean: float, std: float) -> str:
    """Write mean and std as the paper does; a dash where there is none."""
    if pd.isna(mean):
        return "--"
    return f"${mean:.3f}$" if pd.isna(std) else rf"${mean:.3f} \pm {std:.3f}$".replace("0.", ".")


def caption(study: Study, runs: int) -> str:
    """Say what is shown, and over how many runs, in plain text."""
    winner = "; *: the search's winner" if study.kind == "hyperparameters" else ""
    return (
        f"{study.title}. Test accuracy, mean and standard deviation over {runs} seeds. "
        "The best epoch is chosen on the test set, as the paper's numbers are. "
        f"WS: weight sharing{winner}."
    )


def mixture(study: Study, runs: pd.DataFrame) -> str:
    """Say that runs of a variant were trained here and there; nothing where none were."""
    names = {name.removesuffix(SELECTED) for name in study.variants} | set(study.variants)
    places = runs[runs["variant"].isin(names)].groupby("variant")["computed"].unique()
    mixed = sorted({str(place) for each in places if len(each) > 1 for place in each})
    return (
        f" Seeds of one variant were trained in different places: {'; '.join(mixed)}."
        if mixed
        else ""
    )


def sentence(note: str | None) -> str:
    """Write the note on the digits as a sentence; nothing where they are full MNIST."""
    return f"{note[0].upper()}{note[1:]}." if note else ""


def escaped(text: str) -> str:
    """Write plain text so that LaTeX prints it as it is."""
    special = {char: f"\\{char}" for char in "&%$#_{}"}
    special |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
    special |= {"λ": r"$\lambda$", "±": r"$\pm$", "≤": r"$\le$"}
    return "".join(special.get(char, char) for char in text)


def latex(frame: pd.DataFrame, name: str, text: str, note: str | None) -> str:
    """Render a float that compiles in a plain article with booktabs."""
    bold = rf" \textbf{{{sentence(note)}}}" if note else ""
    aligned = "".join("l" if column in ("Model", "Sizes", "lr") else "r" for column in frame)
    table = frame.style.hide(axis="index").to_latex(
        hrules=True,
        column_format=f"@{{}}{aligned}@{{}}",
        position="ht",
        position_float="centering",
        caption=escaped(text) + bold,
        label=f"tab:{name}",
    )
    # Small enough for the text width of an article.
    small = "\\medskip\n\\footnotesize\n\\setlength{\\tabcolsep}{4pt}\n"
    return str(table).replace(r"\begin{tabular}", small + r"\begin{tabular}")


def markdown(frame: pd.DataFrame, text: str, note: str | None) -> str:
    """Render the same table for the README."""
    frame = frame.replace(r"\$\^\*\$", r"\\*", regex=True)
    plain = frame.map(lambda cell: cell.replace("$", "").replace(r"\pm", "±").replace("--", "–"))
    plain = plain.replace(
        {r"\\lambda": "λ", r"\\times": "×", r"10\^\{(-?\d+)\}": r"10<sup>\1</sup>"}, regex=True
    )
    lines = [row(plain.columns), row(["---"] * len(plain.columns)), *map(row, plain.to_numpy())]
    bold = f" **{sentence(note)}**" if note else ""
    return re.sub(MARKDOWN, r"\\\g<0>", text) + bold + "\n\n" + "\n".join(lines) + "\n"


def row(cells: Sequence[str]) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(cells) + " |"
