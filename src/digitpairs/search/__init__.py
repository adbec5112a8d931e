"""The search for hyperparameters: who wins, judged on validation folds alone."""
