"""What one Snakemake decides."""

import json
from pathlib import Path

import pytest

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.files import write_text
from digitpairs.identity import essentials
from digitpairs.pipeline import stamps
from digitpairs.pipeline.session import KEPT, Session
from digitpairs.pipeline.steps import all_runs, steps
from digitpairs.products.report import compiled
from digitpairs.runs.workers import Workers
from digitpairs.study.schema import Params
from digitpairs.study.variants import resolve


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def session(
    quick_params: Params, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """In a directory with digits and winners, where no step was done."""
    monkeypatch.chdir(tmp_path)
    source = {"source": "embedded", "checksum": "0123456789ab"}
    write_text(Path(paths.SOURCE), json.dumps(source))
    same = essentials(resolve(quick_params, "mlp"))
    write_text(Path(paths.WINNERS), json.dumps({"mlp": same}))
    return Session(quick_params, said.append, lambda: Workers(1))


def done(session: Session, name: str) -> None:
    """Do a step that takes nothing."""
    graph = steps(session.params)
    with stamps.stamped(graph, name):
        for path in graph[name].outputs:
            write_text(Path(path), "good")


def stamp(session: Session, name: str) -> None:
    """Take what is there for what a step made."""
    with stamps.stamped(steps(session.params), name):
        pass


def test_a_step_that_is_due_gets_a_mark_and_one_that_is_not_does_not(session: Session) -> None:
    files, mark = session.inputs("figure-figure1")
    assert files == []
    assert mark is not None and mark.exists()
    done(session, "figure-figure1")
    assert session.inputs("figure-figure1") == ([], None)
    assert (session.due, session.kept) == ({"figure-figure1"}, {"figure-figure1"})


def test_a_report_starts_nothing_and_is_of_what_is_made(
    session: Session, quick_params: Params
) -> None:
    runs = [run for found in all_runs(session.params).evaluated.values() for run in found]
    assert session.blocks(runs) != []
    done(session, "figure-figure1")
    reporting = Session(quick_params, print, lambda: Workers(1), reporting=True)
    assert reporting.inputs("figure-figure1") == ([], None)
    assert reporting.blocks(runs) == []
    with pytest.raises(UserError, match=r"^figure-figure2: not made yet; give `snakemake` first"):
        reporting.inputs("figure-figure2")
    assert not (paths.PLAN / "figure-figure2").exists()


def test_jobs_are_for_clusters(session: Session) -> None:
    """Snakemake would start eight, on however many cores: profiles/default gives cores too."""
    with pytest.raises(UserError, match=r"^--jobs 8: is for clusters; .* give --cores 8$"):
        session.begin("local", 8)
    session.begin("dryrun", 8)


def test_forced_every_step_is_due(session: Session, said: list[str]) -> None:
    done(session, "figure-figure1")
    session.forced = True
    assert session.inputs("figure-figure1")[1] is not None
    session.begin("local")
    assert KEPT in said


@pytest.mark.parametrize(
    ("targets", "says"), [([], 1), (["report"], 1), (["variants/mlp", "pairs"], 0)]
)
def test_without_latex_the_start_says_so_and_the_report_is_refused(
    session: Session,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
    targets: list[str],
    says: int,
) -> None:
    monkeypatch.setattr(compiled, "is_installed", lambda: False)
    session.targets = targets
    session.begin("local")
    assert said.count(compiled.MISSING) == says
    with pytest.raises(UserError, match=r"report\.pdf is not made, because latexmk"):
        session.inputs("pdf")


def test_with_latex_the_start_says_nothing_of_it(
    session: Session, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "is_installed", lambda: True)
    session.begin("local")
    assert compiled.MISSING not in said
    assert session.inputs("pdf")[1] is not None


def test_a_checkpoint_that_is_done_is_waited_for_only_if_forced(session: Session) -> None:
    graph = steps(session.params)
    with stamps.stamped(graph, "digits"):
        for path in set(graph["digits"].outputs) - {paths.SOURCE}:
            write_text(Path(path), "good")
    assert not session.must_wait_for("digits")
    session.forced = True
    assert session.must_wait_for("digits")


def test_what_is_not_due_takes_nothing_whose_maker_is(session: Session) -> None:
    """Snakemake would skip all that needs it."""
    files, mark = session.inputs("pairs")
    assert files == [paths.SOURCE]
    assert mark is not None


def test_what_was_due_stays_so_though_a_job_of_a_killed_snakemake_ends_it(
    session: Session,
) -> None:
    """Else what needs it is done as soon as it is there, before the rest that it reads."""
    for name in ("digits", "pairs", "select"):
        stamp(session, name)
    search = paths.search("")
    done(session, "search")
    done(session, "figure-search")
    assert session.inputs("figure-search") == ([paths.SOURCE, search], None)
    Path(search).unlink()
    _, mark = session.inputs("search")
    assert mark is not None
    done(session, "search")
    assert session.inputs("figure-search") == ([paths.SOURCE], None)


def test_a_step_that_nobody_plans_is_named(session: Session) -> None:
    with pytest.raises(UserError, match=r"figure9: no such figure; did you mean figure"):
        session.checkpoints_before("figure-figure9")


def test_a_winner_that_is_a_variant_has_no_results_of_its_own(session: Session) -> None:
    assert session.checkpoints_before("variant-mlp_selected") == ["digits", "select"]
    with pytest.raises(UserError, match=r"give `snakemake variants/mlp_selected`"):
        session.inputs("variant-mlp_selected")


def test_what_was_altered_is_set_aside_before_its_step_is_done(
    session: Session, said: list[str]
) -> None:
    done(session, "figure-figure1")
    drawn = Path(paths.figure("figure1")[0])
    drawn.write_text("by hand")
    session.inputs("figure-figure1")
    assert drawn.exists()  # nothing is done yet: this may be a dry run
    session.begin("local")
    assert drawn.with_name(f"{drawn.name}.bad").read_text() == "by hand"
    assert f"WARNING: {drawn} was altered since it was made" in said[-1]


def test_a_step_that_was_not_due_and_is_at_the_end_is_an_error(session: Session) -> None:
    done(session, "figure-figure1")
    session.inputs("figure-figure1")
    session.end()
    Path(paths.figure("figure1")[0]).write_text("other than it was")
    with pytest.raises(UserError, match="figure-figure1: made from a file that was lost"):
        session.end()
