"""Registering the invented people and organisations."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.organisation_services import check
from portal.accounts.queries import actor_by_email
from portal.accounts.services import register_organisation, register_person, register_provider
from portal.development.demonstration.cast import (
    COUNCIL_PEOPLE,
    PASSWORD,
    PROVIDERS,
    SCHOOLS,
    Provider,
    address_of,
)
from portal.development.second_steps import enrol_invented


@dataclass(frozen=True)
class Company:
    """The people of the demonstration, ready to act."""

    lead: Actor
    evaluators: tuple[Actor, ...]
    moderator: Actor
    approver: Actor
    providers: tuple[tuple[Provider, Actor], ...]
    schools: tuple[Actor, ...]


def register_everyone(council_name: str, *, providers: int, schools: int) -> Company:
    """Register the council's people, the first so many providers, and the first so many schools."""
    council = register_organisation(kind="council", name=council_name, by=THE_PORTAL)
    for name, email, roles in COUNCIL_PEOPLE:
        register_person(
            name=name, email=email, password=PASSWORD, organisation=council, roles=roles, by=THE_PORTAL
        )
        enrol_invented(actor_by_email(email))
    administrator = _council_person("administrator")[0]
    return Company(
        lead=_council_person("procurement_lead")[0],
        evaluators=tuple(_council_person("evaluator")),
        moderator=_council_person("moderator")[0],
        approver=_council_person("approver")[0],
        providers=tuple((provider, _register(provider, administrator)) for provider in PROVIDERS[:providers]),
        schools=_register_schools(schools),
    )


def _council_person(role: str) -> Sequence[Actor]:
    return [actor_by_email(email) for _, email, roles in COUNCIL_PEOPLE if role in roles]


def _register(provider: Provider, by: Actor) -> Actor:
    email = address_of(provider.name)
    register_provider(
        organisation_name=provider.name,
        postcode=provider.postcode,
        identifiers=[provider.identifier] if provider.identifier else [],
        name=provider.person,
        email=email,
        password=PASSWORD,
        confirmed=True,
    )
    person = actor_by_email(email)
    check(organisation_id=person.organisation_id or 0, by=by)
    return actor_by_email(email)


def _register_schools(count: int) -> tuple[Actor, ...]:
    for school in SCHOOLS[:count]:
        organisation = register_organisation(
            kind="school", name=school.name, postcode=school.postcode, by=THE_PORTAL, checked=True
        )
        register_person(
            name=school.person,
            email=address_of(school.name),
            password=PASSWORD,
            organisation=organisation,
            roles=["commissioner"],
            by=THE_PORTAL,
        )
    return tuple(actor_by_email(address_of(school.name)) for school in SCHOOLS[:count])
