"""Where and by what a run was computed: no part of its identity."""

import platform
from functools import cache
from pathlib import Path
from typing import Any

PLAIN = "Plain"  # the engine for a net that no faster one knows
ENGINES = {  # as records and results name them
    "FastConvNet": "numba and Winograd",
    "Fused": "fused layers",
    "Stacked": "stacked",
    PLAIN: "plain modules",
}
EAGER = ", eager"  # after that of a GPU whose CUDA graphs cannot be trusted


def environment(device: str) -> dict[str, Any]:
    """Name the device (`cpu` or `cuda`), torch's threads, and the versions of the libraries."""
    import numba
    import numpy as np
    import torch

    return {
        "kind": device,
        "device": torch.cuda.get_device_name() if device == "cuda" else processor(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


@cache
def processor() -> str:
    """Name the processor as Linux does, and the instructions that torch uses of it."""
    import torch

    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(names, platform.machine())} ({torch.backends.cpu.get_cpu_capability()})"
