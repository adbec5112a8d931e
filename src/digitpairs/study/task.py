"""What the params ask of nets: which images there are, and the question."""

from functools import cache

import numpy as np

from digitpairs.errors import ParamsError, UserError, quoted
from digitpairs.outside import FAILURES, function
from digitpairs.pairs.target import answers_of, as_text
from digitpairs.spec import NAMED_TARGETS, PAPERS_TASK, Task
from digitpairs.study.schema import Params


def task_of(params: Params) -> Task:
    """Read the task of all nets. Raises ParamsError for a target that is no function."""
    own = params.data.own if params.data.source == "own" else None
    images = Task(own.side, own.channels, own.classes) if own else PAPERS_TASK
    return Task(images.side, images.channels, images.classes, text_of(params, images.classes))


def text_of(params: Params, classes: int) -> str:
    """Write a target as a spec has it: a name, or the table of a function.

    So a run is known by what is asked, not by the code that asks.
    """
    target = params.pairs.target
    return table_of(target, classes) if ":" in target else target


@cache
def table_of(named: str, classes: int) -> str:
    """Ask a function about all classes, two by two, and write down what it answers."""
    path = f"pairs.target: {quoted(named)}"
    try:
        ask = function(named)
    except UserError as error:
        raise ParamsError(f"{path}: {error}") from None
    pairs = [(first, second) for first in range(classes) for second in range(classes)]
    try:
        answers = [ask(*pair) for pair in pairs]
    except FAILURES as error:
        raise ParamsError(f"{path}: fails on two classes: {quoted(error)}") from None
    if wrong := [answer for answer in answers if not isinstance(answer, bool | np.bool_)]:
        raise ParamsError(f"{path}: returned {quoted(wrong[0])}; let it return True or False")
    if len(set(answers)) == 1:
        raise ParamsError(f"{path}: answers {answers[0]} to all classes; ask what can differ")
    table = np.array(answers, np.bool_).reshape(classes, classes)
    for name in NAMED_TARGETS:
        if np.array_equal(table, answers_of(Task(classes=classes, target=name))):
            return name
    return as_text(table)
