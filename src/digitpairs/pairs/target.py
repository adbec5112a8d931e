"""What is asked of a pair: a table that says yes or no to each two classes."""

import numpy as np
import numpy.typing as npt

from digitpairs.spec import Task

Answers = npt.NDArray[np.bool_]  # (classes, classes): of the first image's class and the second's


def answers_of(task: Task) -> Answers:
    """Write the table of a task. A target without a name is its table, see `as_text`."""
    classes = np.arange(task.classes)
    match task.target:
        case "lesser_or_equal":
            table = classes[:, None] <= classes
        case "same_class":
            table = classes[:, None] == classes
        case text:
            table = np.array([[answer == "1" for answer in row] for row in text.split("/")])
    return table.astype(np.bool_)


def as_text(answers: Answers) -> str:
    """Write a table as a target: a row a class of the first image, of 0 and 1, such as 11/01."""
    return "/".join("".join(str(int(answer)) for answer in row) for row in answers)
