"""The self-check's verdict on the GPU in use, kept in a file: it is made once, not by each job."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from digitpairs import paths
from digitpairs.cluster import gpus
from digitpairs.files import write_text
from digitpairs.identity import digest, fingerprint
from digitpairs.selfcheck.check import Row, Verdict, check

CODE = ("models", "pairs", "training", "selfcheck")  # training/cuda, too
PRECISION = ("NVIDIA_TF32_OVERRIDE", "CUBLAS_EMULAT")  # variables that begin so overrule torch


def of_this_gpu(say: Callable[[str], None]) -> Verdict:
    """Read the verdict on the GPU that CUDA has here, or make it, which takes seconds.

    Another GPU, driver, torch, cuDNN or code makes another verdict. So does a variable of the
    environment that makes products less precise, whatever torch is told.
    Raises torch.OutOfMemoryError where other jobs leave too little memory to check.
    """
    about = described()
    file = Path(paths.verdict(digest(about)))
    known = read(file, about)
    if known:
        return known
    start = time.perf_counter()
    verdict = check("cuda")
    seconds = time.perf_counter() - start
    content = {"about": about, **asdict(verdict), "seconds": round(seconds, 1)}
    write_text(file, json.dumps(content, indent=1) + "\n")
    said = "something is wrong" if verdict.trouble or verdict.of_graphs else "all is well"
    say(f"{about['gpu']}: checked before its first run, in {seconds:.0f} s: {said} ({file})")
    return verdict


def described() -> dict[str, str]:
    """Say what a verdict is about."""
    found = torch.cuda.get_device_properties(torch.cuda.current_device())
    return {
        "gpu": found.name,
        "uuid": str(getattr(found, "uuid", "")),
        "driver": gpus.driver(),
        "torch": torch.__version__,
        "cudnn": str(torch.backends.cudnn.version()),
        "environment": ", ".join(
            f"{name}={value}"
            for name, value in sorted(os.environ.items())
            if name.startswith(PRECISION)
        ),
        "code": fingerprint(*CODE),
    }


def read(file: Path, about: dict[str, str]) -> Verdict | None:
    """Read a verdict; None where there is none, or what there is cannot be read."""
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if content["about"] != about:
            return None
        rows = [Row(**row) for row in content["rows"]]
        return Verdict(str(content["trouble"]), str(content["of_graphs"]), rows)
    except (OSError, ValueError, LookupError, TypeError):
        return None
