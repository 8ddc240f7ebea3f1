"""Choices with a child, and files beside it. Everybody is invented."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.call_offs.services import cancel_call_off
from portal.children.file_services import add_file
from portal.children.services import identify_child
from portal.children.upn import check_letter
from portal.commissioning.models import Referral
from portal.database import db
from portal.directory.models import Service
from tests.factories.accounts import a_person, a_school_person
from tests.factories.applications import a_file
from tests.factories.call_offs import choose
from tests.factories.commissioning import PORTAL_URL, a_referral, accept
from tests.factories.directory import a_service_and_its_person

NAME = "Jamie Invented-Example"
BORN_ON = date(2012, 3, 4)


def a_upn(serial: int = 1, *, temporary: bool = False) -> str:
    """A number with the right check letter, of a school that is not there."""
    rest = f"99999998{serial:03}A" if temporary else f"99999998{serial:04}"
    return check_letter(rest) + rest


@dataclass(frozen=True)
class Chosen:
    """A choice with the people around it."""

    call_off_id: int
    referral: Referral
    school: Actor
    provider: Actor

    def colleague(self, *roles: str) -> Actor:
        """Somebody else of the school."""
        return a_person(db.session.get_one(Organisation, self.school.organisation_id), *roles)


def a_choice(school: Actor | None = None, offered: tuple[Service, Actor] | None = None) -> Chosen:
    """One provider chosen for one child of a school; who the child is, nobody has said."""
    school = school or a_school_person()
    service, provider = offered or a_service_and_its_person()
    referral = a_referral(service, school)
    accept(referral, provider)
    call_off = choose(referral, school)
    return Chosen(call_off.id, referral, school, provider)


def said(**changes: Any) -> dict[str, Any]:
    """What a school might say of a child, with some of it changed."""
    facts: dict[str, Any] = {
        "name": NAME,
        "born_on": BORN_ON,
        "upn": a_upn(),
        "no_upn_reason": "",
        "has_ehcp": True,
        "looked_after": False,
    }
    return facts | changes


def name_child(chosen: Chosen, **changes: Any) -> int:
    """Say who the child of a choice is; its id."""
    return identify_child(
        call_off_id=chosen.call_off_id, portal_url=PORTAL_URL, by=chosen.school, **said(**changes)
    )


def a_named_choice(
    school: Actor | None = None, offered: tuple[Service, Actor] | None = None, **changes: Any
) -> Chosen:
    """A choice whose child is known."""
    chosen = a_choice(school, offered)
    name_child(chosen, **changes)
    return chosen


def a_child_file(chosen: Chosen, kind: str = "risk_assessment", name: str = "policy") -> int:
    """A file given with a choice; its id."""
    return add_file(
        call_off_id=chosen.call_off_id,
        kind=kind,
        portal_url=PORTAL_URL,
        by=chosen.school,
        **a_file(name=name),
    )


def cancel(chosen: Chosen) -> None:
    """The school takes its choice back."""
    cancel_call_off(
        call_off_id=chosen.call_off_id, reason="The family moved.", portal_url=PORTAL_URL, by=chosen.school
    )
