"""Before a GPU trains the first runs of a machine: does it compute what it should?"""
