"""What a panel member declares: their own."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import person
from tests.architecture.access.things import thing

NOUN = Noun(
    things=(
        thing("interest", "interest", ("",), state="''", owners={"person": "person_id"}, interest_id="id"),
    ),
    of_things={"interest": person},
)
