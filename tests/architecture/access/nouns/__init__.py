"""Whose is what, and who may: one module for each package of the code, at the same path.

A new package needs no more than a module here with a `NOUN`. It is found by itself.
"""

from importlib import import_module
from pkgutil import walk_packages

from tests.architecture.access.noun import Noun

NOUNS: tuple[Noun, ...] = tuple(
    import_module(found.name).NOUN
    for found in walk_packages(__path__, prefix=f"{__name__}.")
    if not found.ispkg
)
"""What every noun declares."""
