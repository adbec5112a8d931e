"""Sizes that no knob sets, and that determine every run."""

SIDE = 14  # of a pooled digit, in pixels
CLASSES = 10
ANSWERS = 2  # first > second, first <= second
