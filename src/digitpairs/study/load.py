"""Reads the params and the claims: plain data, checked by the schema and for conflicts."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from digitpairs.errors import ParamsError, shortened
from digitpairs.explain import explain
from digitpairs.study import yamlfile
from digitpairs.study.conflicts import conflicts
from digitpairs.study.schema import Params

MOST_PROBLEMS = 20  # that a message lists
FILES = (".yaml", ".yml")  # what people write; what jobs are handed ends otherwise


def load(path: Path) -> Params:
    """Read and check a params file. Raises ParamsError with a line for each thing wrong."""
    return check(read(path))


def read(path: Path) -> dict[str, Any]:
    """Read a params file and, under `claims`, the claims of the file beside it, if there is one.

    Raises ParamsError where a file cannot be read, or has claims and is no claims file.
    """
    content, file = yamlfile.read(path), claims_file(path)
    if path.suffix in FILES and "claims" in content:
        raise ParamsError(f"{path}: claims: have a file of their own; write them into {file}")
    if path.suffix in FILES and "shown" in content:
        raise ParamsError(f"{path}: shown: is no setting; the report shows what was made")
    return {**content, "claims": yamlfile.read(file)} if file.exists() else content


def claims_file(path: Path) -> Path:
    """Name the claims file beside a params file: claims.quick.yaml beside params.quick.yaml."""
    name = path.name.removeprefix("params")
    return path.with_name(f"claims{name}" if name != path.name else f"claims.{name}")


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
