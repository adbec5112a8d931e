"""MNIST's file format."""

import numpy as np
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays

from digitpairs.digits.idx import idx_array, idx_bytes


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=3)))
def test_idx_encoding_is_undone_by_decoding(array: np.ndarray) -> None:
    assert np.array_equal(idx_array(idx_bytes(array)), array)


def test_idx_header_is_mnists(embedded: dict[str, bytes]) -> None:
    images = embedded["train-images-idx3-ubyte"]
    assert images[:4] == bytes([0, 0, 8, 3])
    assert [int.from_bytes(images[i : i + 4], "big") for i in (4, 8, 12)] == [2500, 28, 28]
