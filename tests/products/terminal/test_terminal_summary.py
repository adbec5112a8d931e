"""The results of all variants in a terminal."""

import pandas as pd

from claimed import BETTER, MLP, of_seeds
from collected import runs
from digitpairs.products.numbers.metrics import summary as summarised
from digitpairs.products.terminal.summary import summary
from terminals import shown, terminal, words

RESULTS = pd.concat([of_seeds("mlp", MLP), of_seeds("siamese_convnet", BETTER)], ignore_index=True)


def printed(results: pd.DataFrame, width: int, encoding: str = "utf-8") -> str:
    console = terminal(width, encoding)
    return shown(console, summary(console, summarised(results)))


def test_a_wide_terminal_has_a_row_a_variant() -> None:
    lines = printed(RESULTS, 120).splitlines()
    assert lines[0].split("  ")[0] == "Variant"
    assert lines[2].split() == ["mlp", *[".807", "±", ".013"] * 3, "98,902"]
    assert lines[3].startswith("siamese_convnet  ")
    assert lines[2].endswith("98,902") and lines[3].endswith("93,214")
    assert len(lines[2]) == len(lines[3])


def test_a_narrow_terminal_has_two_lines_a_variant_that_end_alike() -> None:
    for encoding in ("utf-8", "ascii"):
        lines = printed(RESULTS, 60, encoding).splitlines()
        body = lines[:6]
        assert max(map(len, lines)) <= 60
        assert {len(line.rstrip()) for line in body} == {len(body[1])}
        assert body[2].split() == ["mlp", "98,902", "parameters"]
        sign = "±" if encoding == "utf-8" else "+-"
        assert body[3].split() == [".807", sign, ".013"] * 3


def test_in_a_narrow_terminal_a_long_name_keeps_the_numbers_in_line() -> None:
    results = RESULTS.assign(variant=RESULTS["variant"].replace("mlp", "mlp" + "_long" * 6))
    body = printed(results, 60).splitlines()[:6]
    assert {len(line.rstrip()) for line in body} == {
        len("mlp" + "_long" * 6 + "  98,902 parameters")
    }
    assert body[1] == "─" * len(body[1])


def test_the_papers_numbers_have_a_column_where_there_are_any(results: pd.DataFrame) -> None:
    assert "Paper" not in printed(RESULTS, 120)  # of eight seeds
    fifteen = pd.concat([of_seeds("mlp", [*MLP, *MLP][:15])], ignore_index=True)
    text = printed(fifteen, 120)
    assert text.splitlines()[2].split()[-4:] == [".807", "±", ".015", "98,902"]
    assert "as the paper's numbers are" in words(text)


def test_diverged_runs_are_counted_and_are_seeds_too(diverged: pd.DataFrame) -> None:
    text = printed(diverged.assign(many_pairs_accuracy=0.7), 120)
    lines = [line.split() for line in text.splitlines()]
    assert "Diverged" in lines[0]
    assert lines[2][-2:] == ["1", "98,902"] and lines[3][-2:] == ["0", "93,214"]
    assert "over 2 or 3 seeds" in text
    assert "Diverged" not in printed(RESULTS, 120)
    narrow = printed(diverged, 60)
    assert "Diverged" in narrow and max(map(len, narrow.splitlines())) <= 60


def test_what_no_run_has_is_a_dash() -> None:
    line = printed(runs({"mlp": [[0.4]] * 2}, status="diverged"), 120).splitlines()[2]
    assert line.split()[:4] == ["mlp", "–", "–", "–"]
