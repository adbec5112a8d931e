"""What the nets of a variant make of each test digit, from the weights kept beside their records.

One Parquet file a variant, a row a run and digit, in the order of the test digits: the seed, the
digit, the probability of each class, and `wrong`: with how many other digits, on either side, the
net's own read-out answers wrongly. So what looks at answers needs no weights.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import Tensor, nn

from digitpairs.errors import UserError
from digitpairs.files import written_whole
from digitpairs.models.nets import Output, Posterior
from digitpairs.pairs.pool import Pool
from digitpairs.pairs.target import answers_of
from digitpairs.runs import kept, wrong
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.weights import Weights
from digitpairs.runs.wrong_by_head import by_head
from digitpairs.training.final import usual_head
from digitpairs.training.preprocess import Fitted

BATCH = 1_000  # digits, an even number: two make a pair


def answers(
    runs: Sequence[PlannedRun], records: Sequence[dict[str, Any]], digits: Pool
) -> pa.Table:
    """Ask the nets of all runs that finished. Raises UserError where weights are missing."""
    torch.set_num_threads(1)  # how many there are would change the last bits
    finished = [
        run.spec
        for run, record in zip(runs, records, strict=True)
        if record["status"] == "finished"
    ]
    classes = runs[0].spec.model.task.classes
    parts = [of_run(kept.read(spec), digits) for spec in finished]
    probabilities = [part for part, _ in parts] or [np.empty((0, classes), np.float32)]
    counts = [count for _, count in parts] or [np.empty(0, np.int64)]
    seeds = np.repeat(np.array([spec.seed for spec in finished], np.int32), len(digits))
    columns = {
        "seed": seeds,
        "label": np.tile(digits.labels.astype(np.uint8), len(parts)),
        "wrong": np.concatenate(counts).astype(np.int32),
    }
    shares = np.concatenate(probabilities)
    return pa.table({**columns, **{f"p{name}": shares[:, name] for name in range(classes)}})


def of_run(weights: Weights, digits: Pool) -> tuple[npt.NDArray[np.float32], wrong.Counts]:
    """Probabilities of the classes of each digit (n, classes), and wrong pairs by digit (n,)."""
    net, spec = weights.net(), weights.spec
    logits = logits_of(net, Fitted(spec.recipe.preprocessing, weights.constants), digits)
    probabilities: npt.NDArray[np.float32] = logits.softmax(1).numpy()
    answers, readout = answers_of(spec.model.task), spec.recipe.readout
    if readout == "argmax":
        return probabilities, wrong.by_classes(logits.argmax(1).numpy(), digits.labels, answers)
    if readout == "posterior" or isinstance(net.head, Posterior):
        return probabilities, wrong.by_posterior(probabilities, digits.labels, answers)
    if not (names := usual_head(net)):
        raise UserError(
            f"{spec.path}: its net answers by a head that is not as the paper's, which would have "
            "to see all pairs; set readout to posterior or argmax"
        )
    hidden, biases, last, bias = (net.get_parameter(name).detach().numpy() for name in names)
    head = (hidden, biases, last[1] - last[0], bias[1] - bias[0])
    columns = logits.T.contiguous().numpy()
    return probabilities, by_head(columns, *head, digits.labels, answers)


@torch.no_grad()
def logits_of(net: nn.Module, prepare: Fitted, digits: Pool) -> Tensor:
    """What one branch makes of each digit: (n, classes). Raises UserError for two branches."""
    count, sides = len(digits), []
    places = np.arange(count + count % 2) % count
    for start in range(0, len(places), BATCH):
        images = torch.from_numpy(prepare(digits.pixels[places[start : start + BATCH]]))
        output: Output = net(images.unflatten(0, (-1, 2)).flatten(1, 2))
        if output.digits is None:
            raise UserError("a net that names no digits says nothing of single ones")
        sides.append(output.digits.flatten(0, 1))
    pair = torch.from_numpy(prepare(digits.pixels[[0, 0]]))[None].flatten(1, 2)
    first, second = net(pair).digits[0]
    if not torch.equal(first, second):
        raise UserError("a net with two branches says two things of a digit; share the weights")
    return torch.cat(sides)[:count]


def write(table: pa.Table, path: str) -> None:
    """Write what nets make of digits."""
    with written_whole(Path(path)) as temporary:
        pq.write_table(table, temporary, compression="zstd")
