"""Intakes of a framework that is always open."""

from tests.architecture.access.noun import Noun

NOUN = Noun(only_while={"intakes.plan": frozenset({"draft"})})
