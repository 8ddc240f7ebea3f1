"""Signing what a school has checked of a provider itself."""

from datetime import date

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.commissioning.check_queries import service_to_check
from portal.commissioning.models import SchoolCheck
from portal.commissioning.own_checks import OWN_CHECKS
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.web.words import count_words

LONGEST_NOTE = 150  # words
LONGEST_NAME = 100  # characters


def sign_check(*, service_id: int, kind: str, done_on: date, done_by: str, note: str, by: Actor) -> None:
    """Sign one check of the provider of a service, for the whole school. Sent twice it is signed once.

    Raises `NotFound` for who may not sign or a service that the school cannot know, and `Refusal` with the
    field for an unknown kind, a day that is not over, a missing name or a missing note.
    """
    if kind not in OWN_CHECKS:
        raise Refusal("Choose what was checked.", field="kind")
    if done_on > clock.today():
        raise Refusal("The day of the check must not be in the future.", field="done_on")
    if not 0 < len(done_by.strip()) <= LONGEST_NAME:
        raise Refusal("Say who checked it, by name.", field="done_by")
    if not 0 < count_words(note) <= LONGEST_NOTE:
        raise Refusal(f"Say what was seen, in 1 to {LONGEST_NOTE} words.", field="note")
    if not by.may("check:sign"):
        raise NotFound()
    with transaction() as session:
        provider_id = service_to_check(by, service_id).provider_id
        said = {
            "school_id": by.organisation_id,
            "provider_id": provider_id,
            "kind": kind,
            "done_on": done_on,
            "done_by": done_by.strip(),
            "note": note.strip(),
            "signed_by_id": by.person_id,
        }
        if session.scalar(select(select(SchoolCheck.id).filter_by(**said).exists())):
            return  # a second click
        check = SchoolCheck(**said, signed_at=clock.now())
        session.add(check)
        session.flush()
        record(
            "school_check.sign", "school_check", check.id, by=by,
            provider=provider_id, kind=kind, done_on=done_on.isoformat(),
        )  # fmt: skip
