"""The self-check by the names of its cases, on a stand-in for a GPU."""

from collections.abc import Callable

from digitpairs.selfcheck import trained
from digitpairs.selfcheck.cases import cases
from digitpairs.selfcheck.check import Verdict, check
from digitpairs.selfcheck.trained import Found
from standin_gpu import GPU

CASES = {case.name: case for case in cases()}


def checked(*names: str, by: Callable[..., Found] = trained.by_training, draws: int = 1) -> Verdict:
    return check(GPU, by, [CASES[name] for name in names], draws)
