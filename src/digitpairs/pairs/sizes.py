"""Sizes that no knob sets, and that determine every run."""

SIDE = 14  # of a pooled digit, in pixels
CLASSES = 10
ANSWERS = 2  # first > second, first <= second
FULL_SCALE = 4 * 255  # of a pixel: the sum of a 2x2 window of white pixels
