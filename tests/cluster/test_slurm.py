"""The pipeline on a real Slurm by `profiles/slurm`: the same results, whatever goes wrong."""

import re
from pathlib import Path
from signal import SIGINT, SIGKILL

import pytest
import slurm

from project import Begin, Command, Project, quick_by, records, results, run

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("cluster")]

PROFILE = ["snakemake", "--profile", "profiles/slurm"]
EAGER = ["--slurm-init-seconds-before-status-checks=1"]  # tests would rather not wait


def snakemake(where: str, *resources: str) -> list[str]:
    """The command on a partition, with other resources for training jobs."""
    resources = (f"slurm_partition={where}", *resources)
    return [*PROFILE, *EAGER, "--set-resources", *(f"train:{resource}" for resource in resources)]


def jobs(project: Project, column: str = "%i", state: str = "all") -> list[str]:
    """A column of squeue for the jobs of a project, in the order in which they came."""
    command = ["squeue", "--noheader", f"--states={state}", "--sort=i", f"--format={column}|%Z"]
    lines = (line.rsplit("|", 1) for line in run(*command).splitlines())
    return [value for value, place in lines if place == str(project.root)]


def running(project: Project) -> list[str]:
    return jobs(project, state="running")


def first_job(project: Project, does: str) -> None:
    """Let the first job that trains do something when it has recorded the first of its runs."""
    project.append(
        "src/digitpairs/runs/block.py",
        f"""
train_well = train_batch


def train_batch(batch):
    lines = train_well(batch)
    if not Path("first").exists():
        Path("first").touch()
        {does}
    return lines
""",
    )


HANGS = "time.sleep(600)"


def ends_as_if_nothing_had_been(command: Command, project: Project, finished: Project) -> None:
    before = records(project)
    assert "Traceback" not in command.end()
    assert before.items() <= records(project).items()  # nothing is lost or trained twice
    assert results(project) == results(finished)


def test_the_quick_pipeline_gives_the_same_results_as_on_this_machine(
    quick: Path, tmp_path: Path
) -> None:
    printed = quick_by("profiles/slurm", quick, tmp_path, *EAGER)
    submitted = re.findall(r"submitted with SLURM jobid \d+ \(log: .*/logs/slurm/(\w+)/", printed)
    assert set(submitted) == {"rule_train"}


def uncommented(profile: str, *lines: str) -> str:
    """The profile with some of the lines that it offers."""
    for line in lines:
        profile, found = re.subn(rf"^# ( *{re.escape(line)})", r"\1", profile, flags=re.MULTILINE)
        assert found == 1
    return profile


@pytest.mark.parametrize("asked", ["gpu: 1", "gres:"])
def test_a_job_asks_for_a_gpu_and_sees_the_one_it_got(
    asked: str, half: Project, finished: Project, begin: Begin
) -> None:
    profile = half.root / "profiles/slurm/config.yaml"
    text = uncommented(profile.read_text(), "set-resources:", "train:", asked)
    profile.write_text(text.replace("slurm_partition: main", "slurm_partition: only2"))
    first_job(half, "Path('seen').write_text(os.environ['CUDA_VISIBLE_DEVICES'])")
    ends_as_if_nothing_had_been(begin(half, [*PROFILE, *EAGER]), half, finished)
    assert (half.root / "seen").read_text() in ("0", "1")
    (job,) = jobs(half)
    assert "=gres:gpu:1" in run("scontrol", "show", "job", job)


def test_params_edited_while_jobs_wait_do_not_reach_them(
    half: Project, finished: Project, begin: Begin
) -> None:
    params = half.root / "params.yaml"
    before = params.read_text()
    held = run(
        "sbatch",
        "--parsable",
        "--partition=only1",
        "--exclusive",
        "--output=/dev/null",
        "--wrap=sleep 600",
    )
    command = begin(half, snakemake("only1"))
    command.wait_for(lambda: bool(jobs(half)))
    params.write_text("in the midst of an edit")
    run("scancel", held.strip())
    command.wait_for_print("Finished jobid")
    command.wait_for(lambda: jobs(half, "%T") == ["COMPLETED"])
    params.write_text(before)
    ends_as_if_nothing_had_been(command, half, finished)


def test_a_cancelled_job_is_submitted_again(half: Project, finished: Project, begin: Begin) -> None:
    first_job(half, HANGS)
    command = begin(half, snakemake("only2"))
    command.wait_for((half.root / "first").exists)
    run("scancel", *running(half))
    ends_as_if_nothing_had_been(command, half, finished)
    assert jobs(half, "%T") == ["CANCELLED", "COMPLETED"]
    assert re.search("Error in rule train.*CANCELLED.*Logs: logs/train/", command.printed)


def test_what_slurm_says_to_a_job_that_it_refuses_is_shown(half: Project, begin: Begin) -> None:
    refused = begin(half, snakemake("nowhere"))
    assert refused.process.wait() == 1
    assert refused.printed.count("invalid partition specified: nowhere") == 3  # attempts
    assert "Traceback" not in refused.printed


def test_a_job_on_a_node_that_dies_is_submitted_again(
    half: Project, finished: Project, begin: Begin
) -> None:
    first_job(half, HANGS)
    command = begin(half, snakemake("pair5"))
    command.wait_for((half.root / "first").exists)
    (node,) = jobs(half, "%N", "running")
    slurm.kill_node(node)
    try:
        ends_as_if_nothing_had_been(command, half, finished)
    finally:
        slurm.start_node(node)
    assert jobs(half, "%T") == ["NODE_FAIL", "COMPLETED"]
    assert jobs(half, "%N")[1] != node


def test_a_job_over_its_time_gets_more(half: Project, finished: Project, begin: Begin) -> None:
    first_job(half, HANGS)
    command = begin(half, snakemake("only3", "runtime=attempt"))
    command.wait_for((half.root / "first").exists)
    ends_as_if_nothing_had_been(command, half, finished)
    assert jobs(half, "%T %l") == ["TIMEOUT 1:00", "COMPLETED 2:00"]


def test_a_job_over_its_memory_gets_more(half: Project, finished: Project, begin: Begin) -> None:
    first_job(half, "eaten = b'x' * 3_000_000_000; time.sleep(600)")
    command = begin(half, snakemake("only4"))
    command.wait_for((half.root / "first").exists)
    ends_as_if_nothing_had_been(command, half, finished)
    assert jobs(half, "%m") == ["2000M", "4000M"]
    assert re.search("rule train.* more memory than it asked for", command.printed)


def test_an_interrupt_cancels_the_jobs_and_the_same_command_goes_on(
    half: Project, finished: Project, begin: Begin
) -> None:
    first_job(half, HANGS)
    # A shell's background jobs ignore SIGINT, and so would this, were the tests one of them.
    command = ["env", "--default-signal=INT", *snakemake("only3")]
    stopped = begin(half, command)
    stopped.wait_for((half.root / "first").exists)
    before = records(half)
    stopped.process.send_signal(SIGINT)
    assert stopped.process.wait() == 1
    assert "Traceback" not in stopped.printed
    ends_as_if_nothing_had_been(begin(half, command), half, finished)
    assert jobs(half, "%T") == ["CANCELLED", "COMPLETED"]
    assert before.items() <= records(half).items()


def test_a_restart_awaits_the_jobs_of_a_killed_snakemake_and_cancels_those_that_have_not_begun(
    half: Project, finished: Project, begin: Begin
) -> None:
    first_job(half, "time.sleep(30)")
    one_core = ("cpus_per_task=2",)  # a job fills the node: the second one waits
    command = [*snakemake("only1", *one_core), "--config", "set=execution.runs_per_job=2"]
    killed = begin(half, command)
    killed.wait_for((half.root / "first").exists)
    killed.wait_for(lambda: len(jobs(half)) == 2)
    before = records(half)
    killed.signal(SIGKILL)
    restarted = begin(half, command)
    ends_as_if_nothing_had_been(restarted, half, finished)
    running_id, waiting_id = jobs(half)[:2]
    assert f"have not started: {waiting_id}" in restarted.printed
    assert f"Waiting for running jobs of an earlier Snakemake: {running_id}" in restarted.printed
    assert before.items() <= records(half).items()
    assert half.idle()


def test_a_job_on_a_node_with_a_full_disk_is_submitted_again(
    half: Project, finished: Project, begin: Begin
) -> None:
    slurm.fill_disk("node7")
    ends_as_if_nothing_had_been(begin(half, snakemake("pair7")), half, finished)
    assert jobs(half, "%T %N") == ["CANCELLED node7", "COMPLETED node8"]
