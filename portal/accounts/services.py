"""Registering people and organisations."""

import re
from collections.abc import Iterable

from sqlalchemy import select

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.credentials import EmailTaken, check_password, hash_password
from portal.accounts.models import (
    IDENTIFIER_SCHEMES,
    Membership,
    Organisation,
    OrganisationIdentifier,
    Person,
)
from portal.accounts.permissions import ROLES, clash
from portal.accounts.queries import person_by_email
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import Refusal

# Shapes of the numbers, so that a slip of the finger is caught. PPON: the generator of the central digital
# platform (P, three letters, four digits, four letters of an alphabet without look-alikes).
IDENTIFIER_PATTERNS = {
    "GB-COH": r"(\d{8}|[A-Z]{2}\d{5}[\dA-Z])",
    "GB-CHC": r"\d{6,7}(-\d{1,4})?",
    "GB-SC": r"SC\d{6}",
    "GB-NIC": r"1\d{5}",
    "GB-UKPRN": r"1\d{7}",
    "GB-URN": r"\d{6}",
    "GB-UID": r"\d{1,6}",
    "GB-PPON": r"P[BCDGHJLMNPQRTVWXYZ]{3}-[1-9]{4}-[BCDGHJLMNPQRTVWXYZ]{4}",
}


class RegisteredAlready(Refusal):
    """Another organisation has this number. That is public; a colleague may ask to join it."""

    def __init__(self, sentence: str, *, organisation_id: int) -> None:
        super().__init__(sentence, field="number")
        self.organisation_id = organisation_id


def register_organisation(
    *,
    kind: str,
    name: str,
    by: Actor,
    address: str = "",
    postcode: str = "",
    website: str = "",
    telephone: str = "",
    identifiers: Iterable[tuple[str, str]] = (),
    group: Organisation | None = None,
    phase: str = "",
    authority: str = "",
    checked: bool = False,
) -> Organisation:
    """Add an organisation with its numbers (scheme, value).

    It waits for the council's check, unless it is a council or whoever calls has `checked` it (the national
    register of schools is a check). A sole trader has no number. Raises `Refusal` for a number of the wrong
    shape, `RegisteredAlready` for one that another organisation has.
    """
    checked = checked or kind == "council"
    with transaction() as session:
        organisation = Organisation(
            kind=kind,
            name=name,
            address=address,
            postcode=postcode,
            website=website,
            telephone=telephone,
            group_id=group.id if group else None,
            phase=phase,
            authority=authority,
            registered_at=clock.now(),
            state="checked" if checked else "waiting",
            checked_at=clock.now() if checked else None,
            checked_by_id=by.person_id if checked else None,
        )
        session.add(organisation)
        session.flush()
        for scheme, value in identifiers:
            session.add(
                OrganisationIdentifier(
                    organisation_id=organisation.id, scheme=scheme, value=check_identifier(scheme, value)
                )
            )
        record("organisation.register", "organisation", organisation.id, by=by, kind=kind)
    return organisation


def check_identifier(scheme: str, value: str) -> str:
    """The number in its one spelling. Raises `Refusal` when its shape is wrong or somebody else has it."""
    tidy = tidy_identifier(scheme, value)
    label = IDENTIFIER_SCHEMES[scheme]
    if not re.fullmatch(IDENTIFIER_PATTERNS[scheme], tidy, re.ASCII):
        raise Refusal(
            f"{label}: '{value}' does not have the right shape. Check it and type it again.", field="number"
        )
    taken = select(OrganisationIdentifier.organisation_id).where(
        OrganisationIdentifier.scheme == scheme, OrganisationIdentifier.value == tidy
    )
    if organisation_id := db.session.scalar(taken):
        raise RegisteredAlready(
            f"{label} {tidy} is registered already. Ask to join the organisation instead.",
            organisation_id=organisation_id,
        )
    return tidy


def tidy_identifier(scheme: str, value: str) -> str:
    """`value` as its register writes it: capitals, without spaces, with the noughts and hyphens in place."""
    tidy = re.sub(r"\s", "", value).upper()
    if scheme == "GB-COH" and re.fullmatch(r"\d{6,7}", tidy, re.ASCII):
        return tidy.zfill(8)
    if scheme == "GB-NIC":
        return tidy.removeprefix("NIC")
    if scheme == "GB-PPON" and re.fullmatch(r"\w{12}", tidy, re.ASCII):
        return f"{tidy[:4]}-{tidy[4:8]}-{tidy[8:]}"
    return tidy


def register_person(
    *,
    name: str,
    email: str,
    password: str,
    by: Actor,
    organisation: Organisation | None = None,
    roles: Iterable[str] = (),
    confirmed: bool = True,
) -> Person:
    """Add a person, with roles in an organisation or without any. `confirmed`: the address is known to be
    theirs.

    Raises `EmailTaken`, `PasswordTooWeak`, and `Refusal` for roles that one person may not hold together.
    """
    granted = sorted(set(roles))
    if unknown := set(granted) - set(ROLES[organisation.kind] if organisation else ()):
        raise ValueError(f"No such roles there: {sorted(unknown)}")
    refuse_clash(granted)
    check_password(password, name, email, organisation.name if organisation else "")
    with transaction() as session:
        if person_by_email(email):
            raise EmailTaken(field="email")
        person = Person(
            name=name,
            email=email.strip(),
            password=hash_password(password),
            registered_at=clock.now(),
            confirmed_at=clock.now() if confirmed else None,
        )
        session.add(person)
        session.flush()
        where = organisation.id if organisation else None
        if where is not None:
            session.add(Membership(person_id=person.id, organisation_id=where, roles=granted))
        record("person.register", "person", person.id, by=by, roles=granted, organisation=where)
    return person


def refuse_clash(roles: Iterable[str]) -> None:
    """Raise `Refusal` when one person may not hold these roles together (separation of duties)."""
    if pair := clash(roles):
        raise Refusal(
            f"One person cannot be both {pair[0].lower()} and {pair[1].lower()}. "
            "Give one of the roles to a colleague.",
            field="roles",
        )


def register_provider(
    *,
    organisation_name: str,
    postcode: str,
    identifiers: Iterable[tuple[str, str]],
    name: str,
    email: str,
    password: str,
    address: str = "",
    telephone: str = "",
    confirmed: bool = False,
) -> Person:
    """A provider registers itself and its first user, who administers it. One transaction."""
    with transaction():
        organisation = register_organisation(
            kind="provider",
            name=organisation_name,
            postcode=postcode,
            address=address,
            telephone=telephone,
            identifiers=identifiers,
            by=THE_PORTAL,
        )
        return register_person(
            name=name,
            email=email,
            password=password,
            organisation=organisation,
            roles=["administrator"],
            by=THE_PORTAL,
            confirmed=confirmed,
        )
