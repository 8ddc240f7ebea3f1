"""Moderation meetings: who was there, from when to when, and what was agreed."""

from collections.abc import Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.moderation import meeting_queries as queries
from evaluation.moderation.meeting_services import (
    MeetingChanged,
    MeetingEnded,
    MeetingRuns,
    TooFewPresent,
    begin_meeting,
    save_meeting,
)
from evaluation.moderation.models import AgreedMark, Meeting
from evaluation.moderation.queries import history_of, item_for
from evaluation.moderation.services import ModerationOver, NotTheModerator, agree_mark
from evaluation.moderation.unlock_services import unlock_mark
from evaluation.records.ledger_queries import contents_of
from evaluation.records.trail_queries import compared_with_trail
from portal.accounts.access import Actor
from portal.errors import NotFound
from tender.frameworks.services import mark_decided
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.accounts import a_council, a_person
from tests.factories.evaluation import AGREED, Evaluation, a_locked_evaluation
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def locked(build: Build) -> Evaluation:
    """One tender that two evaluators locked."""
    return build(a_locked_evaluation)


def people(locked: Evaluation) -> list[int]:
    return [person.person_id for person in (locked.moderator, *locked.evaluators)]


def begin(locked: Evaluation, present: Sequence[int] | None = None, by: Actor | None = None) -> int:
    there = people(locked) if present is None else present
    return begin_meeting(
        round_id=locked.round_id, present=there, observers=" A clerk ", by=by or locked.moderator
    )


def save(
    locked: Evaluation, meeting_id: int, version: int = 1, end: bool = False, by: Actor | None = None
) -> None:
    save_meeting(
        meeting_id=meeting_id,
        present=people(locked)[:2],
        observers="A clerk",
        absent_views="Would go lower.",
        version=version,
        end=end,
        by=by or locked.moderator,
    )


def agree(locked: Evaluation, place: int = 0) -> int:
    answer_id = locked.answers()[place]
    agree_mark(answer_id=answer_id, points=2, reason=AGREED, version=0, by=locked.moderator)
    return answer_id


def test_a_meeting_records_the_panel_and_when_it_began(session: Session, locked: Evaluation) -> None:
    meeting_id = begin(locked, people(locked)[:2])
    meeting = queries.meeting_for(locked.moderator, meeting_id)
    assert (meeting["starter_name"], meeting["observers"]) == (locked.moderator.name, "A clerk")
    assert meeting["started_at"] and meeting["ended_at"] is None
    away = [row["person_id"] for row in queries.attendance_of(meeting_id) if not row["present"]]
    assert away == people(locked)[2:]


def test_marks_agreed_while_it_runs_belong_to_it(session: Session, locked: Evaluation) -> None:
    before = agree(locked, 0)
    meeting_id = begin(locked)
    during = agree(locked, 1)
    save(locked, meeting_id, end=True)
    after = agree(locked, 2)
    kept = dict(session.execute(select(AgreedMark.answer_id, AgreedMark.meeting_id)).all())
    assert kept == {before: None, during: meeting_id, after: None}
    rows, total = queries.agreed_in(locked.moderator, meeting_id)
    assert [row["answer_id"] for row in rows] == [during] and total == 1


def test_a_mark_unlocked_later_stays_in_the_meetings_record(session: Session, locked: Evaluation) -> None:
    meeting_id = begin(locked)
    answer_id = agree(locked)
    unlock_mark(answer_id=answer_id, why="Looked at again.", version=1, by=locked.moderator)
    (row,), _ = queries.agreed_in(locked.moderator, meeting_id)
    assert (row["answer_id"], row["points"], row["stands"]) == (answer_id, 2, False)
    (meeting,), _ = queries.meetings_of(locked.round_id)
    assert meeting["agreed"] == 1 and len(meeting["present"]) == 3


def test_each_mark_keeps_who_was_there_when_it_was_agreed(session: Session, locked: Evaluation) -> None:
    meeting_id = begin(locked)
    with_all = agree(locked, 0)
    save(locked, meeting_id)  # the last of the three has left
    with_two = agree(locked, 1)
    here = {person.person_id: person.name for person in (locked.moderator, *locked.evaluators)}
    told = [item_for(locked.moderator, answer_id)["met"].split(", ") for answer_id in (with_all, with_two)]
    assert [set(names) for names in told] == [set(here.values()), {here[each] for each in people(locked)[:2]}]
    unlock_mark(answer_id=with_all, why="Looked at again.", version=1, by=locked.moderator)
    (before,) = history_of(with_all)
    assert set(before["met"].split(", ")) == set(here.values())
    lines = [
        each
        for each in contents_of(locked.lead, locked.round_id, compared_with_trail(locked.round_id))
        if each["kind"] == "agreed_mark"
    ]
    assert sorted(len(line["present"]) for line in lines) == [2, 3]


def test_a_mark_agreed_without_a_meeting_names_nobody_there(session: Session, locked: Evaluation) -> None:
    assert item_for(locked.moderator, agree(locked))["met"] is None


def test_one_meeting_of_a_round_runs_at_a_time(session: Session, locked: Evaluation) -> None:
    begin(locked)
    with pytest.raises(MeetingRuns):
        begin(locked)


@pytest.mark.parametrize("places", [(), (0,), (0, 3), (1, 2)])
def test_nobody_meets_alone_or_without_a_moderator(
    session: Session, locked: Evaluation, places: tuple[int, ...]
) -> None:
    known = [*people(locked), 999_999]
    with pytest.raises(TooFewPresent):
        begin(locked, [known[place] for place in places])


def test_ended_twice_it_ends_once_and_is_a_record(session: Session, locked: Evaluation) -> None:
    meeting_id = begin(locked)
    save(locked, meeting_id, end=True)
    ended = queries.meeting_for(locked.moderator, meeting_id)["ended_at"]
    save(locked, meeting_id, end=True)
    assert queries.meeting_for(locked.moderator, meeting_id)["ended_at"] == ended
    with pytest.raises(MeetingEnded):
        save(locked, meeting_id, version=2)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE moderation_meeting SET ended_at = now()",
        "DELETE FROM meeting_attendance",
        "UPDATE meeting_attendance SET present = false",
    ],
)
def test_the_database_keeps_an_ended_meeting_as_it_is(
    session: Session, locked: Evaluation, change: str
) -> None:
    save(locked, begin(locked), end=True)
    with pytest.raises(IntegrityError, match="it is a record"):
        session.execute(text(change))


def test_of_two_who_save_the_second_is_told(session: Session, locked: Evaluation) -> None:
    meeting_id = begin(locked)
    save(locked, meeting_id)
    with pytest.raises(MeetingChanged) as told:
        save(locked, meeting_id)
    assert told.value.version == 2


def test_only_a_moderator_of_the_panel_holds_a_meeting(session: Session, locked: Evaluation) -> None:
    with pytest.raises(NotTheModerator):
        begin(locked, by=locked.person("moderator"))
    meeting_id = begin(locked)
    with pytest.raises(NotTheModerator):
        save(locked, meeting_id, by=locked.person("moderator"))
    with pytest.raises(NotFound):
        queries.meeting_for(a_person(a_council("Another Council"), "moderator"), meeting_id)


def test_after_the_decision_none_begins_and_one_that_runs_can_end(
    session: Session, locked: Evaluation
) -> None:
    meeting_id = begin(locked)
    mark_decided(round_id=locked.round_id, by=locked.lead)
    save(locked, meeting_id, end=True)
    with pytest.raises(ModerationOver):
        begin(locked)


def test_a_meeting_from_its_pages(
    client: FlaskClient, session: Session, app: Flask, locked: Evaluation
) -> None:
    moderator = sign_in(client, locked.moderator.email)
    meetings = f"/rounds/{locked.round_id}/moderation/meetings"
    assert faults(moderator.get(meetings).get_data(as_text=True), app) == []
    lonely = moderator.post(meetings, data={"present": people(locked)[:1]})
    assert lonely.status_code == 422 and "at least two people" in lonely.get_data(as_text=True)
    begun = moderator.post(meetings, data={"present": people(locked), "observers": "A clerk"})
    again = moderator.post(meetings, data={"present": people(locked)})
    assert begun.status_code == again.status_code == 303 and begun.location == again.location
    answer_id = agree(locked)
    page = moderator.get(begun.location).get_data(as_text=True)
    assert faults(page, app) == [] and f'href="/moderation/{answer_id}"' in page
    form = {"present": people(locked), "observers": "A clerk", "version": "1", "end": "yes"}
    assert moderator.post(begun.location, data=form).status_code == 303
    record = moderator.get(begun.location).get_data(as_text=True)
    assert faults(record, app) == [] and "End the meeting now" not in record
    item = moderator.get(f"/moderation/{answer_id}").get_data(as_text=True)
    assert f'href="{begun.location}"' in item and locked.evaluators[0].name in item


def test_every_page_says_that_a_meeting_runs(
    client: FlaskClient, session: Session, locked: Evaluation
) -> None:
    begin(locked)
    moderator = sign_in(client, locked.moderator.email)
    for page in ("moderation", "moderation/same-marks", "moderation/meetings"):
        shown = moderator.get(f"/rounds/{locked.round_id}/{page}").get_data(as_text=True)
        assert "A meeting has been running since" in shown, page
    assert session.scalars(select(Meeting)).one().ended_at is None
