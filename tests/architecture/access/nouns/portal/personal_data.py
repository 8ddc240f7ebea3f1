"""Legal holds."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import everybody
from tests.architecture.access.things import thing

NOUN = Noun(
    things=(thing("legal hold", "legal_hold", ("",), state="''", owners={}, hold_id="id"),),
    shared={"personal_data.lift_hold": (everybody, "A legal hold is the council's, whomever it is about.")},
)
