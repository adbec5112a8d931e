"""A reproducible study of nets that compare two handwritten digits."""
