"""Letting admissions that were told take effect once nothing holds them, and telling their providers that
they wait, and that they wait no more.

An admission waits for the end of a standstill, for a challenge that holds its lot, and for the checks of
exclusion grounds: what is found after the letters are out is looked at before anybody enters the register
(Procurement Act 2023, section 45(6): no award to an excluded supplier).
"""

import logging
from collections.abc import Sequence

from sqlalchemy import exists, select

from evaluation.challenges.models import Challenge
from evaluation.challenges.queries import held_lots
from evaluation.exclusions.queries import first_not_clear
from evaluation.exclusions.services import NotClear, refuse_unless_clear
from evaluation.outcomes import admission_letters as words
from evaluation.outcomes.admission_services import admit
from evaluation.outcomes.assessment import ON_CONDITIONS, LotOutcome
from evaluation.outcomes.letter_queries import ADMISSION_LETTER_SUBJECT
from evaluation.outcomes.lifecycle import DECISION
from evaluation.outcomes.models import Decision
from evaluation.outcomes.queries import outcome_of
from evaluation.outcomes.release_models import Release
from evaluation.outcomes.release_queries import due_admissions, told_admissions
from evaluation.outcomes.release_services import locked_release
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.queries import members_of
from portal.audit.services import Doer
from portal.database import db, transaction
from portal.errors import Refusal
from portal.lifecycle import move
from portal.mail.models import Letter
from portal.mail.services import write_to_each
from portal.mail.words import Words
from portal.worker import Job
from tender.frameworks.queries import published_round

log = logging.getLogger("portal.outcomes")


def admit_due(by: Doer) -> int:
    """Let each admission take effect whose standstill is over and whose lot no challenge holds; return how
    many did. One that is refused waits on, and the lead sees it."""
    admitted = 0
    for application_id, round_id, lots in due_admissions(clock.today()):
        if lots <= held_lots(round_id) or _said_to_be_checked(application_id, round_id):
            continue
        try:
            with transaction():
                admitted += _take_effect(application_id, round_id)
        except NotClear:
            with transaction():
                _tell_to_be_checked(application_id, round_id)
        except Refusal as refusal:
            log.warning("admissions of application %s wait: %s", application_id, refusal.sentence)
    return admitted


def _take_effect(application_id: int, round_id: int) -> int:
    """Let a tender's admissions take effect that nothing holds; return how many there were. Raises
    `NotClear`, `NotChecked`, `FrameworkOver`."""
    by = _releaser(round_id)
    held = held_lots(round_id)
    decisions = db.session.scalars(
        select(Decision)
        .where(
            Decision.application_id == application_id,
            Decision.state == "told",
            Decision.lot_id.not_in(held),
        )
        .order_by(Decision.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not decisions:
        return 0
    refuse_unless_clear([application_id], today=True)
    for decision in decisions:
        move(DECISION, decision, "release", by=by, application=application_id, lot=decision.lot_id)
    db.session.flush()
    outcomes = [outcome_of(application_id, decision.lot_id, round_id) for decision in decisions]
    admit(round_id, outcomes, by)
    conditions = any(outcome.outcome == ON_CONDITIONS for outcome in outcomes)
    named = words.in_effect(published_round(round_id), _names(outcomes), conditions)
    _write("effect", outcomes, named, by)
    return len(decisions)


def _releaser(round_id: int) -> Actor:
    """Whoever released a round, in whose name its admissions take effect. Locks the round."""
    release_id = db.session.scalars(
        select(Release.id).where(Release.round_id == round_id, Release.state == "sent")
    ).one()
    return locked_release(release_id)[2]


def _said_to_be_checked(application_id: int, round_id: int) -> bool:
    """Whether a tender that is not clear has been told so: then there is nothing to do, and its round is not
    locked, until a person has looked again."""
    if first_not_clear([application_id], today=True) is None:
        return False
    key = _key("to_be_checked", _unheld(application_id, round_id))
    return bool(db.session.scalar(select(exists().where(Letter.key.startswith(f"{key}:", autoescape=True)))))


def _tell_to_be_checked(application_id: int, round_id: int) -> None:
    by = _releaser(round_id)
    if waiting := _unheld(application_id, round_id):
        named = words.to_be_checked(published_round(round_id), _names(waiting))
        _write("to_be_checked", waiting, named, by)


def _unheld(application_id: int, round_id: int) -> list[LotOutcome]:
    """The admissions of a tender that were told and that no challenge holds."""
    held = held_lots(round_id)
    return [each for each in told_admissions(round_id, application_id) if each.lot_id not in held]


def when_admissions_are_held(challenge: Challenge, newly: Sequence[int], by: Actor) -> None:
    """A challenge holds admissions to lots that none held before: write to whoever was told that theirs would
    take effect."""
    tenders: dict[int, list[LotOutcome]] = {}
    for each in told_admissions(challenge.round_id):
        if each.lot_id in newly:
            tenders.setdefault(each.application_id, []).append(each)
    if tenders:
        facts = published_round(challenge.round_id)
        for waiting in tenders.values():
            _write(f"held:{challenge.id}", waiting, words.held(facts, _names(waiting)), by)


def _names(outcomes: Sequence[LotOutcome]) -> list[str]:
    return [outcome.lot_name for outcome in outcomes]


def _key(event: str, outcomes: Sequence[LotOutcome]) -> str:
    return f"admission:{event}:{'-'.join(str(outcome.decision_id) for outcome in outcomes)}"


def _write(event: str, outcomes: Sequence[LotOutcome], named: Words, by: Actor) -> None:
    """Write to the provider's administrators, or to all where it has none; of one event once."""
    first = outcomes[0]
    members = members_of([first.provider_id]).get(first.provider_id, [])
    write_to_each(
        [each for each in members if "administrator" in each["roles"]] or members,
        named,
        key=_key(event, outcomes),
        subject_type=ADMISSION_LETTER_SUBJECT,
        subject_id=first.application_id,
        organisation_id=first.provider_id,
        by=by,
    )


ADMISSIONS = Job("let admissions take effect", lambda _, by: admit_due(by), pause=5)
"""Lets admissions take effect whose time has come."""
