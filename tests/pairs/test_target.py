"""What is asked of a pair: tables by name, and tables as text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.target import answers_of, as_text
from digitpairs.spec import PAPERS_TASK, Task

all_classes = pytest.mark.parametrize("classes", [2, 3, 10, 12])
tables = st.integers(2, 12).flatmap(lambda n: arrays(np.bool_, (n, n)))


@all_classes
def test_the_papers_question_is_whether_the_first_is_lesser_or_equal(classes: int) -> None:
    found = answers_of(Task(classes=classes))
    assert found.tolist() == [[a <= b for b in range(classes)] for a in range(classes)]
    assert np.array_equal(answers_of(PAPERS_TASK), answers_of(Task(classes=10)))


@all_classes
def test_two_images_may_be_asked_for_the_same_class(classes: int) -> None:
    found = answers_of(Task(classes=classes, target="same_class"))
    assert found.tolist() == [[a == b for b in range(classes)] for a in range(classes)]


def test_a_text_has_a_row_for_each_class_of_the_first_image() -> None:
    found = answers_of(Task(classes=3, target="110/011/001"))
    assert found.dtype == np.bool_
    assert found.tolist() == [[True, True, False], [False, True, True], [False, False, True]]
    assert as_text(answers_of(Task(classes=3))) == "111/011/001"


@given(tables)
def test_a_table_is_read_as_it_was_written(table: np.ndarray) -> None:
    text = as_text(table)
    assert set(text) <= set("01/")
    assert np.array_equal(answers_of(Task(classes=len(table), target=text)), table)


@given(tables, st.data())
def test_the_target_of_a_pair_is_the_answer_to_its_two_classes(
    table: np.ndarray, data: st.DataObject
) -> None:
    classes = st.integers(0, len(table) - 1)
    digits = data.draw(st.lists(st.tuples(classes, classes), min_size=1))
    pairs = PairSet(np.zeros((len(digits), 2, 1, 4, 4), np.uint16), np.array(digits), np.array([]))
    found = pairs.target(table)
    assert found.dtype == np.int64
    assert found.tolist() == [int(table[first, second]) for first, second in digits]
