"""Functions that params name: of an installed package, or of a file of the user's own."""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from digitpairs.errors import UserError, quoted

# What code that is not ours may raise, a script's sys.exit() too.
FAILURES = (Exception, SystemExit)
FORM = "name it as package.module:function or file.py:function"


def function(named: str) -> Callable[..., Any]:
    """Find `package.module:function` or `file.py:function`.

    Raises UserError, without a key path and without its name, where there is no such function.
    """
    place, colon, name = named.partition(":")
    if not (place and colon and name):
        raise UserError(f"no function; {FORM}")
    try:
        module = module_at(place)
    except UserError:
        raise
    except FAILURES as error:
        raise UserError(f"cannot be imported: {quoted(error)}") from None
    found = getattr(module, name, None)
    if found is None:
        raise UserError(f"{place} has no {quoted(name)}; {FORM}")
    if not callable(found):
        raise UserError(f"is no function; {FORM}")
    function: Callable[..., Any] = found
    return function


def module_at(place: str) -> ModuleType:
    """Import a module by its name, or a file by its path."""
    if not place.endswith(".py"):
        return import_module(place)
    if not Path(place).is_file():
        raise UserError("no such file")
    spec = spec_from_file_location(f"_{Path(place).stem}_of_params", place)
    if spec is None or spec.loader is None:
        raise UserError("is no Python file")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for the names of their module
    spec.loader.exec_module(module)
    return module
