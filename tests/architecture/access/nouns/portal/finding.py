"""Saved searches: their own person's."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import person
from tests.architecture.access.things import thing

NOUN = Noun(
    things=(
        thing(
            "saved search", "saved_search", ("",), state="''", owners={"person": "person_id"}, search_id="id"
        ),
    ),
    of_things={"saved search": person},
)
