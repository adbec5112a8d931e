"""What decides for Snakemake: steps, stamps, blocks, targets, and what the console shows."""
