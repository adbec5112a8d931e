"""What only a GPU needs. Not hashed: where a run was computed is provenance."""
