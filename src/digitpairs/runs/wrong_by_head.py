"""Which ordered pairs of test digits a head gets wrong: compiled, as there are very many."""

from typing import Any

import numpy as np

from digitpairs.training.engines.kernels import compiled


@compiled
def by_head(
    logits: Any, hidden: Any, biases: Any, last: Any, bias: Any, labels: Any, answers: Any
) -> Any:
    """Count wrong pairs of a head of one hidden layer, from logits (classes, n): (n,).

    The hidden layer has weights (hidden, 2 * classes) and `biases`; `last` (hidden,) and `bias`
    make of it by how much the logit of yes is above that of no.
    """
    classes, count = logits.shape
    u, v = (
        np.empty((len(biases), count), logits.dtype),
        np.zeros((len(biases), count), logits.dtype),
    )
    for h in range(len(biases)):
        u[h] = biases[h]
        for k in range(classes):
            a, b = hidden[h, k], hidden[h, classes + k]
            for i in range(count):
                u[h, i] += a * logits[k, i]
                v[h, i] += b * logits[k, i]
    sums, zero, wrong = (
        np.empty(count, logits.dtype),
        logits.dtype.type(0),
        np.zeros(count, np.int64),
    )
    for i in range(count):
        sums[:] = bias
        for h in range(len(biases)):
            w, x, y = last[h], u[h, i], v[h]
            for j in range(count):
                sums[j] += w * max(x + y[j], zero)
        for j in range(count):
            if i != j and (sums[j] > zero) != answers[labels[i], labels[j]]:
                wrong[i] += 1
                wrong[j] += 1
    return wrong
