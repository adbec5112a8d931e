"""Reads the params: plain data, checked by the schema and for conflicts."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from digitpairs.errors import ParamsError, shortened
from digitpairs.explain import explain
from digitpairs.study import yamlfile
from digitpairs.study.conflicts import conflicts
from digitpairs.study.schema import Params

MOST_PROBLEMS = 20  # that a message lists


def load(path: Path) -> Params:
    """Read and check a params file. Raises ParamsError with a line for each thing wrong."""
    return check(yamlfile.read(path))


def check(content: Any) -> Params:
    """Turn plain data into Params. Raises ParamsError with a line for each thing wrong."""
    try:
        params = Params.model_validate(content)
    except ValidationError as error:
        problems = [explain(detail, Params, "params") for detail in error.errors(include_url=False)]
    else:
        problems = conflicts(params)
        if not problems:
            return params
    lines = [shortened(problem, 600) for problem in problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        lines.append(f"and {len(problems) - MOST_PROBLEMS:,} more")
    raise ParamsError("\n  ".join(["params that cannot be used:", *lines]))
