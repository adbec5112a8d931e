"""What the paper printed: mean and std of the best test accuracy over 15 runs.

By what was trained, not by a variant's name: family, channels, hidden, weight sharing, auxiliary
weight, learning rate. So a variant that is changed no longer stands beside the paper's number.
"""

PUBLISHED = {
    ("mlp", "", "200-100", False, 0.0, 1e-4): (0.807, 0.015),  # Tables 1 and 3
    ("convnet", "128-32", "400", False, 0.0, 1e-4): (0.834, 0.011),  # Tables 1 and 3
    ("siamese_mlp", "", "150-100", False, 0.0, 1e-4): (0.810, 0.013),  # Table 2
    ("siamese_convnet", "128-32", "50", False, 0.0, 1e-4): (0.842, 0.011),  # Tables 2 and 3
    ("siamese_convnet", "128-32", "50", True, 0.0, 1e-4): (0.856, 0.011),  # Table 3
    ("siamese_convnet", "128-32", "50", True, 100.0, 1e-2): (0.946, 0.010),  # Table 3
}
