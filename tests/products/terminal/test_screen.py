"""What a terminal shows: whole cells, in its width and in its characters."""

from digitpairs.products.tables.cells import p_value, plain
from digitpairs.products.terminal.screen import cell_text, fits, printable, screen, table, text
from terminals import shown, terminal


def test_characters_that_an_encoding_lacks_are_replaced() -> None:
    words = "λ = 1, ± 2 – −3 ≤ é ☃"
    assert printable(words, "utf-8") == words
    assert printable(words, "ascii") == "lambda = 1, +- 2 - -3 <= ? ?"
    assert printable("± é", "latin-1") == "± é"


def test_markup_is_text() -> None:
    console = screen()
    assert console.stderr
    with console.capture() as captured:
        console.print(text(console, "[bold] :snowman: 1"))
    assert captured.get() == "[bold] :snowman: 1\n"


def test_cells_lose_the_backslashes_of_markdown_alone() -> None:
    assert cell_text(plain(r"a_b\*c [1] \ d")) == r"a_b\*c [1] \ d"
    assert cell_text(p_value(0.0001)) == "< .001"


def test_a_table_wraps_where_it_has_no_room_and_loses_nothing() -> None:
    for width in (40, 16, 10, 7):
        console = terminal(width)
        rows = table(console, {"What": "left", "Now": "right"})
        rows.add_row("a_long_name", "+1.234")
        assert fits(console, rows) == (width == 40)
        printed = shown(console, rows)
        assert max(map(len, printed.splitlines())) <= width
        kept = sorted("".join(printed.replace("─", "").split()))
        assert kept == sorted("WhatNowa_long_name+1.234")


def test_words_wrap_before_numbers() -> None:
    console = terminal(60)
    rows = table(console, {"What": "left", "Now": "right"})
    rows.add_row("a long name " * 9, "+1.234 [+0.123, +2.345] and so on")
    printed = shown(console, rows)
    assert "  +1.234 [+0.123, +2.345] and so on\n" in printed


def test_the_line_below_the_head_is_ascii_where_the_terminal_is() -> None:
    for encoding, line in (
        ("utf-8", "────  ───"),
        ("ascii", "---------"),
        ("latin-1", "---------"),
    ):
        console = terminal(40, encoding)
        rows = table(console, {"What": "left", "Now": "right"})
        rows.add_row("a", "1")
        printed = shown(console, rows).splitlines()
        assert printed[0] == "What  Now"
        assert set(printed[1]) == set(line) - {" "} and len(printed[1]) == 9
        assert printed[2] == "a       1"
