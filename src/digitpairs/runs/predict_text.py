"""What a net says of pairs of images, as text: a small table, then a sentence for each pair."""

from collections.abc import Sequence

from digitpairs.recipe import Readout
from digitpairs.runs.predict import Prediction

READ_BY = {
    "head": "by the net's head",
    "argmax": "by the two most probable digits",
    "posterior": "by the probabilities of all digits",
}


def describe(names: Sequence[str], predictions: Sequence[Prediction], readout: Readout) -> str:
    """Write a table of the files and what each shows, where the net says so, and the answers.

    `names` are the files in their order, two a prediction.
    """
    width = max(len("file"), *map(len, names))
    lines = []
    if any(prediction.digits for prediction in predictions):
        lines = [f"{'file':{width}}  digit  probability"]
        seen = [digit for prediction in predictions for digit in prediction.digits or ()]
        for name, digit in zip(names, seen, strict=True):
            lines.append(f"{name:{width}}  {digit.digit:>5}  {digit.probability:>11.3f}")
        lines.append("")
    pairs = zip(names[::2], names[1::2], predictions, strict=True)
    return "\n".join([*lines, *(sentence(*pair, readout) for pair in pairs)])


def sentence(first: str, second: str, prediction: Prediction, readout: Readout) -> str:
    """Say which digit is larger, how sure that is, and where the digits say otherwise."""
    chance = f"P(first <= second) = {prediction.lesser_or_equal:.3f}, "
    how = f"{'' if readout == 'argmax' else chance}{READ_BY[readout]}"
    larger = f"{first} shows the larger digit"
    answer = f"{second} shows a digit as large or larger" if prediction.answer else larger
    if prediction.digits is None:
        return f"{answer}: {how}."
    one, other = (seen.digit for seen in prediction.digits)
    sign = "<" if one < other else "=" if one == other else ">"
    if (one <= other) != prediction.answer:
        return f"{answer}: {how}. The most probable digits say otherwise: {one} {sign} {other}."
    if one == other:
        answer = f"{first} and {second} show the same digit"
    elif one < other:
        answer = f"{second} shows the larger digit"
    return f"{answer}, {one} {sign} {other}: {how}."
