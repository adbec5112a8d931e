"""Which digits there are: full MNIST, or the 5,000 that a package carries."""
