"""Ten questions before somebody applies."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import published

NOUN = Noun(
    shared={
        "self_check.show": (published, "A tender notice is for everybody (Procurement Act 2023, section 21).")
    }
)
