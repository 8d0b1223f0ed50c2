"""How the shipped encoder was trained: ``python -m index.training --help``."""
