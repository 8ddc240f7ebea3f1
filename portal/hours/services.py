"""Setting what counts as full-time, opening and closing cases, keeping a child's other sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.letters import write_to_members
from portal.accounts.models import Organisation
from portal.audit.services import Doer, record
from portal.children.models import Child
from portal.database import transaction
from portal.directory.offer import SESSIONS
from portal.errors import NotFound, Refusal
from portal.hours import letters
from portal.hours.lifecycle import REGISTRATION_CASE
from portal.hours.models import (
    FINDINGS,
    FINDINGS_OF_CHILD,
    SLOT_KINDS,
    ChildSlot,
    HoursRule,
    RegistrationCase,
)
from portal.hours.queries import children_beyond, facts_on, providers_at_the_test, rules_in_force
from portal.hours.rules import Rules, end_of_term
from portal.lifecycle import move
from portal.mail.words import Words
from portal.worker import HOUR, Job

# Two that look at the same time open one case: the second waits, and finds it.
_LOCK = 7_260_377


def set_rules(*, rules: Rules, by: Actor) -> None:
    """Let these figures count from now on. Raises `NotFound` and `Refusal` with the field that is wrong."""
    if not by.may("settings:manage"):
        raise NotFound()
    if not rules.source.strip():
        raise Refusal("Say where the figures come from.", field="source")
    if rules.near_hours > rules.full_time_hours:
        raise Refusal(
            f"You count {rules.full_time_hours:g} hours as full-time, but {rules.near_hours:g} as near it."
            " Lower one or raise the other.",
            field="near_hours",
        )
    if rules.near_pupils > rules.pupils:
        raise Refusal(
            f"You count {rules.pupils} pupils as a school, but {rules.near_pupils} as near it."
            " Lower one or raise the other.",
            field="near_pupils",
        )
    with transaction() as session:
        if rules == rules_in_force():
            return
        session.add(HoursRule(**asdict(rules), set_at=clock.now(), set_by_id=by.person_id))
        session.flush()
        said = {name: str(value) for name, value in asdict(rules).items()}
        record("hours.set_rules", "hours_rule", 1, by=by, **said)
        _open_cases(session, by)


def open_cases(*, by: Doer) -> int:
    """Open a case for every provider whose agreed hours meet the test, and tell officers and provider; and
    one for every child whose agreements add up or clash, of which officers alone are told. How many.

    Run as often as you like.
    """
    with transaction() as session:
        return _open_cases(session, by)


def when_version_is_agreed(_: object, *, by: Doer) -> None:
    """Look at once, in the transaction in which an agreement, or a variation, comes into force."""
    open_cases(by=by)


WATCHING = Job("watch agreed hours", lambda settings, by: open_cases(by=by), pause=HOUR)


def close_case(*, case_id: int, finding: str, note: str, seen: Sequence[str], by: Actor) -> None:
    """Say what was found of a case of one's own council, over the facts that its page showed
    (`queries.facts_on`): what was agreed meanwhile nobody has looked at.

    Raises `NotFound`, `MoveRefused` when it is closed, and `Refusal` without a finding or a note, or when
    other facts count by now.
    """
    if not note.strip():
        raise Refusal("Say what you looked at and what follows.", field="note")
    with transaction() as session:
        case = session.get(RegistrationCase, case_id, with_for_update=True, populate_existing=True)
        if case is None or not by.may("hours:decide") or case.council_id != by.organisation_id:
            raise NotFound()
        if finding not in (FINDINGS_OF_CHILD if case.child_id else FINDINGS):
            raise Refusal("Choose what you found.", field="finding")
        if (case.state, case.finding, case.note) == ("closed", finding, note.strip()):
            return  # a second click
        if REGISTRATION_CASE.allows("close", case.state):
            day = max(case.day, clock.today())
            now = facts_on(day, provider_id=case.provider_id, child_id=case.child_id)
            if set(now) != set(seen):
                raise Refusal(
                    "Since you opened this page something else counts: hours were agreed or ended, or a child"
                    " has a plan now. Look at what is shown, and close the case if your finding still holds."
                )
            case.finding, case.note = finding, note.strip()
            case.facts, case.settled_until = now, end_of_term(day)
        move(REGISTRATION_CASE, case, "close", by=by, finding=finding)


def keep_slots(*, child_id: int, slots: Mapping[str, str], by: Actor) -> None:
    """Keep what a school has planned for its child beside agreements: a kind for each session that is named.

    What is not in `slots` is not planned any more. Raises `NotFound` for another school's child, `Refusal`
    with the session as its field for what cannot be kept.
    """
    for code, kind in slots.items():
        if code not in SESSIONS or kind not in SLOT_KINDS:
            raise Refusal("Choose from the list.", field=code)
    with transaction() as session:
        child = session.get(Child, child_id, with_for_update=True, populate_existing=True)
        if child is None or not by.may("hours:keep") or child.school_id != by.organisation_id:
            raise NotFound()
        before = session.scalars(select(ChildSlot).where(ChildSlot.child_id == child_id)).all()
        if {slot.session: slot.kind for slot in before} == dict(slots):
            return
        for slot in before:
            session.delete(slot)
        session.flush()
        kept = {"child_id": child_id, "kept_on": clock.today(), "kept_by_id": by.person_id}
        session.add_all(ChildSlot(session=code, kind=kind, **kept) for code, kind in slots.items())
        record("child.plan_week", "child", child_id, by=by, sessions=sorted(slots))


def _open_cases(session: Session, by: Doer) -> int:
    session.flush()
    session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    hours, now = rules_in_force().full_time_hours, clock.now()
    cases = [RegistrationCase(**each, hours=hours, opened_at=now) for each in providers_at_the_test()]
    cases += [
        RegistrationCase(
            child_id=each.child_id,
            council_id=each.council_id,
            day=each.day,
            full_time=int(each.full_time),
            protected=int(each.full_time and each.protected),
            hours=hours,
            agreed_hours=each.hours,
            clashes=each.clashes,
            opened_at=now,
        )
        for each in children_beyond()
    ]
    for case in cases:
        session.add(case)
        session.flush()
        counted = {"full_time": case.full_time, "protected": case.protected, "day": case.day.isoformat()}
        about = {"child": case.child_id} if case.child_id else {"provider": case.provider_id}
        record("registration_case.open", "registration_case", case.id, by=by, **about, **counted)
        _tell(session, case, by)
    return len(cases)


def _tell(session: Session, case: RegistrationCase, by: Doer) -> None:
    if case.child_id:
        _write(case, case.council_id, "hours:decide", letters.child_case_opened(), by)
        return
    assert case.provider_id
    provider = session.scalars(select(Organisation.name).where(Organisation.id == case.provider_id)).one()
    to_council = letters.case_opened(
        provider=provider,
        day=case.day,
        full_time=case.full_time,
        protected=case.protected,
        hours=case.hours,
    )
    to_provider = letters.provider_told(provider=provider, hours=case.hours)
    _write(case, case.council_id, "hours:decide", to_council, by)
    _write(case, case.provider_id, "standing:follow", to_provider, by)


def _write(case: RegistrationCase, organisation_id: int, permission: str, words: Words, by: Doer) -> None:
    write_to_members(
        organisation_id,
        permission,
        words,
        key=f"registration_case:{case.id}:opened",
        subject_type="registration_case",
        subject_id=case.id,
        by=by,
    )
