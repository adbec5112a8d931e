"""A real Slurm on this machine: `python tests/cluster/slurm.py start --nodes 2`, later `stop`.

Each node is a slurmd of its own on loopback, and claims cores, memory and GPUs that need not be
there. Needs root and Debian's packages (PACKAGES), but no systemd and no accounting.
"""

import argparse
import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PACKAGES = "munge slurmctld slurmd slurm-client slurm-wlm-basic-plugins"
ROOT = Path("/tmp/digitpairs-slurm")
# The only place where srun looks within a job: Snakemake's plugin drops SLURM_CONF there.
DEFAULT = Path("/etc/slurm")
FILES = ("slurm.conf", "gres.conf")
PORT = 16817
MUNGE = {
    "key-file": "key",
    "socket": "socket",
    "pid-file": "munged.pid",
    "log-file": "log",
    "seed-file": "seed",
}

SLURM_CONF = """\
ClusterName=digitpairs
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={root}/munge/socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
GresTypes=gpu
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
# Believe what nodes claim to have.
SlurmdParameters=config_overrides
# Kill jobs over their memory without cgroups: by looking every 2 s.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=2
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
KillWait=2
# Jobs are asked for long after they ended.
MinJobAge=86400
# Notice a dead node soon; take it again when it is back.
SlurmdTimeout=15
ReturnToService=2
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool/%n
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/%n.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/%n.log
NodeName=node[1-{nodes}] NodeHostname={host} NodeAddr=127.0.0.1 Port={ports} \
CPUs={cpus} RealMemory=8000 Gres=gpu:2
PartitionName=main Nodes=ALL Default=YES MaxTime=1-0 DefaultTime=10
"""
GRES_CONF = "AutoDetect=off\nNodeName=node[1-{nodes}] Name=gpu File={root}/gpu[0-1]\n"


def available() -> bool:
    """Whether a cluster can be started here."""
    programs = ("munged", "slurmctld", "slurmd", "sbatch")
    return os.geteuid() == 0 and all(shutil.which(program) for program in programs)


def start(nodes: int = 2, cpus: int = 2) -> None:
    """Start a cluster anew: the partition `main` has all nodes, `only1` the first, `pair1` the
    first two, and so on."""
    stop()
    shutil.rmtree(ROOT, ignore_errors=True)
    configure(nodes, cpus)
    shutil.chown(ROOT / "munge", "munge")
    munged = ["munged", "--force"]  # the key lies below /tmp
    for option, file in MUNGE.items():
        munged.append(f"--{option}={ROOT}/munge/{file}")
    as_munge = ["setpriv", "--reuid=munge", "--regid=munge", "--clear-groups"]
    subprocess.run([*as_munge, *munged], check=True)
    subprocess.run(["slurmctld"], check=True)
    for node in range(1, nodes + 1):
        start_node(f"node{node}")
    wait_for(lambda: idle() == nodes, f"{nodes} idle nodes; see the logs in {ROOT}")


def configure(nodes: int, cpus: int) -> None:
    """Write the configuration, and link it from where Slurm looks."""
    for folder in ("munge", "state", "spool"):
        (ROOT / folder).mkdir(parents=True)
    settings = {
        "host": socket.gethostname().split(".")[0],
        "port": PORT,
        "ports": PORT + 1 if nodes == 1 else f"[{PORT + 1}-{PORT + nodes}]",
        "root": ROOT,
        "nodes": nodes,
        "cpus": cpus,
    }
    partitions = {f"only{node}": f"node{node}" for node in range(1, nodes + 1)}
    partitions |= {f"pair{node}": f"node[{node}-{node + 1}]" for node in range(1, nodes)}
    lines = [f"PartitionName={name} Nodes={of}\n" for name, of in partitions.items()]
    (ROOT / "slurm.conf").write_text("".join([SLURM_CONF.format(**settings), *lines]))
    (ROOT / "gres.conf").write_text(GRES_CONF.format(**settings))
    (ROOT / "munge/key").write_bytes(os.urandom(1024))
    (ROOT / "munge/key").chmod(0o400)
    shutil.chown(ROOT / "munge/key", "munge")
    for number in range(2):  # slurmd wants devices: twins of /dev/null
        os.mknod(ROOT / f"gpu{number}", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    DEFAULT.mkdir(exist_ok=True)
    for name in FILES:
        (DEFAULT / name).symlink_to(ROOT / name)  # an error where the machine has a Slurm


def stop() -> None:
    """End the jobs and the daemons of a cluster that `start` started, if there is one."""
    ours = [link for link in map(DEFAULT.joinpath, FILES) if is_ours(link)]
    if ours:
        for node in ROOT.glob("spool/*"):
            kill_node(node.name)
            if node.is_mount():
                subprocess.run(["umount", "--lazy", node], check=True)
        for file in [*ROOT.glob("*.pid"), *ROOT.glob("munge/*.pid")]:
            end(int(file.read_text()))
            file.unlink(missing_ok=True)
    for link in ours:
        link.unlink()


def is_ours(link: Path) -> bool:
    """Whether a file of Slurm's configuration is one that `configure` linked."""
    return link.is_symlink() and link.readlink().parent == ROOT


def start_node(node: str) -> None:
    """Start a node, for the first time or again."""
    (ROOT / f"{node}.pid").unlink(missing_ok=True)
    (ROOT / "spool" / node).mkdir(exist_ok=True)
    subprocess.run(["slurmd", "-N", node], check=True)


def fill_disk(node: str) -> None:
    """Start an idle node again, with no room on its disk."""
    kill_node(node)
    disk = ROOT / "spool" / node
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=True)
    start_node(node)
    wait_for((ROOT / f"{node}.pid").exists, node)
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def kill_node(node: str) -> None:
    """Kill all of a node at once: slurmd, what watches over its jobs, the jobs' processes."""
    listed = ["squeue", "--noheader", f"--nodelist={node}", "--states=running", "--format=%A"]
    ids = subprocess.run(listed, check=False, capture_output=True, text=True).stdout.split()
    kill(lambda words, _: words[:3] == ["slurmd", "-N", node])
    kill(lambda words, _: words[0].startswith(tuple(f"slurmstepd: [{number}." for number in ids)))
    kill(lambda _, variables: f"SLURMD_NODENAME={node}" in variables)


def kill(chosen: Callable[[list[str], list[str]], bool]) -> None:
    """Kill the processes that are chosen by the words of their command and their environment."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parts = [(process / file).read_text().split("\0") for file in ("cmdline", "environ")]
            if chosen(*parts):
                os.kill(int(process.name), signal.SIGKILL)


def end(pid: int) -> None:
    """Ask a daemon of ours to end."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not alive(pid), f"the end of process {pid}")


def alive(pid: int) -> bool:
    """Whether a process runs; not a zombie, which nobody may reap in a container."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def idle() -> int:
    """Count idle nodes."""
    command = ["sinfo", "--noheader", "--partition=main", "--states=idle", "--format=%D"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return sum(map(int, done.stdout.split()))


def wait_for(reached: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Look until something has happened. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(0.1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["start", "stop"])
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--cpus", type=int, default=2, help="cores of each node")
    given = parser.parse_args()
    if given.what == "start":
        start(given.nodes, given.cpus)
    else:
        stop()
