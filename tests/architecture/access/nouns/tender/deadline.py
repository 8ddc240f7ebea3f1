"""More time for a round."""

from tests.architecture.access.noun import Noun

NOUN = Noun(only_while={"deadline.extend": frozenset({"closed", "open"})})
