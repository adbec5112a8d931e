"""The digits that the last variant's nets misread most, and the worst pairs, with what nets say."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digitpairs.pairs.pool import Pool
from digitpairs.pairs.target import answers_of
from digitpairs.products.numbers.answered import Answered
from digitpairs.products.numbers.confused import Misread, Pair, misread, worst_pairs
from digitpairs.spec import Task
from digitpairs.study.schema import Study

ACROSS, DOWN = 8, 3  # digits
NAMED = 2  # classes that a digit is taken for
PAIRS = 4  # in a row, two pictures each
QUESTIONS = {"lesser_or_equal": "≤", "same_class": "="}


def draw(
    study: Study, asked: Answered, digits: Pool, task: Task, labels: Mapping[str, str]
) -> Figure:
    """Draw the digits by how many nets misread them, and beneath the worst pairs of such digits."""
    worst = misread(asked, ACROSS * DOWN)
    pairs = worst_pairs(asked, answers_of(task), 2 * PAIRS)
    rows = -(-len(worst) // ACROSS)
    rows_of_pairs = -(-len(pairs) // PAIRS)
    figure, axes = plt.subplots(
        max(rows + rows_of_pairs, 1),
        ACROSS,
        squeeze=False,
        figsize=(8.2, 0.8 + 1.24 * max(rows + rows_of_pairs, 1)),
    )
    for one in axes.ravel():
        one.axis("off")
    for at, digit in enumerate(worst):
        show(axes[at // ACROSS, at % ACROSS], digits, digit.place, caption(digit))
    for at, pair in enumerate(pairs):
        row, column = rows + at // PAIRS, 2 * (at % PAIRS)
        first, second = axes[row, column], axes[row, column + 1]
        show(first, digits, pair.first, "")
        show(second, digits, pair.second, "")
        first.set_title(question(pair, digits, task, len(asked.seeds)), fontsize=7, loc="left")
    name = list(labels.values())[-1]
    nets = f"{len(asked.seeds)} net{'' if len(asked.seeds) == 1 else 's'}"
    said = "Above each digit, what it is and what nets take it for; beneath, the worst pairs."
    about = f"{name}: {nets}. {said}" if worst else f"{name}: {nets}. No digit is misread."
    figure.suptitle(f"{study.title}\n{about}", fontsize=9, parse_math=False)
    return figure


def show(axes: Axes, digits: Pool, place: int, text: str) -> None:
    """Show the picture of a digit, dark on light."""
    image = digits.pixels[place].astype(float).mean(0)
    axes.imshow(image, cmap="gray_r", interpolation="nearest")
    axes.set_title(text, fontsize=7)


def caption(one: Misread) -> str:
    """Say what a digit is, and beneath what nets take it for: 4, 9 by 15."""
    said = [f"{digit} by {nets}" for digit, nets in one.said.items()]
    more = ["…"] if len(said) > NAMED else []
    return f"{one.label}\n{', '.join([*said[:NAMED], *more])}"


def question(pair: Pair, digits: Pool, task: Task, nets: int) -> str:
    """Say what is asked of a pair, and how many answer wrongly."""
    first, second = (int(digits.labels[place]) for place in (pair.first, pair.second))
    sign = QUESTIONS.get(task.target, "and")
    right = bool(answers_of(task)[first, second])
    return f"{first} {sign} {second}? {'no' if right else 'yes'}, say {pair.nets} of {nets}"
