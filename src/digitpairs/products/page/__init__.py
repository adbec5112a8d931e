"""The page for people who would rather look: one file that needs no network."""
