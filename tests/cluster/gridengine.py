"""A GridEngine of this machine's own: both daemons, one queue, all files under one directory."""

import os
import platform
import re
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LIBRARY = Path("/usr/lib/gridengine")  # Debian's
SHARE = Path("/usr/share/gridengine")
SECONDS = 30  # to start, to empty the queue, to stop


def available() -> bool:
    """Whether Debian's packages are installed, and we are root, which the daemons want."""
    commands = ("sge_qmaster", "sge_execd", "qsub", "qstat", "qacct", "qconf")
    return os.geteuid() == 0 and LIBRARY.is_dir() and all(map(shutil.which, commands))


def free_port() -> str:
    """A port that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def altered(settings: str, **values: object) -> str:
    """Settings, one a line as GridEngine prints them, with some given anew."""
    for key, value in values.items():
        settings = re.sub(rf"^{key}\s.*$", f"{key} {value}", settings, flags=re.MULTILINE)
    return settings


@dataclass
class GridEngine:
    """Runs within its `with` block. Raises RuntimeError where it does not come up."""

    root: Path
    slots: int = 2
    environment: dict[str, str] = field(default_factory=dict)  # that its commands need
    daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> "GridEngine":
        self.environment |= {"SGE_ROOT": str(self.root), "SGE_CELL": "cell"}
        self.environment |= {f"SGE_{name}_PORT": free_port() for name in ("QMASTER", "EXECD")}
        try:
            self.lay()
            self.start("sge_qmaster", "qconf", "-sh")
            self.start("sge_execd", "qconf", "-se", "localhost")  # the master enters it by itself
            self.open_queue()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        """End its jobs, then the daemons that were started here, the master last."""
        with suppress(RuntimeError):  # it may never have come up
            self.call("qdel", "-u", "*")
            deadline = time.monotonic() + SECONDS
            while self.call("qstat", "-u", "*") and time.monotonic() < deadline:
                time.sleep(0.5)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            with suppress(subprocess.TimeoutExpired):
                daemon.wait(SECONDS)
            daemon.kill()  # does nothing to one that has ended

    def call(self, *command: object) -> str:
        """Run one of its commands; return what it printed."""
        environment = {**os.environ, **self.environment, "LD_LIBRARY_PATH": str(LIBRARY)}
        line = [str(part) for part in command]
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{line}: {done.stdout}{done.stderr}")
        return done.stdout

    def lay(self) -> None:
        """Write what the daemons read when they start."""
        common, master = self.root / "cell/common", self.root / "qmaster"
        for folder in (common, master, self.root / "execd"):
            folder.mkdir(parents=True)
        text = (SHARE / "default-bootstrap").read_text()
        text = altered(text, admin_user="root", qmaster_spool_dir=master)
        text = altered(text, spooling_method="classic", spooling_lib="libspoolc")
        text = altered(text, spooling_params=f"{common};{master}")
        (common / "bootstrap").write_text(text)
        # The machine's own name may belong to another address than the loopback's.
        (common / "host_aliases").write_text(f"localhost {platform.node()}\n")
        text = (SHARE / "default-configuration").read_text().replace(":15 joblog", ":01 joblog")
        text = altered(text, execd_spool_dir=self.root / "execd", load_report_time="00:00:02")
        text = altered(text, min_uid=0, min_gid=0)  # root's jobs
        (self.root / "configuration").write_text(text)
        self.call(LIBRARY / "spoolinit", "classic", "libspoolc", f"{common};{master}", "init")
        defaults = LIBRARY / "spooldefaults"
        self.call(defaults, "configuration", self.root / "configuration")
        self.call(defaults, "complexes", SHARE / "util/resources/centry")
        self.call(defaults, "usersets", SHARE / "util/resources/usersets")
        self.call(defaults, "managers", "root")

    def start(self, daemon: str, *question: str) -> None:
        """Start a daemon in the foreground, out of reach of a ^C; wait until this is answered."""
        env, log = {**os.environ, **self.environment, "SGE_ND": "1"}, self.root / daemon
        with log.open("wb") as out:
            started = subprocess.Popen([daemon], env=env, stdout=out, stderr=out, process_group=0)
        self.daemons.append(started)
        deadline = time.monotonic() + SECONDS
        while started.poll() is None and time.monotonic() < deadline:
            with suppress(RuntimeError):
                self.call(*question)
                return
            time.sleep(0.2)
        raise RuntimeError(f"{daemon} did not come up:\n{log.read_text()}")

    def open_queue(self) -> None:
        """Let jobs be submitted from here and run here, as soon as they come."""
        queue, soon = self.call("qconf", "-sq"), self.call("qconf", "-ssconf")
        queue = altered(queue, qname="test.q", hostlist="localhost", slots=self.slots)
        queue = altered(queue, load_thresholds="NONE", pe_list="NONE")
        soon = altered(soon, schedule_interval="0:0:1", flush_submit_sec=1, flush_finish_sec=1)
        self.call("qconf", "-as", "localhost")
        for option, text in {"-Aq": queue, "-Msconf": soon}.items():
            (self.root / "settings").write_text(text)
            self.call("qconf", option, self.root / "settings")
