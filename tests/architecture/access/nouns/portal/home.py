"""Pages that name nothing."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import everybody
from tests.architecture.access.things import thing

NOUN = Noun(
    things=(thing("nothing", "(SELECT) AS one", ("",), state="''", owners={}),),
    of_things={"nothing": everybody},
)
