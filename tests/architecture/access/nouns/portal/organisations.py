"""Organisations and who belongs to them."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, everybody, one_of_ones_own, person, shown
from tests.architecture.access.things import thing
from tests.architecture.places import INVITATION_TOKEN

JOINED = dict.fromkeys(("provider", "school", "school_group"), "organisation_id")
ANYONES = {**JOINED, "council": "organisation_id"}


def managed(case: Case) -> str:
    """Its organisation's administrators, and the council's for every organisation."""
    return shown(case.may("people:manage") or (case.own and case.may("organisation:manage")))


def joinable(case: Case) -> str:
    """Everybody, but for an organisation that is closed, or a council."""
    return shown(case.state != "deactivated")


def member_of_something(case: Case) -> str:
    """Whoever acts for an organisation."""
    return shown(bool(case.viewer.kind))


NOUN = Noun(
    things=(
        thing(
            "membership",
            "membership",
            ("active", "suspended"),
            state="CASE WHEN active THEN 'active' ELSE 'suspended' END",
            owners=ANYONES,
            membership_id="id",
        ),
        thing(
            "organisation",
            "organisation",
            ("waiting", "checked", "refused", "deactivated"),
            state="state",
            owners={},
            organisation_id="id",
        ),
        thing(
            "request to join",
            "join_request",
            ("asked",),
            state="state",
            owners={**JOINED, "person": "person_id"},
            request_id="id",
        ),
        thing(
            "invitation",
            "invitation LEFT JOIN person ON lower(person.email) = lower(invitation.email)",
            ("sent",),
            state="state",
            owners={**ANYONES, "person": "person.id"},
            invitation_id="invitation.id",
        ),
        thing(
            "letter with an invitation",
            "(SELECT) AS one",
            ("",),
            state="''",
            owners={},
            token=f"'{INVITATION_TOKEN}'",
        ),
        thing(
            "organisation to join",
            "organisation WHERE kind <> 'council'",
            ("checked", "waiting", "refused", "deactivated"),
            state="state",
            owners={},
            organisation_id="id",
        ),
    ),
    named_by={"organisations.join": ("organisation to join",)},
    of_routes={
        "organisations.act_for": one_of_ones_own,
        **dict.fromkeys(
            ("organisations.show", "organisations.leave", "organisations.ask_again"), member_of_something
        ),
        **dict.fromkeys(("organisations.asked", "organisations.own_invitation"), person),
    },
    shared={
        **dict.fromkeys(
            (
                "organisations.member",
                "organisations.suspend",
                "organisations.restore",
                "organisations.remove",
                "organisations.request_to_join",
                "organisations.approve",
                "organisations.decline",
                "organisations.send_again",
                "organisations.revoke",
            ),
            (managed, "The council's administrator helps where an organisation has nobody left who could."),
        ),
        "organisations.join": (joinable, "Whoever looks for their organisation may ask to join it."),
        "organisations.invitation": (everybody, "Whoever holds the letter is the one whom it invites."),
    },
    only_while={
        "organisations.suspend": frozenset({"active"}),
        "organisations.restore": frozenset({"suspended"}),
    },
)
