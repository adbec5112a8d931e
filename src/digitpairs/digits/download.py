"""Downloads MNIST's four files from the mirrors that torchvision knows.

torchvision's own download has no time limit: a silent server holds it for ever. A limit for the
whole would end one that is slow but moves, and a limit for each read does not cover a host with
many dead addresses. So the bytes arrive in a thread, and whoever waits for them gives up after a
silence, whatever it was that the thread waited for. The thread ends with the process.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable
from urllib.request import urlopen

from digitpairs.digits.folder import unpacked
from digitpairs.digits.source import MNIST_MD5, SourceError, verify

SILENCE = 30.0  # seconds without a byte after which a mirror is given up
REPORT = 10.0  # seconds between two lines that say how far a file is
CHUNK = 1 << 16

Arrived = bytes | Exception


def mirrors() -> list[str]:
    """List the addresses that hold MNIST, the first to try first.

    Raises SourceError where torchvision is of no use.
    """
    try:
        from torchvision.datasets import MNIST  # slow to import
    except (ImportError, RuntimeError) as error:  # not there, or built for another torch
        raise SourceError(f"a download needs torchvision: {error}") from error

    return list(MNIST.mirrors)


def download(
    mirrors: Iterable[str], say: Callable[[str], None], silence: float = SILENCE
) -> dict[str, bytes]:
    """Download the four files from the first mirror that has them all, checksums verified.

    Raises SourceError that says what was wrong with each mirror.
    """
    failures = []
    for mirror in mirrors:
        say(f"Downloading MNIST (12 MB) from {mirror}")
        try:
            files = {}
            for name in MNIST_MD5:
                packed = body(f"{mirror}{name}.gz", say, silence)
                files[name] = unpacked(f"{name}.gz", packed)
            verify(files, MNIST_MD5)
        except SourceError as error:
            failures.append(f"{mirror}: {error}")
        else:
            return files
    raise SourceError("; ".join(failures))


def body(url: str, say: Callable[[str], None], silence: float) -> bytes:
    """Download a file. Raises SourceError where it fails, or where no byte came for `silence`."""
    arrived: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
    threading.Thread(target=receive, args=(url, arrived), daemon=True).start()
    content = bytearray()
    said = time.monotonic()
    while True:
        try:
            part = arrived.get(timeout=silence)
        except queue.Empty:
            raise SourceError(f"no byte came for {silence:g} s") from None
        if isinstance(part, Exception):
            raise SourceError(f"{part}") from part
        if not part:
            return bytes(content)
        content += part
        if time.monotonic() - said > REPORT:
            said = time.monotonic()
            say(f"{url}: {len(content) / 1e6:.1f} MB so far")


def receive(url: str, arrived: queue.SimpleQueue[Arrived]) -> None:
    """Pass on what arrives as it comes; nothing at the end, or what went wrong."""
    try:
        with urlopen(url) as response:
            while part := response.read1(CHUNK):
                arrived.put(part)
        arrived.put(b"")
    except Exception as error:  # whatever it is, nobody else would say it
        arrived.put(error)
