"""A mark that is changed behind the portal's back is found, and named, by what the audit trail kept of it."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from evaluation.moderation.return_services import return_to_evaluator
from evaluation.moderation.unlock_services import unlock_mark
from evaluation.records.building import build_waiting
from evaluation.records.ledger import Whole, verify
from evaluation.records.models import RecordFile
from evaluation.records.services import ask_for
from evaluation.records.trail_queries import Compared, compared_with_trail, every_round_compared
from evaluation.scoring.services import lock_marks, record_mark
from portal.accounts.access import THE_PORTAL
from portal.audit.queries import trail_of
from portal.storage.bucket import bucket
from tender.applications.models import Answer, Application
from tender.frameworks.models import Question
from tests.counting import counted
from tests.evaluation.conftest import Build
from tests.factories.evaluation import (
    REASON,
    Evaluation,
    a_marking_evaluation,
    a_moderated_evaluation,
    mark_tender,
)
from tests.web_client import sign_in

CHANGED = "Written afterwards, by somebody with the password of the database."


@pytest.fixture(scope="module")
def moderated(build: Build) -> Evaluation:
    """Two tenders for two lots, marked by two evaluators, locked, with every mark agreed."""
    return build(lambda: a_moderated_evaluation(2, lots=2))


def behind_its_back(session: Session, statement: str, **values: Any) -> None:
    """Change the database as its owner could: no trigger and no constraint of the portal's looks."""
    session.flush()
    session.execute(text("SET LOCAL session_replication_role = replica"))
    assert session.execute(text(statement), values).rowcount  # type: ignore[attr-defined]
    session.execute(text("SET LOCAL session_replication_role = DEFAULT"))


def names_of(session: Session, evaluation: Evaluation, answer_id: int) -> tuple[str, str]:
    """The title of the question and the reference of the tender."""
    answer = session.get_one(Answer, answer_id)
    title = session.get_one(Question, answer.question_id).title
    return title, session.get_one(Application, answer.application_id).reference


def compared(evaluation: Evaluation) -> Compared:
    return compared_with_trail(evaluation.round_id)


def test_of_what_the_portal_did_nothing_differs(session: Session, moderated: Evaluation) -> None:
    answers = len(moderated.answers(0)) + len(moderated.answers(1))
    found = compared(moderated)
    assert (found.marks, found.without, found.differing, found.named) == (3 * answers, 0, 0, ())
    assert (found.warning, len(found.sha256)) == ("", 64)


@pytest.mark.parametrize(
    "change",
    [
        "reason = :changed",
        "points = 5",
        "version = version + 1",
        "answer_version = answer_version + 1",
        "pack_version = 7",
    ],
)
def test_a_changed_mark_of_an_evaluator_is_named(
    session: Session, moderated: Evaluation, change: str
) -> None:
    answer_id, evaluator = moderated.answers(1)[4], moderated.evaluators[1]
    values = {"changed": CHANGED} if ":changed" in change else {}
    behind_its_back(
        session,
        f"UPDATE mark SET {change} WHERE answer_id = :answer AND evaluator_id = :by",
        answer=answer_id, by=evaluator.person_id, **values,
    )  # fmt: skip
    title, reference = names_of(session, moderated, answer_id)
    found = compared(moderated)
    assert (found.differing, len(found.named)) == (1, 1)
    assert found.named[0].startswith(f"The mark of {evaluator.name} for “{title}”")
    assert f"of tender {reference} is not the one that was saved (line " in found.named[0]


def test_a_changed_agreed_mark_is_named(session: Session, moderated: Evaluation) -> None:
    answer_id = moderated.answers(0)[2]
    behind_its_back(
        session, "UPDATE agreed_mark SET points = points + 1 WHERE answer_id = :answer", answer=answer_id
    )
    title, reference = names_of(session, moderated, answer_id)
    (named,) = compared(moderated).named
    assert named.startswith(f"The agreed mark for “{title}”") and reference in named


def test_what_was_unlocked_and_returned_is_compared_too(session: Session, moderated: Evaluation) -> None:
    answer_id, evaluator = moderated.answers(0)[0], moderated.evaluators[0]
    unlock_mark(answer_id=answer_id, why="Looked at again.", version=1, by=moderated.moderator)
    assignment_id = moderated.assignment().id
    return_to_evaluator(
        assignment_id=assignment_id, answer_id=answer_id, why="It is another's.", by=moderated.lead
    )
    record_mark(
        assignment_id=assignment_id, answer_id=answer_id, points=4, reason=REASON, version=1, by=evaluator
    )
    lock_marks(assignment_id=assignment_id, by=evaluator)
    session.flush()
    assert compared(moderated).differing == 0
    behind_its_back(session, "UPDATE unlocked_mark SET reason = :changed", changed=CHANGED)
    behind_its_back(session, "UPDATE returned_mark SET points = 0")
    returned, unlocked = compared(moderated).named
    assert returned.startswith(f"The mark of {evaluator.name}, version 1,")
    assert unlocked.startswith("The agreed mark, version 1,")


def test_a_mark_that_was_taken_away_is_missed(session: Session, moderated: Evaluation) -> None:
    answers = moderated.answers(0)
    behind_its_back(
        session,
        "DELETE FROM mark WHERE answer_id = :answer AND evaluator_id = :by",
        answer=answers[0], by=moderated.evaluators[0].person_id,
    )  # fmt: skip
    (named,) = compared(moderated).named
    assert named.startswith(f"{moderated.evaluators[0].name} locked {len(answers)} marks of tender ")
    assert f"not the {len(answers) - 1} that are there" in named


def test_the_lock_vouches_for_marks_that_were_saved_before_there_were_digests(
    session: Session, moderated: Evaluation
) -> None:
    saved = "action = 'mark.save'"
    behind_its_back(session, f"UPDATE audit_line SET details = details - 'sha256' WHERE {saved}")
    answers = len(moderated.answers(0)) + len(moderated.answers(1))
    found = compared(moderated)
    assert (found.marks, found.without, found.differing) == (answers, 2 * answers, 0)
    behind_its_back(
        session, "UPDATE mark SET reason = :changed WHERE answer_id = :answer AND evaluator_id = :by",
        changed=CHANGED, answer=moderated.answers(0)[0], by=moderated.evaluators[0].person_id,
    )  # fmt: skip
    (named,) = compared(moderated).named
    assert named.startswith(f"{moderated.evaluators[0].name} locked")


def test_each_round_is_compared_by_the_command(session: Session, moderated: Evaluation) -> None:
    behind_its_back(
        session, "UPDATE agreed_mark SET points = 0 WHERE answer_id = :answer", answer=moderated.answers(0)[0]
    )
    differing = {name: found.differing for name, found in every_round_compared()}
    assert sorted(differing.values())[-1] == 1
    assert any(name.startswith(f"round {moderated.round.number} of ") for name in differing)


def test_the_ledger_and_its_page_say_that_a_mark_differs(
    client: FlaskClient, session: Session, moderated: Evaluation
) -> None:
    answer_id = moderated.answers(0)[1]
    behind_its_back(
        session, "UPDATE agreed_mark SET reason = :changed WHERE answer_id = :answer",
        changed=CHANGED, answer=answer_id,
    )  # fmt: skip
    title, _ = names_of(session, moderated, answer_id)
    file_id = ask_for(round_id=moderated.round_id, kind="ledger", purpose="", by=moderated.lead)
    build_waiting(by=THE_PORTAL)
    row = session.get_one(RecordFile, file_id, populate_existing=True)
    assert row.key
    found = verify(io.BytesIO(b"".join(bucket().blocks(row.key))))
    assert isinstance(found, Whole)
    assert title in found.about["compared_with_trail"]["named"][0]
    sign_in(client, moderated.lead.email)
    for address in (f"/records/{file_id}", "/records"):
        page = client.get(f"/rounds/{moderated.round_id}{address}").text
        assert f"The agreed mark for “{title}”" in page


def test_a_lock_keeps_one_digest_and_takes_as_many_statements_for_one_lot_as_for_two(
    session: Session,
) -> None:
    taken = []
    for lots in (1, 2):
        marking = a_marking_evaluation(lots=lots)
        mark_tender(marking, lock=False)
        session.flush()
        session.expire_all()
        with counted() as statements:
            lock_marks(assignment_id=marking.assignment().id, by=marking.evaluators[0])
        taken.append(len(statements))
        details = trail_of("assignment", marking.assignment().id)[0]["details"]
        assert (details["marks"], len(details["sha256"])) == (len(marking.answers()), 64)
    assert taken[0] == taken[1] <= 9
