"""Batch systems and GPUs: locks, orphaned jobs, plugins.

A batch system is a folder in profiles/, the package of its plugin in pyproject.toml (group
`cluster`), and what its jobs leave behind a file here, as orphans.py is for Slurm.
"""
