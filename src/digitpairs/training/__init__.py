"""How a net is trained and measured. Hashed into every run, but for `cuda`.

An optimizer is a file beside adam.py, an engine a file in engines/ and a line in choose.py.
"""
