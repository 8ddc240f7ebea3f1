"""People beside the main cast: further roles, a provider that waits for its check, a trust."""

from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.models import Organisation
from portal.accounts.queries import actor_by_email
from portal.accounts.services import register_organisation, register_person, register_provider
from portal.database import db
from portal.development.demonstration.cast import PASSWORD, address_of
from portal.development.demonstration.people import Company
from portal.organisations.join_services import ask_to_join

CERTIFIER = "certifier@copper-kettle-kitchen.example.org"
COORDINATOR = "coordinator@school.example.org"
SAFEGUARDING_LEAD = "safeguarding@school.example.org"
SCHOOL_ADMINISTRATOR = "office@school.example.org"
WAITING = "Tramline Repair Shed"
TRUST = "Ship Canal Learning Trust"
TRUST_SCHOOLS = (("Bollin Bridge High School", "M33 2TQ"), ("Ringway Green Primary School", "M22 5RN"))


def register_colleagues(company: Company, portal_url: str) -> None:
    """Register all of them."""
    provider = company.providers[0][1]
    _person("Noor Hazelwood", CERTIFIER, provider.organisation_id, "certifier")
    school = company.schools[0].organisation_id
    _person("Wendy Applethwaite", SCHOOL_ADMINISTRATOR, school, "administrator")
    _person("Dev Marchetti", COORDINATOR, school, "placement_coordinator")
    _person("Grace Ollivander", SAFEGUARDING_LEAD, school, "safeguarding_lead")
    register_provider(
        organisation_name=WAITING,
        postcode="M4 6BF",
        identifiers=[],
        name="Kit Underwood",
        email=address_of(WAITING),
        password=PASSWORD,
        confirmed=True,
    )
    stranger = register_person(
        name="Jo Tanqueray", email="jo.tanqueray@example.org", password=PASSWORD, by=THE_PORTAL
    )
    ask_to_join(
        organisation_id=provider.organisation_id or 0,
        message="I started as a cook and tutor on Monday. Dana knows me.",
        portal_url=portal_url,
        by=Actor(stranger.id, stranger.name, stranger.email),
    )
    _register_trust()


def _register_trust() -> None:
    trust = register_organisation(kind="school_group", name=TRUST, by=THE_PORTAL, checked=True)
    for name, postcode in TRUST_SCHOOLS:
        register_organisation(
            kind="school", name=name, postcode=postcode, group=trust, by=THE_PORTAL, checked=True
        )
    _person("Amara Bellingham", address_of(TRUST), trust.id, "administrator", "commissioner")


def _person(name: str, email: str, organisation_id: int | None, *roles: str) -> Actor:
    register_person(
        name=name,
        email=email,
        password=PASSWORD,
        organisation=db.session.get_one(Organisation, organisation_id),
        roles=roles,
        by=THE_PORTAL,
    )
    return actor_by_email(email)
