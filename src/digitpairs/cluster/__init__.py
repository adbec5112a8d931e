"""Batch systems and GPUs: locks, orphaned jobs, plugins."""
