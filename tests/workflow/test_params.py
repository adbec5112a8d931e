"""The real `snakemake` with wrong params, in a directory with nothing but them: one message."""

from pathlib import Path

import pytest

from digitpairs.study.load import load
from project import ROOT, run

pytestmark = pytest.mark.workflow

TEXT = (ROOT / "params.quick.yaml").read_text(encoding="utf-8")


def snakemake(folder: Path, *arguments: object, fails: bool = False) -> str:
    command = ("snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "1", *arguments)
    return run(*command, cwd=folder, environment={"COLUMNS": "200"}, fails=fails)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".snakemake" not in path.parts
    }


BROKEN = [
    (
        TEXT.replace("seeds: 3", "seeds: 3\n  seeds: 9"),
        "line 14: training.seeds: this key is given twice",
    ),
    (
        TEXT.replace("seeds: 3", "seeds: !!python/name:os.x 1"),
        "training.seeds: '!!python/name:os.x'",
    ),
    (
        TEXT.replace("seeds: 3", "seeds: '\xff'").encode("latin-1"),
        "line 13: cannot be read: this is",
    ),
    (TEXT.replace("figure1:", "../../figure1:"), "studies.../../figure1: '../../figure1': "),
    (None, "params.yaml: no such file"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_snakemake_stops_before_it_makes_or_touches_anything(
    tmp_path: Path, text: str | bytes | None, message: str
) -> None:
    product = tmp_path / "reports/figures/figure1.pdf"
    product.parent.mkdir(parents=True)
    product.write_text("old")
    if text is not None:
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "params.yaml").write_bytes(content)
    before = contents(tmp_path)
    printed = snakemake(tmp_path, fails=True)
    assert message in printed
    assert "Traceback" not in printed and 'File "' not in printed
    assert contents(tmp_path) == before


def test_snakemake_takes_params_set_on_the_command_line(tmp_path: Path) -> None:
    given = ("--configfile", ROOT / "params.quick.yaml", "--config")
    snakemake(tmp_path, "--dry-run", *given, "set=training.epochs=4 seeds=5")
    (used,) = (tmp_path / "data/plan").glob("params-*")
    training = load(used).training
    assert (training.epochs, training.seeds) == (4, 5)


def test_snakemake_refuses_what_cannot_be_set(tmp_path: Path) -> None:
    given = ("--configfile", ROOT / "params.quick.yaml", "--config")
    printed = snakemake(tmp_path, *given, "set=epochs=4", fails=True)
    assert "can be any of training.epochs, search.epochs" in printed
    assert "Traceback" not in printed and 'File "' not in printed
    assert contents(tmp_path) == {}
