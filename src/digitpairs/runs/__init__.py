"""Runs: planned from the params, trained in blocks, stored, collected, put back."""
