"""More time for a published round, and the opening of its tender box: by two people, or by one."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from portal.web.filters import uk_datetime
from tender.frameworks import queries
from tender.frameworks.closing import box_opens_from, closed_for_all_at, closes_for_everyone_at
from tender.frameworks.facts import RoundFacts
from tender.frameworks.lifecycle import ROUND
from tender.frameworks.models import BoxOpening, Extension, Framework, Round
from tender.frameworks.queries import TIME_TO_CONFIRM, may_confirm
from tender.frameworks.refusals import StillShut
from tender.frameworks.services import locked_round


def extend_round(
    *,
    by: Actor,
    round_id: int,
    closes_at: datetime,
    reason: str,
    for_everyone: bool = True,
    fairness: str = "",
    questions_until: datetime | None = None,
    answers_by: datetime | None = None,
) -> Extension:
    """Let a published round close later, for everyone or for applications that the caller names next.

    The published closing time stays as it is; the extension stands beside it. It can be given after the close
    too, until the tender box is opened. Of a framework that is always open the next intake opens later by as
    much; once it is open, only named applicants can be given more time for the one before. Where it is for
    everyone, the times for questions can move too, as long as they have not passed: `questions_until` and
    `answers_by` are what they become, None what stays. Asked for twice, it is given once. Raises `NotFound`,
    `Conflict` when the round is a draft or its box is open, and `Refusal` (fields `closes_at`, `reason`,
    `fairness`, `questions_until`, `answers_by`).
    """
    reason, fairness = reason.strip(), "" if for_everyone else fairness.strip()
    with transaction() as session:
        extended = locked_round(round_id, by)
        if extended.state != "published":
            raise Conflict("Only a published round whose tender box is shut can be given more time.")
        if not reason:
            raise Refusal("Say why the round closes later. Everyone who is told reads it.", field="reason")
        if not for_everyone and not fairness:
            raise Refusal("Say why more time for them is fair to the others.", field="fairness")
        wanted = {
            "closes_at": closes_at,
            "for_everyone": for_everyone,
            "reason": reason,
            "fairness": fairness,
            "questions_until": questions_until if for_everyone else None,
            "answers_by": answers_by if for_everyone else None,
        }
        for given in session.scalars(select(Extension).where(Extension.round_id == round_id)):
            if all(getattr(given, name) == value for name, value in wanted.items()):
                return given
        _check_later(closes_at, closes_for_everyone_at(round_id))
        if for_everyone:
            facts = queries.round_for(by, round_id)
            _check_next_intake(facts, closes_at)
            _check_questions_move(facts, questions_until, answers_by, closes_at)
        extension = Extension(
            round_id=round_id, extended_at=clock.now(), extended_by_id=by.person_id, **wanted
        )
        session.add(extension)
        session.flush()
        until = {
            name: moment.isoformat()
            for name, moment in (
                ("closes_at", closes_at),
                ("questions_until", extension.questions_until),
                ("answers_by", extension.answers_by),
            )
            if moment
        }
        record(
            "round.extend",
            "round",
            round_id,
            by=by,
            extension=extension.id,
            reason=reason,
            for_everyone=for_everyone,
            **until,
        )
    return extension


def open_box(*, by: Actor, round_id: int) -> Round:
    """Open the tender box after the close; where the framework wants two people, begin to.

    The second one confirms within half an hour (`confirm_opening`); until then the round stays as it is.
    Begun twice, it is begun once. Raises `StillShut` before the last applicant's time is over, `MoveRefused`
    when the box was opened already.
    """
    with transaction() as session:
        opened = locked_round(round_id, by)
        _check_shut_no_longer(opened)
        by_two = session.scalar(select(Framework.opened_by_two).where(Framework.id == opened.framework_id))
        if opened.state != "published" or not by_two:
            _open(opened, by)
        elif _standing(session, round_id) is None:
            opening = BoxOpening(round_id=round_id, begun_at=clock.now(), begun_by_id=by.person_id)
            session.add(opening)
            record("round.begin_opening", "round", round_id, by=by)
    return opened


def confirm_opening(*, by: Actor, round_id: int, opening_id: int) -> Round:
    """Open the tender box as the second person, with whoever began `opening_id`.

    Raises `NotFound` for somebody who may not, `MoveRefused` when it was opened already, `StillShut`, and
    `Refusal` for the same person or too late a confirmation.
    """
    if not may_confirm(by):
        raise NotFound()
    with transaction() as session:
        opened = locked_round(round_id, by)
        _check_shut_no_longer(opened)
        standing = _standing(session, round_id)
        if opened.state == "published":
            if standing is None or standing.id != opening_id:
                raise Refusal("More than half an hour has passed. Begin the opening again, both together.")
            if standing.begun_by_id == by.person_id:
                raise Refusal("You began this opening, so somebody else has to confirm it.")
            standing.confirmed_at, standing.confirmed_by_id = clock.now(), by.person_id
            session.flush()
        first = session.get(Person, standing.begun_by_id) if standing else None
        _open(opened, by, **({"with": first.name} if first else {}))
    return opened


def _open(opened: Round, by: Actor, **details: str) -> None:
    """Make the move; the trail keeps how many applications were in the box."""
    counts = queries.application_counts([opened.id])[opened.id]
    move(ROUND, opened, "open_box", by=by, started=counts.started, submitted=counts.submitted, **details)


def _standing(session: Session, round_id: int) -> BoxOpening | None:
    """The opening that was begun less than half an hour ago, confirmed or not."""
    return session.scalar(
        select(BoxOpening)
        .where(BoxOpening.round_id == round_id, BoxOpening.begun_at > clock.now() - TIME_TO_CONFIRM)
        .order_by(BoxOpening.id.desc())
        .limit(1)
    )


def _check_shut_no_longer(round: Round) -> None:
    closed_at = closed_for_all_at(round.id)
    if round.state == "published" and closed_at and clock.now() < closed_at:
        raise StillShut(f"This round closes at {uk_datetime(closed_at)}. Open the tender box after that.")
    opens_from = box_opens_from(round.id)
    if round.state == "published" and opens_from and clock.now() < opens_from:
        raise StillShut(
            f"Files that were promised before the close may follow until {uk_datetime(opens_from)}. "
            "Open the tender box after that."
        )


def _check_questions_move(
    facts: RoundFacts, questions_until: datetime | None, answers_by: datetime | None, closes_at: datetime
) -> None:
    """Raise `Refusal` for a time for questions that has passed, comes earlier than it is, or out of order."""
    wanted = {"questions_until": questions_until, "answers_by": answers_by}
    for name, moment in wanted.items():
        standing = getattr(facts, name)
        if moment is None:
            continue
        if standing is None:
            raise Refusal("This round takes no questions, so there is no time to move.", field=name)
        if standing <= clock.now():
            raise Refusal(f"This time has passed at {uk_datetime(standing)}, so it stays.", field=name)
        if moment < standing:
            raise Refusal(f"It is {uk_datetime(standing)} now. Give that or a later time.", field=name)
    last_question, last_answer = questions_until or facts.questions_until, answers_by or facts.answers_by
    if any(wanted.values()) and last_question and last_answer:
        if last_answer < last_question:
            raise Refusal("Answers must come after the last question.", field="answers_by")
        if last_answer > closes_at:
            raise Refusal("Answers must come before the round closes.", field="answers_by")


def _check_next_intake(facts: RoundFacts, closes_at: datetime) -> None:
    """Raise `Refusal` where the intake after this one is open, or would have no time left."""
    following = queries.intake_after(facts)
    if following is None:
        return
    if following.phase != "upcoming":
        raise Refusal(
            f"Round {following.number} has been open since {uk_datetime(following.opens_at)}, and whoever "
            "was late goes on there with all that they wrote. Give more time to named applicants only.",
            field="whom",
        )
    if closes_at >= following.closes_at:
        raise Refusal(
            f"The next intake, round {following.number}, opens when this one closes, and closes at "
            f"{uk_datetime(following.closes_at)}. Give an earlier time.",
            field="closes_at",
        )


def _check_later(closes_at: datetime, now_closes_at: datetime | None) -> None:
    if closes_at <= clock.now():
        raise Refusal("The new closing time is in the past. Give a later one.", field="closes_at")
    if now_closes_at and closes_at <= now_closes_at:
        raise Refusal(
            f"The round closes at {uk_datetime(now_closes_at)} already. Give a later time.", field="closes_at"
        )
