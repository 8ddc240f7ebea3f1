"""Changing a standing: suspending, reviewing, reinstating, proposing and deciding a removal, answering.

Every change is written down before the standing moves, so that whoever listens to the move can read it; the
provider is told in the same transaction. `portal_url` is where people reach the portal.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.letters import write_to_members
from portal.audit.services import record
from portal.database import db, transaction
from portal.directory.models import Standing
from portal.directory.services import change_standing
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from portal.standings import letters
from portal.standings.lifecycle import CHANGE
from portal.standings.models import CAUSES, CAUSES_BY_HAND, STEPS_BY_HAND, StandingChange
from portal.standings.queries import StandingLine, change_for, heard_before, standing_for
from portal.web.words import count_words

SUSPENSIONS = ("suspend_new", "suspend")
LEAST_DAYS_TO_ANSWER = 7
"""A provider has at least so long to answer before its removal is decided. The council may give more."""
LONGEST_REVIEW = 90
"""Days after which a suspension is looked at again at the latest; a council's own rules may be stricter."""
LONGEST_ANSWER = 1_000  # words


class ProposedAlready(Conflict):
    """A removal waits to be decided."""

    sentence = "A removal is proposed for this standing and has not been decided. Nothing was changed."


class OwnProposal(Refusal):
    """Whoever proposes does not decide."""

    sentence = "You proposed this removal, so somebody else has to decide it."


class NotHeard(Refusal):
    """The provider can still answer."""

    sentence = "The provider can still answer. Decide when it has, or when its time to answer is over."


@dataclass(frozen=True, slots=True)
class Intended:
    """What somebody wants to do with a standing, and why."""

    step: str
    cause: str
    reason: str
    told_to_schools: str = ""
    representations_by: date | None = None
    review_on: date | None = None
    invited_on: date | None = None
    uninvited_because: str = ""


def change(*, standing_id: int, intended: Intended, portal_url: str, by: Actor) -> int:
    """Make a change to a standing, or propose a removal; return the change's id.

    Raises `NotFound`, `Refusal` with the field that is wrong, `ProposedAlready`, and `MoveRefused` from a
    state that does not allow the step.
    """
    if not by.may("standing:change"):
        raise NotFound()
    _check(intended)
    with transaction() as session:
        _locked(standing_id)
        line = standing_for(by, standing_id)
        proposes = intended.step == "remove"
        if proposes and _proposal_of(standing_id):
            raise ProposedAlready()
        if intended.step not in line.moves:
            raise _refused(intended.step)
        _check_hearing(intended, line)
        row = StandingChange(
            standing_id=standing_id,
            step=intended.step,
            state="proposed" if proposes else "made",
            cause=intended.cause,
            reason=intended.reason.strip(),
            told_to_schools=intended.told_to_schools.strip(),
            proposed_at=clock.now(),
            proposed_by_id=by.person_id,
            decided_at=None if proposes else clock.now(),
            decided_by_id=None if proposes else by.person_id,
            representations_by=intended.representations_by,
            review_on=intended.review_on,
            invited_on=intended.invited_on,
            uninvited_because=intended.uninvited_because.strip(),
        )
        session.add(row)
        session.flush()
        details = {"change": row.id, "cause": row.cause, "reason": row.reason}
        if proposes:
            record("standing.propose_removal", "standing", standing_id, by=by, **details)
        elif intended.step == "keep":
            record("standing.keep", "standing", standing_id, by=by, **details)
        else:
            change_standing(standing_id=standing_id, step=intended.step, by=by, **details)
        _tell_provider(line, row, portal_url, by)
    return row.id


def decide(*, change_id: int, approve: bool, note: str, portal_url: str, by: Actor) -> None:
    """Approve the removal that somebody else proposed, or return it.

    Raises `NotFound`, `OwnProposal`, `NotHeard` while the provider can still answer, `MoveRefused` when it is
    decided, and `Refusal` without a note.
    """
    if not by.may("standing:decide"):
        raise NotFound()
    if not note.strip():
        raise Refusal("Say why you decide so. It is kept in the record.", field="note")
    with transaction() as session:
        row = session.get(StandingChange, change_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound()
        found, line = change_for(by, change_id)
        if row.proposed_by_id == by.person_id:
            raise OwnProposal()
        if row.state == "proposed" and approve and not found.heard:
            raise NotHeard()
        row.decision_note = note.strip()
        move(CHANGE, row, "make" if approve else "return", by=by, standing=row.standing_id)
        session.flush()
        details = {"change": row.id, "cause": row.cause, "reason": row.reason}
        if approve:
            change_standing(standing_id=row.standing_id, step="remove", by=by, **details)
        else:
            record("standing.return_removal", "standing", row.standing_id, by=by, **details)
        _tell_provider(line, row, portal_url, by)


def answer(*, change_id: int, text: str, portal_url: str, by: Actor) -> None:
    """A provider's representations about a change: once, and until the day that it was given.

    Raises `NotFound` for another's, and `Refusal` for nothing, too much, or too late.
    """
    words = count_words(text)
    if not 0 < words <= LONGEST_ANSWER:
        raise Refusal(f"Write 1 to {LONGEST_ANSWER:,} words. This is {words:,}.", field="text")
    with transaction() as session:
        row = session.get(StandingChange, change_id, with_for_update=True, populate_existing=True)
        if row is None or by.organisation_kind != "provider" or not by.may("standing:answer"):
            raise NotFound()
        found, line = change_for(by, change_id)
        if row.representations == text.strip():
            return  # a second click
        if not found.may_answer:
            raise Refusal("You can no longer answer here: the day has passed, or you have answered already.")
        row.representations, row.represented_at = text.strip(), clock.now()
        row.represented_by_id = by.person_id
        record("standing.answer", "standing", row.standing_id, by=by, change=row.id)
        write_to_members(
            line.council_id,
            "standing:change",
            letters.answered(line, address=f"{portal_url}/standings/changes/{row.id}"),
            key=f"standing_change:{row.id}:answered",
            subject_type="standing",
            subject_id=line.id,
            by=by,
        )


def _check(intended: Intended) -> None:
    """Raise `Refusal` for what a change must say and does not."""
    today = clock.today()
    if intended.step not in STEPS_BY_HAND:
        raise Refusal("Choose what to do.", field="step")
    if intended.cause not in CAUSES_BY_HAND:
        raise Refusal("Choose the cause.", field="cause")
    if not intended.reason.strip():
        raise Refusal("Give the reason. The provider reads it.", field="reason")
    reviewed = intended.step in (*SUSPENSIONS, "keep")
    if reviewed and intended.review_on is None:
        raise Refusal("Say when the suspension is looked at again.", field="review_on")
    if not reviewed and intended.review_on is not None:
        raise Refusal("Only a suspension is reviewed. Leave the day empty.", field="review_on")
    if intended.review_on and not today < intended.review_on <= today + timedelta(days=LONGEST_REVIEW):
        raise Refusal(f"The review must be within {LONGEST_REVIEW} days from now.", field="review_on")
    until = intended.representations_by
    if intended.step == "remove" and (until is None or until < today + timedelta(days=LEAST_DAYS_TO_ANSWER)):
        raise Refusal(
            f"Give the provider at least {LEAST_DAYS_TO_ANSWER} days to answer before that is decided.",
            field="representations_by",
        )
    if until and until < today:
        raise Refusal("The last day to answer must not be in the past.", field="representations_by")


def _check_hearing(intended: Intended, line: StandingLine) -> None:
    """Raise `Refusal` where a suspension does not say whether its provider was heard before.

    Whoever takes something away hears the other side first, unless a child is at risk meanwhile; then it is
    heard at once afterwards. What eases a suspension takes nothing away.
    """
    why = intended.uninvited_because.strip()
    if intended.step not in SUSPENSIONS:
        if intended.invited_on or why:
            raise Refusal("Only for a suspension. Leave it empty.", field="invited_on")
        return
    if intended.invited_on and why:
        raise Refusal("You invited the provider: leave empty why you did not.", field="uninvited_because")
    if intended.invited_on and intended.invited_on > clock.today():
        raise Refusal("The day must be today or earlier.", field="invited_on")
    if line.state == "suspended" or intended.invited_on:
        return
    if not why:
        raise Refusal(
            "Say when you invited the provider to say something before this, or why you did not.",
            field="invited_on",
        )
    if intended.representations_by is None:
        raise Refusal(
            "You did not invite the provider before this, so say until when it can answer now.",
            field="representations_by",
        )


def _refused(step: str) -> Conflict:
    sentences = {
        "keep": "This provider is not suspended, so there is nothing to review.",
        "reinstate": "This provider is not suspended.",
        "remove": "This provider is removed already.",
    }
    return Conflict(sentences.get(step, "The standing has changed meanwhile. Look at it again, then decide."))


def _locked(standing_id: int) -> None:
    if db.session.get(Standing, standing_id, with_for_update=True, populate_existing=True) is None:
        raise NotFound()


def _proposal_of(standing_id: int) -> bool:
    proposed = exists().where(StandingChange.standing_id == standing_id, StandingChange.state == "proposed")
    return bool(db.session.scalar(select(proposed)))


def _tell_provider(line: StandingLine, row: StandingChange, portal_url: str, by: Actor) -> None:
    address = f"{portal_url}/your-standing"
    said = {"cause": CAUSES[row.cause], "reason": row.reason, "address": address}
    officer = f"{by.name}, {by.organisation_name}"
    if row.state == "proposed":
        assert row.representations_by
        words = letters.removal_proposed(
            line, proposed_by=officer, representations_by=row.representations_by, **said
        )
    elif row.state == "returned":
        words = letters.removal_returned(line, decided_by=officer, address=address)
    else:
        # An answer that was asked for before the decision is not asked for once more.
        until = None if row.step == "remove" else row.representations_by
        words = letters.change_made(
            line,
            step=row.step,
            decided_by=officer,
            heard=heard_before(row.invited_on, row.uninvited_because, who="You were"),
            representations_by=until,
            review_on=row.review_on,
            **said,
        )
    write_to_members(
        line.provider_id,
        "standing:follow",
        words,
        key=f"standing_change:{row.id}:{row.state}",
        subject_type="standing",
        subject_id=line.id,
        by=by,
    )
