"""Where everything lies, relative to the directory in which the pipeline works.

Folders are Paths. Files that steps make are plain text, as Snakemake, DVC and stamps name them.
"""

from collections.abc import Iterable
from pathlib import Path

RAW = Path("data/raw")  # the digits
PAIRS = Path("data/pairs")  # a pair set for each seed
RUNS = Path("data/runs")  # a record of each run
RESULTS = Path("data/results")  # every epoch of every run
ANSWERS = RESULTS / "variants/answers"  # DVC tracks the folder of variants as a whole
SEARCHES = RESULTS / "searches"  # those of the search, and of each group's
PLAN = Path("data/plan")  # what Snakemake and its jobs hand to one another
BLOCKS = PLAN / "blocks"
KERNELS = PLAN / "kernels"  # what numba compiled
VERDICTS = PLAN / "gpus"  # what the self-check found of each GPU
METRICS = Path("reports/metrics")
FIGURES = Path("reports/figures")
TABLES = Path("reports/tables")
STAMPS = {"data": Path("data/made"), "reports": Path("reports/made")}

SOURCE = str(RAW / "source.json")  # which digits these are

PROCESSORS = "reports/benchmarks/processors.csv"  # committed: our results beside other machines'
BEYOND = "reports/benchmarks/beyond.csv"  # committed: what runs of ladders cost
WEIGHTS = "data/model.safetensors"  # of the run that is kept
PAGE = "reports/index.html"
CARD = "reports/model.md"  # what describes them

REPORT = "reports/report.pdf"
REPORT_SOURCE = "reports/report.tex"  # what it is compiled from, in its folder
REPORT_NUMBERS = "reports/report.numbers.csv"  # where each number in it comes from
LATEX_LOG = Path("logs/report/latex.log")

# Of the project, wherever the pipeline works.
PROJECT = Path(__file__).resolve().parents[2]
TEMPLATES = PROJECT / "workflow/report"
PUBLIC = TEMPLATES / "public.csv"  # what others have published
CITATION = PROJECT / "CITATION.cff"
COSTS = "reports/benchmarks/workflow.csv"  # measured by `make bench-workflow`

FIGURE_FORMATS = ("pdf", "svg", "png")
TABLE_FORMATS = ("tex", "md", "html")


def search(suffix: str) -> str:
    """Name the collected results of a search: of the default one, or of a group's studies."""
    return str(SEARCHES / f"search{suffix}.parquet")


def winners(suffix: str) -> str:
    """Name the file of the winners of a search."""
    return str(SEARCHES / f"selected{suffix}.json")


SEARCH, WINNERS = search(""), winners("")


def variant(name: str) -> str:
    """Name the collected results of a variant's runs."""
    return str(RESULTS / "variants" / f"{name}.parquet")


def answers(name: str) -> str:
    """Name what a variant's nets make of each test digit. No name of a variant has a slash."""
    return str(ANSWERS / f"{name}.parquet")


def without_answers(files: Iterable[str]) -> list[str]:
    """Leave out the files of answers among those that are read."""
    return [file for file in files if Path(file).parent != ANSWERS]


def pair_set(identity: str, seed: int | str) -> str:
    """Name the pair set of a seed; `identity` is a digest of all that determines it."""
    return str(PAIRS / identity / f"seed-{seed}.parquet")


def test_digits(pair_set: str) -> str:
    """Name the test digits that a pair set was drawn from: beside it, one file for all seeds."""
    return str(Path(pair_set).with_name("test-digits.parquet"))


def record(recipe: str, member: str) -> str:
    """Name the record of a run."""
    return str(RUNS / recipe / f"{member}.json")


def kept(record: str) -> str:
    """Name the weights of a run that are kept beside its record."""
    return str(Path(record).with_suffix(".safetensors"))


def verdict(about: str) -> str:
    """Name what the self-check found of a GPU; `about` is a digest of GPU, driver and code."""
    return str(VERDICTS / f"{about}.json")


def metric(name: str) -> str:
    """Name a file of metrics."""
    return str(METRICS / name)


def figure(name: str) -> tuple[str, ...]:
    """Name the files of a figure."""
    return tuple(str(FIGURES / f"{name}.{ending}") for ending in FIGURE_FORMATS)


def table(name: str) -> tuple[str, ...]:
    """Name the files of a table."""
    return tuple(str(TABLES / f"{name}.{ending}") for ending in TABLE_FORMATS)
