"""What params.yaml may say, typed and checked: schema, variants, grid, conflicts, load."""
