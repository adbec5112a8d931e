"""What can be wrong with the nets that the page runs in a browser."""

from collections.abc import Iterator

from digitpairs.errors import nearest
from digitpairs.models.registry import FAMILIES
from digitpairs.spec import PAPERS_TASK, Setting
from digitpairs.study.grid import configurations_of, rival
from digitpairs.study.schema import Params
from digitpairs.study.task import task_of
from digitpairs.study.variants import SELECTED, known_variants, resolve, seeds_of


def page_conflicts(params: Params) -> Iterator[str]:
    """Find nets that the page cannot run, and runs that there are not. All else has to be right."""
    if not params.page or task_of(params) != PAPERS_TASK:  # with another task none is shown
        return
    known, seed = known_variants(params), params.page.seed
    for name in params.page.nets:
        path = f"page.nets: {name!r}"
        if name not in known:
            yield f"{path}: unknown variant{nearest(name, known)}"
            continue
        for setting in trained(params, name):
            if not FAMILIES[setting.model.family].sizes:
                yield f"{path}: {setting.model.family}: the page runs the paper's families alone"
                break
            if setting.recipe.preprocessing != "none":
                given = setting.recipe.preprocessing
                yield f"{path}: preprocessing {given}: the page prepares digits as the paper does"
                break
        variant = name if name in params.variants else rival(params, name.removesuffix(SELECTED))
        if seed >= (seeds := seeds_of(params, variant)):
            yield f"page.seed: {seed}: is no seed of {name}; choose 0 to {seeds - 1}"


def trained(params: Params, name: str) -> list[Setting]:
    """List what a variant trains, or what may win a grid's search."""
    if name in params.variants:
        return [resolve(params, name)]
    return configurations_of(params, name.removesuffix(SELECTED))
