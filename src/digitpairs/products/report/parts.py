"""Figures of the reports folder, as LaTeX that the report takes in."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.products.report.escape import Tex


@dataclass
class Parts:
    """Which figures the report shows: in its order."""

    figures: list[str] = field(default_factory=list)

    def figure(self, name: str, width: float = 1.0) -> Tex:
        """Show a figure at a share of the text's width. Raises UserError where it is missing."""
        path = Path(paths.figure(name)[0])
        if not path.is_file():
            raise UserError(f"{path}: not there; the report shows it")
        place = Path(os.path.relpath(path, Path(paths.REPORT_SOURCE).parent)).as_posix()
        self.figures.append(name)
        return Tex(rf"\includegraphics[width={width:g}\linewidth]{{{place}}}")
