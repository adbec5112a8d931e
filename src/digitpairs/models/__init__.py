"""Nets: a registry, and a file for each. It is hashed into the runs of that net alone."""
