"""How a net is trained and measured. Hashed into every run, but for `cuda`."""
