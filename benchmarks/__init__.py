"""What the training and the workflow cost, held against goals: `python -m benchmarks`."""
