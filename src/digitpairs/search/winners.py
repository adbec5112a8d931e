"""Picks the winner of each family: from the search's results to data/results/selected.json."""

import json
from pathlib import Path

from digitpairs import paths
from digitpairs.files import write_text
from digitpairs.runs.collect import per_run, read
from digitpairs.search.ranking import ranking, winners


def select_winners() -> None:
    """Write the winner of each family that has one."""
    won = winners(ranking(per_run(read([paths.SEARCH]))))
    write_text(Path(paths.WINNERS), json.dumps(won, indent=2) + "\n")
