"""Makes the card of the weights that are kept: data, recipe, accuracy with its interval, limits.

All numbers are read: from the weights' own file, and from the collected results of their variant.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.files import write_text
from digitpairs.identity import essentials
from digitpairs.models.counts import parameters_of
from digitpairs.products.labels import label_of, number, sizes, words
from digitpairs.products.numbers.metrics import evaluation
from digitpairs.products.numbers.statistics import summarise
from digitpairs.runs import collect, weights
from digitpairs.runs.weights import Weights
from digitpairs.spec import PAPERS_TASK, RunSpec
from digitpairs.study.schema import Params

MEASURES = {
    "final_accuracy": "Answers, {:,} test pairs a seed",
    "many_pairs_accuracy": "Answers, many pairs of all test digits",
    "digit_accuracy": "Digits of the test pairs",
}
QUESTIONS = {
    "lesser_or_equal": "whether the first is lesser than or equal to the second",
    "same_class": "whether both are of one class",
}
CARD = """\
# {label}

Looks at two images, {channels}{side}x{side} pixels each, of {classes} classes, and says
{question}.

The weights of `{variant}`, seed {seed}, are in `{weights}`
(safetensors): {parameters:,} parameters. `snakemake model` makes them and this card. Each number
here is read from a file.

## Accuracy

At the final epoch. The interval is that of the mean over {runs} seeds, each with its own pairs and
initial weights.

{accuracies}

The params name the seed, which was not picked for its accuracy. So expect the mean of the seeds
from new pairs, and not what this net happens to reach.

## Data

{digits}.

The seed drew {train:,} training pairs of distinct digits from the training digits. All digits of
test pairs are from the test digits.

## Recipe

{recipe}

## Limits

- It learned from {train:,} pairs. Images that differ from these may be read wrongly{photos}.
- An image of anything else gets an answer, too.
- Its probabilities were not calibrated.
- The interval says how much seeds differ. It says nothing about other data.
- Where the variant was named after its test accuracy was known, its mean is a little higher than
  new test digits would give.
{use}"""
PHOTOS = """: digits
  are alone, upright, in the middle, light on dark (`digitpairs predict` sees to that)"""
USE = f"""
## Use

    digitpairs predict {paths.WEIGHTS} three.png seven.png
"""


def make_card(params: Params, inputs: Sequence[str]) -> None:
    """Write the card; `inputs` are the files of its step."""
    assert params.model is not None
    variant = params.model.variant
    kept, results = weights.load(Path(paths.WEIGHTS)), collect.read(inputs)
    digits = known_source().note or "full MNIST"
    text = card(label_of(params, variant), variant, kept, evaluation(results), digits)
    write_text(Path(paths.CARD), text)


def card(label: str, variant: str, kept: Weights, runs: pd.DataFrame, digits: str) -> str:
    """Describe weights beside all runs of their variant, in Markdown."""
    spec, task = kept.spec, kept.spec.model.task
    papers = task == PAPERS_TASK
    return CARD.format(
        label=label,
        variant=variant,
        seed=spec.seed,
        weights=paths.WEIGHTS,
        parameters=parameters_of(spec.model),
        channels="" if task.channels == 1 else f"{task.channels} channels of ",
        side=task.side,
        classes=task.classes,
        question=QUESTIONS.get(task.target, "yes or no to what the params ask (`pairs.target`)"),
        runs=int((runs["status"] == "finished").sum()),
        accuracies=accuracies(spec, runs),
        train=spec.used_pairs,
        digits=digits[0].upper() + digits[1:],
        photos=PHOTOS if papers else "",
        use=USE if papers else "",  # the command asks no other question
        recipe=table(("What", "Value"), recipe(spec, kept.about).items()),
    )


def accuracies(spec: RunSpec, runs: pd.DataFrame) -> str:
    """Tabulate each measure: over all seeds, and of the net that is kept."""
    (own,) = runs[runs["seed"] == spec.seed].to_dict("records")
    rows = []
    for measure, name in MEASURES.items():
        if runs[measure].notna().any():  # a naive net says nothing of digits
            over = summarise(runs[measure])
            interval = f"{share(over.low)} to {share(over.high)}"
            told = name.format(spec.test_pairs)
            rows.append((told, share(over.mean), interval, share(over.std), share(own[measure])))
    head = ("Share that is right", "Mean", "95 % interval", "Standard deviation", "This net")
    return table(head, rows)


def recipe(spec: RunSpec, about: Mapping[str, str]) -> dict[str, str]:
    """Say how the net was trained, and where."""
    changed = [words(part) for part in essentials(spec.recipe).values()]
    net = sizes(spec.model) or f"`{spec.model.options}`"
    taught = f"{len(spec.taught_by)} nets of the same pairs" if spec.teachers else "nobody"
    versions = ", ".join(f"{name} {about[name]}" for name in ("torch", "numpy") if name in about)
    return {
        "Net": f"{spec.model.family}, {net}" + (", weight sharing" if spec.model.shared else ""),
        "Epochs": f"{spec.epochs:,}, in batches of {spec.batch_size:,} pairs",
        "Learning rate": number(spec.learning_rate),
        "Weight of the auxiliary loss": number(spec.aux_weight),
        "Taught by": taught,
        "Other than the paper's": ", ".join(changed) or "nothing",
        "Code": f"`{spec.code}`",
        "Computed": ", ".join(filter(None, (about.get("device"), versions))),
    }


def share(value: Any) -> str:
    """Write a share as the tables do."""
    return "–" if pd.isna(value) else f"{value:.3f}".removeprefix("0")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
