"""What a user of Snakemake sees."""

import logging
from pathlib import Path

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from digitpairs.errors import ParamsError
from digitpairs.pipeline import console


@pytest.fixture
def logger() -> logging.Logger:
    return logging.Logger("of a test")


def said(logger: logging.Logger, message: str, **content: object) -> str | None:
    """What is left of a message, if anything."""
    record = logger.makeRecord("", logging.INFO, "", 0, message, (), None, extra=content)
    return record.getMessage() if logger.filter(record) else None


def test_lines_that_say_nothing_are_left_out(logger: logging.Logger) -> None:
    console.tidy_log(logger, quiet_rules=False)
    missing = "5 jobs have missing provenance/metadata so that it in part cannot be used"
    assert said(logger, missing) is None
    assert said(logger, "Touching output file data/plan/blocks/mlp-0.done.") is None
    assert said(logger, "Nothing to be done") == "Nothing to be done"


def test_that_run_times_are_missing_is_said_once(logger: logging.Logger) -> None:
    console.tidy_log(logger, quiet_rules=False)
    missing = "Missing metadata for file reports/{}. Maybe metadata was deleted"
    assert said(logger, missing.format("a.csv")) == console.WITHOUT_TIMES
    assert said(logger, missing.format("b.csv")) is None


def test_resources_are_shown_by_their_numbers(logger: logging.Logger) -> None:
    console.tidy_log(logger, quiet_rules=False)
    message = 'Provided resources: gpu=Resource("gpu", 1), mem_mb=Resource("mem_mb", 8000)'
    plain = "Provided resources: gpu=1, mem_mb=8000"
    assert said(logger, message, event=LogEvent.RESOURCES_INFO) == plain


def test_a_failed_job_is_reported_though_rules_are_quiet(
    logger: logging.Logger, tmp_path: Path
) -> None:
    console.tidy_log(logger, quiet_rules=True)
    log = tmp_path / "train.log"
    log.touch()
    content = {
        "event": LogEvent.JOB_ERROR,
        "rule_name": "train",
        "jobid": 7,
        "rule_msg": "SLURM-job was killed.\n    sbatch --many-options\nIt ran out of memory.",
        "log": [str(log), "logs/of-no-job.log"],
    }
    assert said(logger, "", **content) == (
        f"Error in rule train, jobid 7. SLURM-job was killed. Logs: {log}"
    )
    record = logging.makeLogRecord(content)
    assert logger.filter(record)
    assert vars(record)["event"] is None  # Snakemake shows no event of a job where rules are quiet


FAILED = "SLURM-job '3' failed, SLURM status is: 'FAILED'."


@pytest.mark.parametrize(
    ("message", "log", "told"),
    [
        (FAILED.replace("FAILED", "OUT_OF_MEMORY"), "", True),
        (FAILED, "slurmstepd: error: Detected 1 oom_kill event in StepId=7.batch.", True),
        (FAILED, "slurmstepd: error: Detected 1 oom-kill event(s) in step 7.0", True),
        (FAILED, "slurmstepd: error: StepId=1.0 exceeded memory limit (8 > 7), being killed", True),
        (FAILED, "slurmstepd: error: *** JOB 3 CANCELLED DUE TO TIME LIMIT ***", False),
        (None, "oom_kill", False),  # a job here: the system's own count says whether it is so
    ],
)
def test_a_job_over_its_memory_on_a_cluster_is_told_what_to_raise(
    message: str | None, log: str, told: bool, logger: logging.Logger, tmp_path: Path
) -> None:
    console.tidy_log(logger, quiet_rules=True)
    (tmp_path / "3.log").write_text(log)
    content = {"rule_name": "train", "jobid": 7, "log": [str(tmp_path / "3.log")]}
    shown = said(logger, "", event=LogEvent.JOB_ERROR, rule_msg=message, **content)
    assert shown is not None
    assert ("raise mem_mb in the profile" in shown) == told


COMMAND = "CalledProcessError in file train.smk:\nCommand 'digitpairs block' "


@pytest.mark.parametrize(
    ("ended", "killed"),
    [
        ("returned non-zero exit status 137.", True),
        ("died with <Signals.SIGKILL: 9>.", True),
        ("returned non-zero exit status 1.", False),
        ("died with <Signals.SIGTERM: 15>.", False),
    ],
)
@pytest.mark.parametrize("seen", [0, 1])
def test_a_killed_job_is_told_of_memory(
    seen: int, ended: str, killed: bool, logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter([4, 4 + seen])
    monkeypatch.setattr(console.memory, "kills", lambda: next(counts))
    console.tidy_log(logger, quiet_rules=False)
    message = said(logger, COMMAND + ended)
    if not killed:
        assert message == COMMAND + ended
        return
    assert message is not None
    assert message.startswith(COMMAND + ended)
    assert f"\nThe job was killed: {'memory ran out' if seen else 'the system'}" in message
    assert message.endswith("the same command goes on.")


def test_a_job_is_named_by_what_it_makes_though_rules_are_quiet(logger: logging.Logger) -> None:
    job = {"event": LogEvent.JOB_INFO, "rule_name": "figure", "wildcards": {"name": "figure5"}}
    assert said(logger, " Rule: figure, Jobid: 3", **job) == " Rule: figure, Jobid: 3"
    console.tidy_log(logger, quiet_rules=True)
    record = logging.makeLogRecord(job)
    assert logger.filter(record)
    assert (vars(record)["event"], record.getMessage()) == (None, "figure figure5")

    train = {"event": LogEvent.JOB_INFO, "rule_name": "train", "wildcards": {"block": "mlp-0"}}
    record = logging.makeLogRecord(train)
    assert logger.filter(record)
    assert vars(record)["event"] is LogEvent.JOB_INFO  # which Snakemake does not show


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ParamsError("training.epochs: 0"), "error: training.epochs: 0"),
        (OSError(28, "No space left on device", "data/plan"), "data/plan: No space left"),
    ],
)
def test_what_a_user_can_mend_is_a_message(error: Exception, message: str) -> None:
    with pytest.raises(SystemExit, match=message), console.errors_as_messages():
        raise error
