"""Engines: what goes forward in place of a net's modules, and how fast."""
