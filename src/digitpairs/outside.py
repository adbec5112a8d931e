"""Functions that params name: of an installed package, or of a file of the user's own."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from digitpairs.errors import UserError, quoted

FORM = "name it as package.module:function or file.py:function"


def function(named: str) -> Callable[..., Any]:
    """Find `package.module:function` or `file.py:function`.

    Raises UserError, without a key path, where there is no such function.
    """
    place, colon, name = named.partition(":")
    if not (place and colon and name):
        raise UserError(f"{quoted(named)}: no function; {FORM}")
    try:
        found = getattr(module_at(place), name)
    except UserError:
        raise
    except AttributeError:
        raise UserError(f"{quoted(named)}: {place} has no {name!r}; {FORM}") from None
    except Exception as error:  # code that is not ours may raise anything while it is imported
        raise UserError(f"{quoted(named)}: cannot be imported: {quoted(error)}") from None
    if not callable(found):
        raise UserError(f"{quoted(named)}: is no function; {FORM}")
    function: Callable[..., Any] = found
    return function


def module_at(place: str) -> ModuleType:
    """Import a module by its name, or a file by its path."""
    if not place.endswith(".py"):
        return import_module(place)
    if not Path(place).is_file():
        raise UserError(f"{quoted(place)}: no such file")
    spec = spec_from_file_location(Path(place).stem, place)
    if spec is None or spec.loader is None:
        raise UserError(f"{quoted(place)}: is no Python file")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
