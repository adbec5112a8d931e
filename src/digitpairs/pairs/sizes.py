"""Sizes that no knob sets, and that determine every run."""

SIDE = 14  # of MNIST's digits, pooled, in pixels
CLASSES = 10  # of MNIST
ANSWERS = 2  # no, yes: first > second, first <= second
FULL_SCALE = 4 * 255  # what pixel sums are divided by: a 2x2 window of white pixels
