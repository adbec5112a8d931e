"""The command line: what people call, and one command a step of the pipeline."""
