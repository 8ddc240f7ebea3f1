"""A person's own ways in, and what was typed before a session ended."""

from tests.architecture.access.cast import HALF_IN, STRANGER
from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import NOT_NOW, SIGN_IN, YES, Case, person
from tests.architecture.access.things import thing


def second_factors(case: Case) -> str:
    """Whoever is signed in; a page of the way in sends others there by itself, and a new address its owner to
    the letter."""
    if case.viewer in (STRANGER, HALF_IN):
        return SIGN_IN
    return YES if case.viewer.confirmed else NOT_NOW


def own_passkey(case: Case) -> str:
    """As every second factor, and that very person alone."""
    answer = second_factors(case)
    return person(case) if answer == YES else answer


NOUN = Noun(
    things=(
        thing("kept form", "kept_form", ("",), state="''", owners={"person": "person_id"}, kept_id="id"),
        thing("passkey", "passkey", ("",), state="''", owners={"person": "person_id"}, passkey_id="id"),
    ),
    of_things={"kept form": person, "passkey": own_passkey},
    of_routes={
        **dict.fromkeys(
            (
                "factors.add_passkey",
                "factors.app",
                "factors.choose",
                "factors.passkey_options",
                "factors.recovery_codes",
                "factors.remove_app",
                "factors.show_passkeys",
            ),
            second_factors,
        )
    },
)
