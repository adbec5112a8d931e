"""Nets: a registry and a file a net. A net's file is hashed into the runs that use it."""
