"""Profiles for clusters say what to install where a plugin of Snakemake is missing."""

from pathlib import Path

import pytest

from project import ROOT, run


@pytest.mark.parametrize("engine", ["slurm", "sge"])
def test_a_missing_plugin_is_named_with_what_installs_it(engine: str, tmp_path: Path) -> None:
    profile = (ROOT / f"profiles/{engine}/config.yaml").read_text()
    assert profile.count(f'need("{engine}")') == 1
    missing = profile.replace(f'need("{engine}")', 'need("missing")')
    (tmp_path / "config.yaml").write_text(missing)
    printed = run("snakemake", "--profile", tmp_path, "--dry-run", fails=True)
    assert "needs the package snakemake-executor-plugin-missing" in printed
    assert "make cluster" in printed
    assert "Traceback" not in printed
