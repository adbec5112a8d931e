"""Learning rates over a training, a file each. Hashed into the runs that name them."""
