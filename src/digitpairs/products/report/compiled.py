"""Compiles the report by latexmk, in a scratch directory: the same bytes from the same source."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.files import write_text, written_whole

PACKAGES = "latexmk texlive-latex-base texlive-latex-recommended"  # of Debian
MISSING = (
    f"{paths.REPORT} is not made, because latexmk or pdflatex is not installed: on Debian, "
    f"apt-get install {PACKAGES}"
)
COMMAND = ("latexmk", "-norc", "-pdf", "-silent", "-interaction=nonstopmode", "-halt-on-error")
OPTIONS = ("-pdflatex=pdflatex -file-line-error -no-shell-escape %O %S",)
# No date and no path of this machine gets into the file; lines of the log are not cut.
FIXED = {
    "SOURCE_DATE_EPOCH": "0",
    "FORCE_SOURCE_DATE": "1",
    "max_print_line": "1000",
    "LC_ALL": "C",
}
SECONDS = 300
LOST = re.compile(r"File [`'](\S+)' not found")
ERROR = re.compile(r"^(?:\./)?(\S+?):(\d+): (.*(?:\n(?!l\.\d).*)?)", re.MULTILINE)


def is_installed() -> bool:
    """Whether LaTeX is there to compile the report."""
    return bool(shutil.which("latexmk") and shutil.which("pdflatex"))


def make_pdf(inputs: Sequence[str]) -> None:
    """Compile the report from its source and figures, the files of its step.

    Raises UserError where LaTeX is not there, or does not take the source.
    """
    if not is_installed():
        raise UserError(MISSING)
    folder = Path(paths.REPORT).parent
    with tempfile.TemporaryDirectory(prefix="digitpairs-") as name:
        scratch = Path(name)
        for path in map(Path, inputs):
            copy = scratch / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        pdf = compiled(scratch / Path(paths.REPORT_SOURCE).name)
        with written_whole(Path(paths.REPORT)) as temporary:
            shutil.copyfile(pdf, temporary)


def compiled(source: Path) -> Path:
    """Compile a source where it lies; keep LaTeX's log. Raises UserError with the line at fault."""
    environment = {**os.environ, **FIXED, "HOME": str(source.parent)}
    try:
        done = subprocess.run(
            [*COMMAND, *OPTIONS, source.name],
            cwd=source.parent,
            env=environment,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"{paths.REPORT_SOURCE}: LaTeX took over {SECONDS} seconds") from None
    log = source.with_suffix(".log")
    text = log.read_text(encoding="latin-1") if log.exists() else ""
    if text:
        write_text(paths.LATEX_LOG, text)
    pdf = source.with_suffix(".pdf")
    if done.returncode or not pdf.exists():
        raise UserError(reason(text or done.stderr.decode(errors="replace")))
    return pdf


def reason(log: str) -> str:
    """Say in a line what LaTeX did not take, and where."""
    if lost := LOST.search(log):
        return (
            f"{paths.REPORT_SOURCE}: LaTeX does not find {lost.group(1)}; on Debian, "
            f"apt-get install {PACKAGES}; its log is {paths.LATEX_LOG}"
        )
    found = ERROR.search(log)
    if not found:
        lines = [line for line in log.splitlines() if line.strip()] or ["it printed nothing"]
        said = next((line for line in lines if line.startswith("! ")), lines[-1])
        return f"{paths.REPORT_SOURCE}: LaTeX failed: {said.removeprefix('! ')[:200]}"
    file, line, message = found.groups()
    said = " ".join(message.split())
    at = re.search(rf"^l\.{line} (.*)", log, re.MULTILINE)
    where = f": {at.group(1).strip()}" if at else ""
    place = Path(paths.REPORT).parent / file
    return f"{place}, line {line}: {said[:200]}{where[:120]}; its log is {paths.LATEX_LOG}"
