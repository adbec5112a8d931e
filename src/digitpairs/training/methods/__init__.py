"""Methods that a recipe may add to the loop. A file each."""
