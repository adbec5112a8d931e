"""What the paper printed: mean and std of the best test accuracy over 15 runs."""

PUBLISHED = {
    "mlp": (0.807, 0.015),  # Tables 1 and 3
    "convnet": (0.834, 0.011),  # Tables 1 and 3
    "siamese_mlp": (0.810, 0.013),  # Table 2
    "siamese_convnet": (0.842, 0.011),  # Tables 2 and 3
    "siamese_convnet_shared": (0.856, 0.011),  # Table 3
    "siamese_convnet_shared_aux_100": (0.946, 0.010),  # Table 3
}
