"""What Snakemake is told: steps, stamps, handover, and what stands on the console."""
