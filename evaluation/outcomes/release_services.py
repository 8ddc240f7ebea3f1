"""Releasing a decided round: staged, for as long as its window runs to be cancelled, then all letters at
once; decisions final and providers admitted, at once or after a standstill.

While the window runs every letter stays held, so that a release that is cancelled has changed nothing. What
happens when it ends happens in one transaction, done by the worker in the name of whoever released.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

from sqlalchemy import select

from evaluation.challenges.queries import held_lots
from evaluation.exclusions.queries import excluding_grounds
from evaluation.exclusions.services import refuse_unless_clear
from evaluation.inquiries.waiting_queries import refuse_awaited_in
from evaluation.outcomes.admission_services import admit
from evaluation.outcomes.assessment import ADMITTED, EXCLUDED, LotOutcome
from evaluation.outcomes.letter_queries import letters_of, providers_without_letter
from evaluation.outcomes.letter_services import NotDecided
from evaluation.outcomes.letters import filling
from evaluation.outcomes.lifecycle import DECISION, RELEASE
from evaluation.outcomes.mark_queries import assessments_of
from evaluation.outcomes.models import Decision
from evaluation.outcomes.release_models import Release
from evaluation.outcomes.release_queries import Standstill, due_releases, standstill_rule
from evaluation.outcomes.services import locked_round, refuse_stale, refuse_unless_as_checked
from evaluation.summaries.queries import Coverage, coverage_of
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.errors import Conflict, Refusal
from portal.lifecycle import move
from portal.mail.models import Letter
from portal.mail.services import release_letter
from portal.web.filters import plural
from portal.worker import Job
from portal.working_days import add_working_days
from tender.applications.models import Application
from tender.frameworks import services as frameworks
from tender.frameworks.models import LEGAL_REGIMES, Framework, Round

log = logging.getLogger("portal.outcomes")
LONGEST_WINDOW = 24 * 60  # minutes
LONGEST_STANDSTILL = 60  # working days


class SummariesLacking(Refusal):
    """A criterion lacks its explanation, or a summary its approval."""


class LetterMissing(Refusal):
    """A provider would not be told."""


class LettersUnread(Refusal):
    """Somebody reads each letter before it goes."""


class TooLate(Conflict):
    """What is out cannot be called back."""

    sentence = "It is too late to cancel: the letters are out, and what they say stands."


def stage_release(
    *,
    round_id: int,
    minutes: int,
    standstill_days: int | None = None,
    before_notice: bool = False,
    by: Actor,
) -> None:
    """Let a decided round's letters go in `minutes`, until when `cancel_release` puts everything back; with 0
    they go in this very transaction.

    With `standstill_days` admissions take effect only after so many working days, which begin with the
    letters, or with the contract award notice where the law says so. Without, where the law asks for that
    notice, admissions take effect before it: `before_notice` says that the person knows. Staged again while
    one waits, or by two people at once, it is staged once; after the release it does nothing. Raises
    `NotDecided`, `SummariesLacking`, `LetterMissing`, `LettersUnread`, `ReplyAwaited`, `NotAsChecked`,
    `NotClear`, `FrameworkOver`, and `Refusal` for a window or a standstill out of bounds, or none where it is
    compulsory.
    """
    _check_bounds(minutes, standstill_days)
    if by.person_id is None:
        raise Refusal("A release needs a person.")
    with transaction() as session:
        round = locked_round(round_id, by)
        if round.state == "released":
            return
        if waiting_to_go(round_id):
            return
        ahead = _check_standstill(round, standstill_days, before_notice)
        _refuse_unready(round)
        release = Release(
            round_id=round_id,
            state="waiting",
            window_minutes=minutes,
            standstill_days=standstill_days,
            staged_at=clock.now(),
            staged_by_id=by.person_id,
            goes_at=clock.now() + timedelta(minutes=minutes),
        )
        session.add(release)
        session.flush()
        record(
            "round.stage_release", "round", round_id, by=by,
            minutes=minutes, standstill_days=standstill_days, before_notice=ahead,
        )  # fmt: skip
        if minutes == 0:
            _send(release, round, by)


def _check_bounds(minutes: int, standstill_days: int | None) -> None:
    if not 0 <= minutes <= LONGEST_WINDOW:
        raise Refusal(f"Give 0 to {LONGEST_WINDOW:,} minutes.", field="minutes")
    if standstill_days is not None and not 1 <= standstill_days <= LONGEST_STANDSTILL:
        raise Refusal(f"Give 1 to {LONGEST_STANDSTILL} working days.", field="standstill_days")


def _check_standstill(round: Round, days: int | None, before_notice: bool) -> bool:
    """How long the law lets a standstill be, whether there may be none, and what must be known then:
    `tender/regimes/regimes.toml`. Whether admissions go before a notice that the law asks for."""
    rule, compulsory = standstill_rule(round.id)
    if days is None and compulsory:
        raise Refusal(
            f"This framework's law asks for a standstill before admissions take effect ({rule.source}), and "
            "no code of its services says that they are light touch. Choose “After a standstill”.",
            field="wait",
        )
    if days is not None and days < rule.working_days:
        raise Refusal(
            f"A standstill under the {LEGAL_REGIMES[rule.regime]} is no shorter than {rule.working_days} "
            f"working days ({rule.source}). Give {rule.working_days} to {LONGEST_STANDSTILL}.",
            field="standstill_days",
        )
    ahead = days is None and bool(rule.notice)
    if ahead and not before_notice:
        raise Refusal(
            "With the letters, admissions take effect before the contract award notice. Choose “After a "
            "standstill”, or tick the box to say that you know this.",
            field="before_notice",
        )
    return ahead


def _refuse_unready(round: Round) -> None:
    if round.state != "decided":
        raise NotDecided
    if not (coverage := coverage_of(round.id)).complete:
        raise SummariesLacking(_lacking(coverage))
    if missing := providers_without_letter(round.id):
        raise LetterMissing(f"No letter is written to {', '.join(missing)}. Write it first, then release.")
    if unread := sum(row["state"] == "held" and row["read_at"] is None for row in letters_of(round.id)):
        raise LettersUnread(
            f"{plural(unread, 'letter has', 'letters have')} not been read. Read each one, and say so, "
            "before they go."
        )
    refuse_awaited_in(round.id)
    refuse_stale(round.id)
    refuse_unless_as_checked(round.id)
    _refuse_unchecked(round.id)


def _refuse_unchecked(round_id: int) -> None:
    """Who is admitted is through every exclusion check today, and who is excluded was found to be: findings
    are recorded until the letters go. Raises `NotClear`, `Refusal`."""
    decisions = db.session.execute(
        select(Decision.application_id, Decision.outcome, Decision.exclusion_ground, Organisation.name)
        .join(Application, Application.id == Decision.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .where(Application.round_id == round_id, Decision.outcome.in_((*ADMITTED, EXCLUDED)))
        .order_by(Organisation.name, Decision.id)
    ).all()
    refuse_unless_clear({each.application_id for each in decisions if each.outcome in ADMITTED}, today=True)
    excluded = [each for each in decisions if each.outcome == EXCLUDED]
    found = excluding_grounds({each.application_id for each in excluded})
    for each in excluded:
        if (each.application_id, each.exclusion_ground) not in found:
            raise Refusal(
                f"{each.name} is to be told that it is excluded, and no exclusion check excludes it for that "
                "ground any more. Look again under Exclusion checks on the round's page, or decide anew."
            )


def _lacking(coverage: Coverage) -> str:
    criteria = plural(coverage.criteria - coverage.covered, "criterion lacks its", "criteria lack their")
    tenders = plural(coverage.tenders - coverage.ready, "assessment summary is", "assessment summaries are")
    return f"{criteria} text, and {tenders} not approved. Nothing is released before."


def cancel_release(*, round_id: int, by: Actor) -> None:
    """Put a staged release back: the letters are held as before. Raises `NotFound`, and `TooLate` once its
    window is over."""
    with transaction():
        locked_round(round_id, by)
        release = waiting_to_go(round_id)
        if release is None or release.goes_at <= clock.now():
            raise TooLate
        move(RELEASE, release, "cancel", by=by, round=round_id)


def send_due(by: Doer) -> int:
    """Send every release whose window is over; return how many went. One that cannot go any more is stopped,
    with the reason for whoever released it."""
    sent = 0
    for release_id in due_releases(clock.now()):
        try:
            with transaction():
                sent += _send_one(release_id)
        except Refusal as refusal:
            log.warning("release %s stopped: %s", release_id, refusal.sentence)
            _stop(release_id, refusal.sentence, by)
    return sent


def _send_one(release_id: int) -> bool:
    release, round, by = locked_release(release_id)
    if release.state != "waiting" or release.goes_at > clock.now():
        return False
    _refuse_unready(round)
    _send(release, round, by)
    return True


def locked_release(release_id: int) -> tuple[Release, Round, Actor]:
    """A release and its round, locked in the order of all who change either; and who staged it."""
    round_id = db.session.scalars(select(Release.round_id).where(Release.id == release_id)).one()
    round = db.session.get_one(Round, round_id, with_for_update=True, populate_existing=True)
    release = db.session.get_one(Release, release_id, with_for_update=True, populate_existing=True)
    return release, round, _whoever(release)


def _whoever(release: Release) -> Actor:
    """Whoever staged a release, to act for their council."""
    name, council = db.session.execute(
        select(Person.name, Framework.council_id)
        .select_from(Release)
        .join(Person, Person.id == Release.staged_by_id)
        .join(Round, Round.id == Release.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(Release.id == release.id)
    ).one()
    return Actor(release.staged_by_id, name, organisation_id=council, organisation_kind="council")


def _stop(release_id: int, because: str, by: Doer) -> None:
    with transaction():
        release, _, _ = locked_release(release_id)
        if release.state == "waiting":
            release.stopped_because = because
            with db.session.no_autoflush:
                move(RELEASE, release, "stop", by=by, round=release.round_id)


def _send(release: Release, round: Round, by: Actor) -> None:
    """Letters out, decisions told or final, providers admitted: all of it, or nothing."""
    frameworks.mark_released(round_id=round.id, by=by)
    with db.session.no_autoflush:
        if release.standstill_days is not None and standstill_rule(round.id)[0].begins == "letters":
            release.admits_after = add_working_days(clock.today(), release.standstill_days)
        release.sent_at = clock.now()
        move(RELEASE, release, "send", by=by, round=round.id)
    held = held_lots(round.id)
    outcomes = [outcome for assessment in assessments_of(round.id) for outcome in assessment.outcomes]
    admitted = _settle(
        round.id, outcomes, lambda lot_id: release.standstill_days is not None or lot_id in held, by
    )
    days = release.standstill_days
    standstill = Standstill(days, release.admits_after) if days is not None else None
    letters = _release_letters(round.id, outcomes, held, standstill, by)
    record("round.release_outcomes", "round", round.id, by=by, letters=letters, admitted=admitted)


def _settle(round_id: int, outcomes: Sequence[LotOutcome], waits: Callable[[int], bool], by: Actor) -> int:
    """Make every decision final, but for admissions that wait; return how many took effect."""
    told = {(outcome.application_id, outcome.lot_id): outcome for outcome in outcomes}
    decisions = db.session.scalars(
        select(Decision)
        .join(Application, Application.id == Decision.application_id)
        .where(Application.round_id == round_id)
        .order_by(Decision.id)
        .with_for_update(of=Decision)
        .execution_options(populate_existing=True)
    ).all()
    entering: list[LotOutcome] = []
    for decision in decisions:
        outcome = told[decision.application_id, decision.lot_id]
        if outcome.admits and waits(decision.lot_id):
            move(DECISION, decision, "tell", by=by)
            continue
        move(DECISION, decision, "release", by=by)
        entering += [outcome] if outcome.admits else []
    admit(round_id, entering, by)
    return len(entering)


def _release_letters(
    round_id: int,
    outcomes: Sequence[LotOutcome],
    held: Collection[int],
    standstill: Standstill | None,
    by: Actor,
) -> int:
    """Let every letter go, each with what its own admissions wait for; return how many went."""
    ids = [row["id"] for row in letters_of(round_id) if row["state"] == "held"]
    told: dict[str, list[LotOutcome]] = {}
    for outcome in outcomes:
        told.setdefault(str(outcome.application_id), []).append(outcome)
    for letter in db.session.scalars(
        select(Letter).where(Letter.id.in_(ids)).order_by(Letter.id).with_for_update()
    ):
        days = filling(clock.today(), standstill, outcomes=told.get(letter.subject_id, ()), held=held)
        release_letter(letter, by=by, filling=days)
    return len(ids)


def waiting_to_go(round_id: int) -> Release | None:
    """The release of a round whose window runs, locked; None where none does."""
    return db.session.scalars(
        select(Release)
        .where(Release.round_id == round_id, Release.state == "waiting")
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


RELEASES = Job("release outcomes", lambda _, by: send_due(by), pause=5)
"""Sends what is due."""
