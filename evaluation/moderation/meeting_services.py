"""Holding a moderation meeting: who is there, from when to when.

The portal's own clock stamps its beginning and its end. What is agreed in between belongs to it.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.assignments.queries import panel_of
from evaluation.moderation.meeting_queries import running_meeting
from evaluation.moderation.models import Attendance, Meeting
from evaluation.moderation.services import NotTheModerator, check_moderator
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from tender.frameworks.models import Round

FEWEST_PRESENT = 2


class MeetingRuns(Conflict):
    """A meeting of this round has begun and not ended."""

    sentence = "A meeting of this round is running already. It is shown below."


class MeetingEnded(Conflict):
    """A meeting that has ended is a record."""

    sentence = "This meeting has ended, so nothing of it can be changed. Begin another one if you need it."


class MeetingChanged(Conflict):
    """Somebody else saved the meeting meanwhile: `version` is what stands."""

    sentence = (
        "Somebody else saved this meeting while you had it open. Nothing you typed is lost: look at who "
        "is ticked below, then save again."
    )

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version


class TooFewPresent(Refusal):
    """Nobody agrees a mark alone, and a moderator leads whoever does."""

    sentence = "Tick everybody who is there: at least two people, and one of them a moderator."


def begin_meeting(*, round_id: int, present: Iterable[int], observers: str, by: Actor) -> int:
    """Begin a meeting of the round's panel, now, and return its id; whoever is not `present` is away.

    Raises `NotTheModerator`, `ModerationOver`, `TooFewPresent`, and `MeetingRuns` where one has not ended.
    """
    with transaction() as session:
        round = _locked(session, round_id)
        check_moderator(round, by)
        if running_meeting(round_id) is not None:
            raise MeetingRuns
        panel = panel_of(round_id)
        there = _there(panel, present)
        meeting = Meeting(
            round_id=round_id, observers=observers.strip(), started_at=clock.now(), started_by_id=by.person_id
        )
        session.add(meeting)
        session.flush()
        session.add_all(
            Attendance(meeting_id=meeting.id, person_id=person, role=role, present=person in there)
            for person, role in panel.items()
        )
        record("meeting.begin", "round", round_id, by=by, meeting=meeting.id, present=sorted(there))
        return meeting.id


def save_meeting(
    *,
    meeting_id: int,
    present: Iterable[int],
    observers: str,
    absent_views: str,
    version: int,
    end: bool = False,
    by: Actor,
) -> None:
    """Note who is there of a meeting that runs and, with `end`, end it now; ended twice, it ends once.

    Raises `NotFound`, `NotTheModerator`, `TooFewPresent`, `MeetingEnded`, `MeetingChanged`. It can be ended
    after the results are decided as well.
    """
    with transaction() as session:
        meeting = _running(session, meeting_id, by)
        if meeting.ended_at is not None:
            if end:
                return
            raise MeetingEnded
        if meeting.version != version:
            raise MeetingChanged(meeting.version)
        rows = session.scalars(select(Attendance).where(Attendance.meeting_id == meeting_id)).all()
        there = _there({row.person_id: row.role for row in rows}, present)
        for row in rows:
            row.present = row.person_id in there
        meeting.observers, meeting.absent_views = observers.strip(), absent_views.strip()
        meeting.version += 1
        session.flush()
        record(
            "meeting.save", "round", meeting.round_id, by=by,
            meeting=meeting_id, present=sorted(there), version=meeting.version,
        )  # fmt: skip
        if end:
            meeting.ended_at, meeting.ended_by_id = clock.now(), by.person_id
            record("meeting.end", "round", meeting.round_id, by=by, meeting=meeting_id)


def _running(session: Session, meeting_id: int, by: Actor) -> Meeting:
    """The meeting with its round locked, for a moderator of the round's panel."""
    found = session.scalar(select(Meeting.round_id).where(Meeting.id == meeting_id))
    if found is None:
        raise NotFound
    round = _locked(session, found)
    if panel_of(round.id).get(by.person_id or 0) != "moderator":
        raise NotTheModerator
    return session.get_one(Meeting, meeting_id, populate_existing=True)


def _locked(session: Session, round_id: int) -> Round:
    """Exclusive: a mark is agreed before a meeting, in it or after it."""
    session.flush()
    round = session.get(Round, round_id, with_for_update=True, populate_existing=True)
    if round is None:
        raise NotFound
    return round


def _there(panel: Mapping[int, str], present: Iterable[int]) -> set[int]:
    there = panel.keys() & set(present)
    if len(there) < FEWEST_PRESENT or all(panel[person] != "moderator" for person in there):
        raise TooFewPresent(field="present")
    return there
