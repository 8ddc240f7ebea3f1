"""Reading by what a provider is known."""

from sqlalchemy import Select, literal, select, union_all

from evaluation.masking.words import Identifier, Mask, mask_for
from portal.accounts.models import Membership, Organisation, OrganisationIdentifier, Person
from portal.database import db
from portal.directory.models import Service, Site
from portal.profiles.models import ConnectedPerson, Profile, ShareCode
from tender.applications.models import Application

TENDERER = "tenderer"
PEOPLE = ("psc", "director", "other_individual")
"""The kinds of connected persons that are people; the others are organisations."""

_OF_ORGANISATION = (
    ("name", Organisation.name),
    ("web", Organisation.website),
    ("number", Organisation.telephone),
    ("place", Organisation.address),
    ("place", Organisation.postcode),
)
_OF_PROFILE = (
    ("name", Profile.trading_name),
    ("web", Profile.website),
    ("place", Profile.registered_address),
    ("place", Profile.postal_address),
    ("person", Profile.contact_name),
    ("email", Profile.contact_email),
    ("number", Profile.contact_telephone),
    ("person", Profile.dsl_name),
    ("email", Profile.dsl_email),
    ("number", Profile.dsl_telephone),
)


def mask_of(provider_id: int, round_id: int) -> tuple[Mask, list[str]]:
    """What hides this provider in text: its names, numbers, addresses, services, and its people now and
    before; and the names of all tenderers of a round, by which no text tells one from another. One statement.
    """
    tenderers = (
        select(literal(TENDERER), Organisation.name)
        .join(Application, Application.provider_id == Organisation.id)
        .where(Application.round_id == round_id, Application.state == "submitted")
    )
    rows = db.session.execute(union_all(*_statements(provider_id), tenderers)).all()
    mask = mask_for(Identifier(kind, text or "") for kind, text in rows if kind != TENDERER)
    return mask, sorted(text for kind, text in rows if kind == TENDERER)


def _statements(provider_id: int) -> list[Select[tuple[str, str]]]:
    found = [
        select(literal(kind), column).where(Organisation.id == provider_id)
        for kind, column in _OF_ORGANISATION
    ]
    found += [
        select(literal(kind), column).where(Profile.provider_id == provider_id)
        for kind, column in _OF_PROFILE
    ]
    member = Membership.person_id == Person.id
    theirs = Membership.organisation_id == provider_id
    return [
        *found,
        select(literal("number"), OrganisationIdentifier.value).where(
            OrganisationIdentifier.organisation_id == provider_id
        ),
        select(literal("person"), ConnectedPerson.name).where(
            ConnectedPerson.provider_id == provider_id, ConnectedPerson.kind.in_(PEOPLE)
        ),
        select(literal("name"), ConnectedPerson.name).where(
            ConnectedPerson.provider_id == provider_id, ConnectedPerson.kind.not_in(PEOPLE)
        ),
        select(literal("place"), Service.postcode).where(Service.provider_id == provider_id),
        *(
            select(literal(kind), column)
            .join(Service, Service.id == Site.service_id)
            .where(Service.provider_id == provider_id)
            for kind, column in (("place", Site.address), ("place", Site.postcode), ("name", Site.run_by))
        ),
        select(literal("number"), Service.urn).where(Service.provider_id == provider_id),
        select(literal("number"), ShareCode.code).where(ShareCode.provider_id == provider_id),
        select(literal("person"), Person.name).join(Membership, member).where(theirs),
        select(literal("email"), Person.email).join(Membership, member).where(theirs),
    ]
