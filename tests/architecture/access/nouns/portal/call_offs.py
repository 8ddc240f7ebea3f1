"""Requests and choices: of the school that asks; the chosen provider reads a choice while it stands."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, owner, shown
from tests.architecture.access.things import thing


def choice(case: Case) -> str:
    """Its school always; its provider until it is cancelled."""
    return shown(case.own and (case.viewer.kind != "provider" or case.state == "chosen"))


NOUN = Noun(
    things=(
        thing(
            "request",
            "(SELECT DISTINCT request_id, school_id FROM referral) AS request",
            ("",),
            state="''",
            owners={"school": "school_id"},
            request_uuid="request_id",
        ),
        thing(
            "choice",
            "call_off",
            ("chosen", "cancelled"),
            state="state",
            owners={"provider": "provider_id", "school": "school_id"},
            call_off_id="id",
        ),
    ),
    of_things={"request": owner, "choice": choice},
    only_while={"call_offs.confirm": frozenset({"accepted"}), "call_offs.cancel": frozenset({"chosen"})},
)
