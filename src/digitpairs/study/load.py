"""Reads the params: plain data, checked by the schema and for conflicts."""

from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from digitpairs.errors import ParamsError, key_path, nearest, quoted, shortened
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
        problems = [explain(detail) for detail in error.errors(include_url=False)]
    else:
        problems = conflicts(params)
        if not problems:
            return params
    lines = [shortened(problem, 600) for problem in problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        lines.append(f"and {len(problems) - MOST_PROBLEMS:,} more")
    raise ParamsError("\n  ".join(["params that cannot be used:", *lines]))


def explain(detail: ErrorDetails) -> str:
    """Say what is wrong in one line: the key's path, the value, what is allowed."""
    place = [str(part) for part in detail["loc"] if part != "[key]"]
    path = key_path(place) or "params"
    match detail["type"]:
        case "extra_forbidden":
            known = allowed_keys(place[:-1])
            return f"{path}: unknown key{nearest(place[-1], known)}"
        case "missing":
            return f"{path}: missing; it has to be set"
    return f"{path}: {quoted(detail['input'])}: {detail['msg']}"


def allowed_keys(place: list[str]) -> list[str]:
    """List the keys of the section at a path such as ["variants", "mlp"]."""
    section: type[BaseModel] = Params
    annotation: Any = Params
    for key in place:
        if annotation is None:  # this key is of a mapping, and its value is a section
            annotation = section
            continue
        annotation = section.model_fields[key].annotation
        if get_origin(annotation) is dict:
            section, annotation = get_args(annotation)[1], None
        else:
            section = annotation
    return list(section.model_fields)
