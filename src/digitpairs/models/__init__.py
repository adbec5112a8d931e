"""Nets. One is a file here and a line in registry.py. It is hashed into the runs that use it."""
