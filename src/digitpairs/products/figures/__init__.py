"""Figures. A kind is a file here and a line in study/kinds.py."""
