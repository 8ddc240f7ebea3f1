"""Receipts as files."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import receipt

NOUN = Noun(of_routes={"receipts.pdf": receipt})
