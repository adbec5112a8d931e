"""A download that moves goes on, however slow; a silent one ends; real servers on this machine."""

import gzip
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from digitpairs.digits import download
from digitpairs.digits.source import SourceError
from project import ROOT

Files = dict[str, bytes]
Answer = Callable[[socket.socket, str], None]  # to a request for a file
FIRST = "train-images-idx3-ubyte"
SILENCE = 1.5  # seconds, in place of 30
SECONDS = 30  # in which anything here ends


@dataclass
class Server:
    """A server that answers each request as it was told to, or never."""

    answer: Answer | None
    asked: list[str] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    def serve(self, listener: socket.socket) -> None:
        while not self.closing.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                threading.Thread(target=self.handle, args=(connection,), daemon=True).start()

    def handle(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            path = connection.recv(65536).split()[1].decode()
            self.asked.append(path)
            (self.answer or self.hold)(connection, path.rpartition("/")[2])

    def hold(self, connection: socket.socket, _: str) -> None:
        """Answer nothing, until the caller is gone or this server ends."""
        connection.settimeout(0.1)
        while not self.closing.is_set():
            try:
                if not connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.gone.set()


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[Server, str]]]:
    """Start a server; return it and its address."""
    running: list[tuple[Server, socket.socket]] = []

    def start(answer: Answer | None = None) -> tuple[Server, str]:
        server = Server(answer)
        listener = socket.create_server(("127.0.0.1", 0))
        running.append((server, listener))
        threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
        return server, f"http://127.0.0.1:{listener.getsockname()[1]}/"

    yield start
    for server, listener in running:
        server.closing.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def packed(mnist: Files) -> Files:
    return {f"{name}.gz": gzip.compress(content) for name, content in mnist.items()}


def head(length: int) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode()


def whole(files: Files) -> Answer:
    """Answer with the file that is asked for, all at once; or that it is not there."""

    def answer(connection: socket.socket, name: str) -> None:
        if name in files:
            connection.sendall(head(len(files[name])) + files[name])
        else:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n")

    return answer


def silent(text: str) -> None:
    """Say nothing."""


def get(*mirrors: str, silence: float = SILENCE) -> Files:
    begun = time.monotonic()
    try:
        return download.download(mirrors, silent, silence)
    finally:
        assert time.monotonic() - begun < SECONDS


def test_the_four_files_are_downloaded_unpacked(start: Callable, packed: Files, mnist: Files):
    server, mirror = start(whole(packed))
    said: list[str] = []
    assert download.download([mirror], said.append, SILENCE) == mnist
    assert server.asked == [f"/{name}" for name in packed]
    assert said == [f"Downloading MNIST (12 MB) from {mirror}"]


def test_one_that_is_slow_but_moves_goes_on_and_says_how_far_it_is(
    start: Callable, packed: Files, mnist: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For twice the silence that ends another; a byte at a time, fewer than any buffer holds."""

    def drip(connection: socket.socket, name: str) -> None:
        if name != f"{FIRST}.gz":
            return whole(packed)(connection, name)
        content = packed[name]
        connection.sendall(head(len(content)))
        for place in range(12):
            connection.sendall(content[place : place + 1])
            time.sleep(SILENCE / 6)
        return connection.sendall(content[12:])

    monkeypatch.setattr(download, "REPORT", SILENCE)
    _, mirror = start(drip)
    said: list[str] = []
    assert download.download([mirror], said.append, SILENCE) == mnist
    assert f"{mirror}{FIRST}.gz: 0.0 MB so far" in said


def test_one_that_drips_for_ever_is_never_given_up(start: Callable, packed: Files) -> None:
    """Longer than any limit here; it ends when the server does."""
    over = threading.Event()

    def drip(connection: socket.socket, _: str) -> None:
        connection.sendall(head(1000))
        while not over.wait(SILENCE / 6):
            connection.sendall(b"\x1f")

    _, mirror = start(drip)
    failed: list[BaseException] = []

    def attempt() -> None:
        try:
            download.download([mirror], silent, SILENCE)
        except SourceError as error:
            failed.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(4 * SILENCE)
    assert thread.is_alive()
    over.set()
    thread.join(SECONDS)
    assert "cannot read" in str(failed[0])


def test_one_that_is_accepted_and_never_answered_ends(start: Callable) -> None:
    server, mirror = start()
    begun = time.monotonic()
    with pytest.raises(SourceError, match=rf"^{mirror}: no byte came for 0\.5 s$"):
        get(mirror, silence=0.5)
    assert time.monotonic() - begun < 5
    assert server.asked == [f"/{FIRST}.gz"]


def test_who_gave_up_can_end(start: Callable) -> None:
    """What still waits for the server does not hold the process."""
    server, mirror = start()
    code = "from digitpairs.digits.download import *; download([sys.argv[1]], print, 0.5)"
    command = [sys.executable, "-c", f"import sys; {code}", mirror]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert "no byte came for 0.5 s" in done.stderr
    assert server.gone.wait(SECONDS)


def test_one_that_falls_silent_half_way_ends(start: Callable, packed: Files) -> None:
    def half(connection: socket.socket, name: str) -> None:
        connection.sendall(head(len(packed[name])) + packed[name][:100])
        server.hold(connection, name)

    server, mirror = start(half)
    with pytest.raises(SourceError, match=r"no byte came for 0\.5 s"):
        get(mirror, silence=0.5)


def test_a_server_that_accepts_nothing_ends(packed: Files) -> None:
    """Its queue of connections is full: as an address behind a firewall that drops all."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        queued = []
        for _ in range(4):
            queued.append(socket.socket())
            queued[-1].setblocking(False)
            queued[-1].connect_ex(address)
        with pytest.raises(SourceError, match=r"no byte came for 0\.5 s"):
            get(f"http://127.0.0.1:{address[1]}/", silence=0.5)
        for connection in queued:
            connection.close()


def test_the_next_mirror_serves_where_one_does_not(
    start: Callable, packed: Files, mnist: Files, embedded: Files
) -> None:
    others = {f"{name}.gz": gzip.compress(content, 1) for name, content in embedded.items()}
    bad = [
        start()[1],  # silent
        start(whole({}))[1],  # 404
        start(whole({name: packed[name] for name in list(packed)[:3]}))[1],
        start(whole(others))[1],
        start(whole(dict.fromkeys(packed, b"<html>Log in first</html>")))[1],
        start(lambda connection, _: connection.sendall(b"garbage"))[1],
        start(lambda connection, name: connection.sendall(head(10**6) + packed[name][:-9]))[1],
        "http://127.0.0.1:9/",
        "nonsense://",
    ]
    assert get(*bad, start(whole(packed))[1]) == mnist
    with pytest.raises(SourceError) as caught:
        get(*bad)
    reasons = [reason.partition(": ")[2] for reason in str(caught.value).split("; ")]
    for reason, expected in zip(
        reasons,
        [
            "no byte came for 1.5 s",
            "HTTP Error 404",
            "HTTP Error 404",
            f"{FIRST} has MD5",
            f"cannot read {FIRST}.gz: Not a gzipped file",
            "garbage",
            f"cannot read {FIRST}.gz: Compressed file ended",
            "Connection refused",
            "unknown url type",
        ],
        strict=True,
    ):
        assert expected in reason


def test_the_mirrors_are_torchvisions() -> None:
    found = download.mirrors()
    assert found
    assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in found)


def test_without_torchvision_a_download_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    with pytest.raises(SourceError, match="a download needs torchvision: "):
        download.mirrors()


def test_the_download_ends_with_the_command_that_asked_for_it(
    start: Callable, tmp_path: Path
) -> None:
    """By kill -9, while it waits for a server that never answers."""
    server, proxy = start()
    content = yaml.safe_load((ROOT / "tests/params.tiny.yaml").read_text())
    content["data"]["source"] = "auto"
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(content))
    command = [sys.executable, "-c", "from digitpairs.cli.main import main; main()", "digits"]
    proxies = {"http_proxy": proxy, "https_proxy": proxy}
    process = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, **proxies})
    try:
        latest = time.monotonic() + 4 * SECONDS
        while not server.asked:
            assert process.poll() is None
            assert time.monotonic() < latest
            time.sleep(0.05)
        assert not server.gone.wait(0.5)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert server.gone.wait(5)
