"""Figures, a file a kind."""
