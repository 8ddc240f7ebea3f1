"""Setting periods, placing and lifting holds, and the run that erases what is due."""

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select, text

from evaluation.inquiries.erasure import erase_inquiries
from portal import clock
from portal.accounts.access import Actor
from portal.agreements.erasure import erase_agreement
from portal.audit.services import Doer, record
from portal.call_offs.models import CallOff
from portal.children.erasure import erase_child, erase_child_files
from portal.commissioning.services import blank_referral, erase_referral
from portal.competitions.services import blank_answers_of
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.finding.services import erase_declined_need, erase_searches_of
from portal.lifecycle import move
from portal.mail.services import erase_letter
from portal.personal_data import queries
from portal.personal_data.children_access import about_child
from portal.personal_data.kinds import KINDS
from portal.personal_data.lifecycle import LEGAL_HOLD
from portal.personal_data.models import LegalHold, RetentionPolicy
from portal.personal_data.subject_access import about_named, about_person, about_referral
from portal.profiles.services import erase_connected_person
from portal.shortlists.services import erase_shortlist
from portal.sign_in.erasure import erase_person
from tender.applications.erasure import erase_application

LONGEST = 1200
AT_MOST = 100_000


def _erase_tender(application_id: int, *, by: Doer) -> None:
    """What an application said, and what was asked and answered about it afterwards."""
    with transaction():
        erase_inquiries(application_id, by=by)
        erase_application(application_id, by=by)


def _erase_referral(referral_id: int, *, by: Doer) -> None:
    """A referral goes as a whole, but for the one that a school has chosen: its choice names the row."""
    with transaction() as session:
        chosen = session.scalar(select(select(CallOff.id).where(CallOff.referral_id == referral_id).exists()))
        if chosen:
            blank_answers_of(referral_id)
        (blank_referral if chosen else erase_referral)(referral_id, by=by)


def _erase_person(person_id: int, *, by: Doer) -> None:
    """An account goes with the searches that were saved under it."""
    with transaction():
        erase_searches_of(person_id)
        erase_person(person_id, by=by)


# Who erases what: only a noun writes its own rows.
_ERASERS: dict[str, Callable[..., None]] = {
    "referral": _erase_referral,
    "child": erase_child,
    "call_off": erase_child_files,
    "placement_agreement": erase_agreement,
    "application": _erase_tender,
    "letter": erase_letter,
    "person": _erase_person,
    "connected_person": erase_connected_person,
    "shortlist": erase_shortlist,
    "declined_need": erase_declined_need,
}

log = logging.getLogger(__name__)


def set_period(*, kind: str, months: int, applies_from: date, source: str, by: Actor) -> None:
    """Keep a kind of record for `months` from a day on.

    Raises `Refusal` for a period shorter than the law allows, a day in the past, a day that has a period
    already, and a missing source.
    """
    shortest = KINDS[kind].shortest
    if not shortest <= months <= LONGEST:
        raise Refusal(f"Give a period from {shortest} to {LONGEST:,} months.", field="months")
    if applies_from < clock.today():
        raise Refusal("The new period must begin today or later.", field="applies_from")
    if not source.strip():
        raise Refusal("Say where the period comes from: a law, or the council's schedule.", field="source")
    with transaction() as session:
        taken = select(RetentionPolicy.id).where(
            RetentionPolicy.kind == kind, RetentionPolicy.applies_from == applies_from
        )
        session.execute(text("LOCK TABLE retention_policy IN SHARE ROW EXCLUSIVE MODE"))
        if session.scalar(taken) is not None:
            raise Refusal("A period begins on that day already. Choose a later day.", field="applies_from")
        policy = RetentionPolicy(
            kind=kind,
            months=months,
            applies_from=applies_from,
            source=source.strip(),
            set_at=clock.now(),
            set_by_id=by.person_id,
        )
        session.add(policy)
        session.flush()
        record("retention.set_period", "retention_policy", policy.id, by=by, kind=kind, months=months)


def place_hold(*, subject_type: str, named: str, reason: str, by: Actor) -> int:
    """Keep everything of a subject, however old, and return the hold's id.

    Raises `Refusal` when nothing, or more than one thing, has that name, and without a reason.
    """
    if not reason.strip():
        raise Refusal("Say why this must be kept, for instance a claim or an inquiry.", field="reason")
    found = queries.subject_of(subject_type, named.strip())
    if found is None:
        raise Refusal("Nothing here has exactly this name. Check it and type it again.", field="named")
    with transaction() as session:
        hold = LegalHold(
            subject_type=subject_type,
            subject_id=found[0],
            subject_title=found[1],
            reason=reason.strip(),
            placed_at=clock.now(),
            placed_by_id=by.person_id,
        )
        session.add(hold)
        session.flush()
        record("legal_hold.place", "legal_hold", hold.id, by=by, type=subject_type, held=found[0])
    return hold.id


def lift_hold(*, hold_id: int, reason: str, by: Actor) -> None:
    """Let the periods count again. Raises `NotFound`, `MoveRefused`, and `Refusal` without a reason."""
    if not reason.strip():
        raise Refusal("Say why the hold is no longer needed.", field="reason")
    with transaction() as session:
        hold = session.get(LegalHold, hold_id, with_for_update=True, populate_existing=True)
        if hold is None:
            raise NotFound()
        hold.lift_reason = reason.strip()
        move(LEGAL_HOLD, hold, "lift", by=by)


KINDS_OF_FILES = ("person", "referral", "connected_person", "child")


def export(*, about: str, by: Doer, school: str = "") -> dict[str, Any] | None:
    """What is held on a person (by e-mail address), a child's referral (by its reference), somebody whom a
    provider's profile names (by exact name) or, with a `school` (whole name), a child that it has named (by
    exact name, or UPN); else None.

    That it was put together is recorded, for a child where the school's safeguarding lead sees it as well.
    """
    with transaction():
        if school.strip():
            held = about_child(about, school, by=by)
        else:
            held = about_person(about) if "@" in about else about_referral(about) or about_named(about)
        if held is not None:
            what = next(each for each in KINDS_OF_FILES if each in held)
            record("personal_data.export", what, held[what]["id"], by=by)
    return held


def run(*, by: Doer, report: Callable[[queries.Due], None] = lambda record: None) -> tuple[int, int]:
    """Erase all that is due, each in a transaction of its own; returns how many went and how many failed.

    What fails is logged and stays due, and so does what is beyond 100,000 records. A hold that is placed
    while the run goes on is honoured: each record is asked for again, under a lock that a new hold waits
    for, before it goes.
    """
    gone = failed = 0
    records, _ = queries.due(most=AT_MOST)
    for each in records:
        try:
            erased = _erase(each, by)
        except Exception:
            log.exception("A record that is due could not be erased.", extra={"record": each.title})
            failed += 1
            continue
        if erased:
            gone += 1
            report(each)
    return gone, failed


def _erase(due: queries.Due, by: Doer) -> bool:
    with transaction() as session:
        session.execute(text("LOCK TABLE legal_hold IN SHARE MODE"))
        if not queries.still_due(due):
            return False
        _ERASERS[due.subject_type](due.subject_id, by=by)
        record(
            "retention.erase", due.subject_type, due.subject_id, by=by, kind=due.kind, policy=due.policy_id
        )
    return True
