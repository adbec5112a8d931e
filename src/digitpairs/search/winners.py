"""Picks the winner of each grid: from a search's results to data/results/searches/selected.json."""

import json
from pathlib import Path

from digitpairs import paths
from digitpairs.files import write_text
from digitpairs.runs.collect import per_run, read
from digitpairs.search.ranking import ranking, winners


def select_winners(suffix: str) -> None:
    """Write the winner of each grid of a search that has one."""
    won = winners(ranking(per_run(read([paths.search(suffix)]))))
    write_text(Path(paths.winners(suffix)), json.dumps(won, indent=2) + "\n")
