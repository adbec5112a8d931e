"""`digitpairs summary`, `compare` and `claims`: what they show, and what they say is missing."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from claimed import BETTER, CLAIM, LIKE, MLP, of_seeds
from digitpairs import paths
from digitpairs.cli.main import app
from digitpairs.errors import UserError
from digitpairs.files import write_text
from digitpairs.pipeline import stamps
from digitpairs.pipeline.claimed import with_results
from digitpairs.pipeline.steps import steps
from digitpairs.products.numbers.make import make_metric
from digitpairs.runs import collect
from digitpairs.study.load import load
from project import ROOT
from terminals import words

Content = dict[str, Any]
Edit = Callable[[Content], Any]
DIGITS = Path(paths.SOURCE)
TERMINAL = {"COLUMNS": "120", "NO_COLOR": None, "FORCE_COLOR": None, "TERM": "xterm"}


def ask(*arguments: str, **environment: str | None) -> str:
    """What a command shows."""
    result = invoke(*arguments, **environment)
    assert result.exit_code == 0
    assert result.stdout == ""
    return result.stderr


def invoke(*arguments: str, **environment: str | None) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False, env=TERMINAL | environment)


def refused(*arguments: str) -> str:
    """What a command says instead."""
    with pytest.raises(UserError) as caught:
        invoke(*arguments)
    return str(caught.value)


def write(content: Content) -> None:
    """Write params and claims."""
    claims = content.pop("claims")
    Path("params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    Path("claims.yaml").write_text(yaml.safe_dump(claims))
    content["claims"] = claims


def do(step: str) -> None:
    """Do a step that has the files it reads; results are those that lie there."""
    params = with_results(load(Path("params.yaml")))
    with stamps.stamped(steps(params), step) as of:
        if step.startswith("metric-"):
            make_metric(params, step.removeprefix("metric-"), of.inputs)


@pytest.fixture
def study(content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Content:
    """A finished project of three variants, a winner that is one of them, and two claims."""
    monkeypatch.chdir(tmp_path)
    kept = ("mlp", "convnet", "siamese_mlp")
    content["variants"] = {name: content["variants"][name] for name in kept}
    content["variants"]["apart"] = {"base": "mlp", "learning_rate": 0.01}
    content["studies"] = {
        "box": {"kind": "box", "title": "Box", "variants": list(kept)},
        "apart": {"kind": "box", "title": "A", "group": "extra", "variants": ["mlp", "apart"]},
    }
    content["search"]["grids"] = {"mlp": content["search"]["grids"]["mlp"]}
    content["training"]["seeds"] = 8
    content["model"] = None
    content.pop("page", None)
    content["claims"] = {
        "beats": dict(CLAIM),
        "new": CLAIM | {"says": "New.", "group": "extra", "compare": {"apart": ["mlp"]}},
    }
    write(content)
    write_text(DIGITS, json.dumps({"source": "embedded", "checksum": "0123456789ab"}))
    won = {"family": "mlp", "hidden": content["variants"]["mlp"]["hidden"]}
    rate = content["variants"]["mlp"]["learning_rate"]
    winners = {"mlp": {"model": won, "learning_rate": rate}}
    write_text(Path(paths.WINNERS), json.dumps(winners))
    write_text(Path(paths.SEARCH), "")
    for name, accuracies in (("mlp", MLP), ("convnet", BETTER), ("siamese_mlp", LIKE)):
        collect.write(of_seeds(name, accuracies), paths.variant(name))
    done = ("digits", "search", "select", "variant-mlp", "variant-convnet", "variant-siamese_mlp")
    for step in (*done, "metric-summary.csv", "metric-claims.csv"):
        do(step)
    return content


def test_the_summary_is_that_of_the_file(study: Content) -> None:
    printed = ask("summary")
    found = pd.read_csv(paths.metric("summary.csv"))
    lines = printed.splitlines()
    assert [line.split()[0] for line in lines[2:5]] == found["variant"].to_list()
    assert ".807 ± .013" in lines[2]
    assert words(printed).endswith(
        "Note: These results are not full MNIST: from the 5,000 embedded digits."
    )
    assert "may be out of date" not in printed


def test_the_claims_are_judged_as_the_file_says(study: Content) -> None:
    printed = words(ask("claims"))
    assert "One beats the other. confirmed +5.12" in printed
    assert "Without results: new; give `snakemake extra`." in printed
    assert "out of date" not in printed and "ConvNet, against MLP" not in printed
    assert "ConvNet, against MLP" in words(ask("claims", "--all"))


def test_variants_are_compared(study: Content) -> None:
    printed = words(ask("compare", "convnet", "mlp"))
    assert printed.startswith("convnet (ConvNet) against mlp (MLP) Measure")
    assert "Best epoch +5.12 [" in printed and "less than 0.5 points" in printed
    assert "−5.12" in ask("compare", "mlp", "convnet")
    printed = words(ask("compare", "convnet", "mlp", "--margin", "0.2"))
    assert "yes, < .001" in printed and "less than 20 points" in printed


def test_a_winner_that_is_a_variant_has_its_results(study: Content) -> None:
    assert "against mlp (MLP)" in ask("compare", "convnet", "mlp_selected")
    assert "have the same runs; the search selected" in refused("compare", "mlp", "mlp_selected")
    assert refused("compare", "mlp", "mlp").endswith("have the same runs; name two others")


def test_names_and_margins_are_checked(study: Content) -> None:
    assert "'convnt': unknown; did you mean convnet?" in refused("compare", "mlp", "convnt")
    for margin in ("0", "1", "nan", "-1"):
        assert f"--margin {margin}: should be" in refused(
            "compare", "mlp", "convnet", "--margin", margin
        )


def test_what_has_no_results_says_what_makes_them(study: Content) -> None:
    said = refused("compare", "mlp", "apart")
    assert said.endswith("apart.parquet: not made yet; `snakemake variants/apart` makes it")
    Path(paths.WINNERS).unlink()
    said = refused("compare", "convnet", "mlp_selected")
    assert "no winner yet; `snakemake variants/mlp_selected` makes" in said
    for name in ("summary", "claims"):
        Path(paths.metric(f"{name}.csv")).unlink()
        path = paths.metric(f"{name}.csv")
        assert refused(name) == f"{path}: not made yet; `snakemake {path}` makes it"


def test_another_params_file_is_named_in_commands(study: Content) -> None:
    for name in ("params", "claims"):
        Path(f"{name}.yaml").rename(f"{name}.own.yaml")
    said = refused("compare", "mlp", "apart", "--params", "params.own.yaml")
    assert "`snakemake variants/apart --configfile params.own.yaml` makes it" in said


EDITS: dict[str, tuple[Edit, tuple[str, ...]]] = {
    "a margin": (lambda content: content["claims"]["beats"].update(margin=0.1), ("claims",)),
    "a rate": (
        lambda content: content["variants"]["convnet"].update(learning_rate=0.5),
        ("claims", "summary", "compare convnet mlp", "compare mlp convnet"),
    ),
    "a title": (lambda content: content["studies"]["box"].update(title="Another"), ()),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_out_of_date_is_said_to_be(study: Content, edit: str) -> None:
    change, outdated = EDITS[edit]
    change(study)
    write(study)
    for command in ("claims", "summary", "compare convnet mlp", "compare mlp convnet"):
        printed = words(ask(*command.split()))
        assert ("may be out of date (" in printed) == (command in outdated)
        assert "makes it again." in printed or command not in outdated


def test_without_claims_it_says_so(study: Content) -> None:
    Path("claims.yaml").unlink()
    assert refused("claims") == "no claims: there are none in claims.yaml"


def test_claims_without_results_are_named(study: Content) -> None:
    del study["claims"]["beats"]
    write(study)
    said = refused("claims")
    assert said == "no claim has results yet: Without results: new; give `snakemake extra`."


def test_a_claim_that_compares_a_net_with_itself_is_named(study: Content) -> None:
    study["claims"]["self"] = CLAIM | {"compare": {"mlp": ["mlp_selected"]}}
    write(study)
    printed = words(ask("claims"))
    assert "may be out of date (" in printed and "Nothing to compare" not in printed
    do("metric-claims.csv")
    assert "Nothing to compare: self (a winner is not known" in words(ask("claims"))
    del study["claims"]["beats"]
    write(study)
    do("metric-claims.csv")
    assert "judges no claim. Without results: new" in refused("claims")


def test_runs_of_different_places_are_named(study: Content) -> None:
    path = paths.variant("mlp")
    frame = pd.read_parquet(path)
    frame["provenance"] = frame["provenance"].astype(str).str.replace("abacus", "slide rule")
    collect.write(frame, path)
    assert "Note: Runs come from different processors or GPUs: abacus; slide rule." in words(
        ask("compare", "mlp", "convnet")
    )


def test_there_is_colour_where_it_is_wanted(study: Content) -> None:
    assert "\x1b" not in ask("claims")
    assert "\x1b[32mconfirmed" in ask("claims", FORCE_COLOR="1")
    without = ask("claims", FORCE_COLOR="1", NO_COLOR="1")
    assert not re.search(r"\x1b\[[\d;]*3\d", without)
    assert "confirmed" in without


@pytest.mark.parametrize(
    "command", ["summary", "claims --all", "compare mlp convnet", "compare mlp x"]
)
def test_a_pipe_of_ascii_gets_ascii_without_escapes_or_tracebacks(
    study: Content, command: str
) -> None:
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii:strict", "COLUMNS": "60"}
    own = {"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "0"}
    dropped = ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE")
    inherited = {key: value for key, value in os.environ.items() if key not in dropped}
    program = "from digitpairs.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *command.split()],
        env={**inherited, **plain, **own},
        capture_output=True,
        check=False,
    )
    printed = done.stderr.decode("ascii")
    assert done.returncode == (command == "compare mlp x")
    assert done.stdout == b"" and "Traceback" not in printed
    assert not [mark for mark in ("\x1b", "\\x", "\\u") if mark in printed]
    if done.returncode == 0:
        assert "?" not in printed and ("+-" in printed or " [-" in printed or "[+" in printed)
        assert max(map(len, printed.splitlines())) <= 60
