"""Profiles name the plugin of Snakemake that is missing, and ask Slurm about its accounts."""

from pathlib import Path

import pytest

from digitpairs.cluster.plugins import accounted
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


@pytest.mark.parametrize(
    ("kind", "kept"), [("slurmdbd", True), ("accounting_storage/none", False), ("(null)", False)]
)
def test_whether_slurm_keeps_accounts_is_what_it_says(
    kind: str, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scontrol = tmp_path / "scontrol"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    scontrol.write_text(f"#!/bin/sh\necho 'AccountingStorageType   = {kind}'\n")
    scontrol.chmod(0o755)
    assert accounted() == kept


def test_where_slurm_cannot_be_asked_accounts_are_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert accounted()
