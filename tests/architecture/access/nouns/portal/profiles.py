"""What a provider says of itself."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import owner
from tests.architecture.access.things import PROVIDERS, thing

NOUN = Noun(
    things=(
        thing("connected person", "connected_person", ("",), state="''", owners=PROVIDERS, connected_id="id"),
        thing("exclusion ground", "exclusion_ground", ("",), state="''", owners=PROVIDERS, ground_id="id"),
    ),
    of_things={"connected person": owner, "exclusion ground": owner},
)
