"""How a net is trained and measured. Hashed into every run, but for `cuda`.

An optimizer is a file in optimizers/, a schedule one in schedules/, each with its description in
recipe.py. An engine is a file in engines/ and a line in choose.py.
"""
