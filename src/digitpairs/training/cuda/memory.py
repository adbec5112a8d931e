"""Tells a GPU whose memory ran out from one that is at fault."""

import torch

# What libraries say where they cannot allocate. cuBLAS and cuDNN allocate when they start.
OF_LIBRARIES = (
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUBLAS_STATUS_NOT_INITIALIZED",
    "CUDNN_STATUS_NOT_INITIALIZED",
)


def is_gpu_full(error: BaseException | None) -> bool:
    """Whether an error says that a GPU's memory ran out, or came of one that did.

    A recording that is broken off by one ends with another error.
    """
    while error:
        of_library = any(text in str(error) for text in OF_LIBRARIES)
        if of_library or isinstance(error, torch.OutOfMemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False
