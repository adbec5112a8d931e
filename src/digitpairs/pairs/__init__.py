"""Seeded pair sets, their folds and pixels. Hashed into every run."""
