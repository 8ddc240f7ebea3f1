"""Organisations and people."""

from itertools import count

from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.models import Organisation
from portal.accounts.queries import actor_by_email
from portal.accounts.services import register_organisation, register_person
from portal.development.second_steps import enrol_invented
from tests.web_client import PASSWORD

_serial = count(1)


def an_organisation(
    kind: str = "provider",
    name: str | None = None,
    postcode: str = "M1 1AE",
    *,
    checked: bool = True,
    group: Organisation | None = None,
) -> Organisation:
    """An organisation of a kind that has passed the council's check, under a name of its own."""
    name = name or f"{kind.replace('_', ' ').title()} {next(_serial)}"
    return register_organisation(
        kind=kind, name=name, postcode=postcode, by=THE_PORTAL, checked=checked, group=group
    )


def an_unchecked_organisation(kind: str = "provider", name: str | None = None) -> Organisation:
    """An organisation that waits for the council's check."""
    return an_organisation(kind, name, checked=False)


def a_trust_of(number: int = 2) -> tuple[Organisation, list[Organisation]]:
    """A group of schools, and its schools."""
    trust = an_organisation("school_group")
    return trust, [an_organisation("school", group=trust) for _ in range(number)]


def a_council_administrator(council: Organisation | None = None) -> Actor:
    """Somebody who administers a council."""
    return a_person(council or a_council(), "administrator")


def a_person(organisation: Organisation, *roles: str, name: str | None = None) -> Actor:
    """Somebody with these roles in the organisation, ready to act and to sign in with PASSWORD."""
    serial = next(_serial)
    email = f"person{serial}@example.org"
    register_person(
        name=name or f"Person {serial}",
        email=email,
        password=PASSWORD,
        organisation=organisation,
        roles=roles,
        by=THE_PORTAL,
    )
    person = actor_by_email(email)
    if organisation.kind == "council":
        enrol_invented(person)
    return person


def a_council(name: str = "Manchester City Council") -> Organisation:
    """A council."""
    return an_organisation("council", name)


def a_provider_person(name: str | None = None) -> Actor:
    """The administrator of a new provider."""
    return a_person(an_organisation("provider", name), "administrator")


def a_school_person() -> Actor:
    """The commissioner of a new school."""
    return a_person(an_organisation("school"), "commissioner")
