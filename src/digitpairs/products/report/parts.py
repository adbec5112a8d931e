"""Tables and figures of the reports folder, as LaTeX that the report takes in."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.products.report.escape import Tex, typeable

CAPTION = re.compile(r"^\\caption\{(.*)\}$", re.MULTILINE)


@dataclass
class Parts:
    """Which tables and figures the report shows: in its order."""

    figures: list[str] = field(default_factory=list)

    def table(self, name: str, caption: Tex | str = "") -> Tex:
        """Take in a table, under a caption of the report's own where one is given.

        Raises UserError where it is missing.
        """
        path = Path(paths.table(name)[0])
        text = typeable(read(path))
        if caption:
            text = CAPTION.sub(lambda found: rf"\caption{{{caption}}}", text, count=1)
        return Tex(text.replace(r"\begin{table}[ht]", r"\begin{table}[!htbp]").strip())

    def figure(self, name: str, width: float = 1.0) -> Tex:
        """Show a figure at a share of the text's width. Raises UserError where it is missing."""
        path = Path(paths.figure(name)[0])
        if not path.is_file():
            raise UserError(f"{path}: not there; the report shows it")
        place = Path(os.path.relpath(path, Path(paths.REPORT_SOURCE).parent)).as_posix()
        self.figures.append(name)
        return Tex(rf"\includegraphics[width={width:g}\linewidth]{{{place}}}")


def read(path: Path) -> str:
    """Read a part. Raises UserError where it is missing."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be read for the report: {error.strerror}") from None
