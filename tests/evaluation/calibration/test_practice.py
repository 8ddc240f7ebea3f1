"""Practice: invented answers that everybody marks first, and whose spread all see once all have locked."""

from uuid import uuid4

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.assignments.services import accept, assign_panel
from evaluation.calibration.queries import spread_of, waiting_for
from evaluation.calibration.services import (
    PracticeRefused,
    lock_practice,
    mark_practice,
    write_practice,
)
from evaluation.conformity.services import start_marking
from evaluation.scoring.access import NotPractised
from evaluation.scoring.queries import waiting_for as marks_waiting
from evaluation.scoring.reasons import ReasonRefused
from evaluation.scoring.services import MarksLocked, StillToMark
from portal.accounts.access import Actor
from portal.audit.models import AuditLine
from portal.errors import NotFound
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import (
    REASON,
    Evaluation,
    an_opened_evaluation,
    mark_tender,
    pass_referred,
    with_panel,
)
from tests.web_client import sign_in

INVENTED = "We invented this: somebody rings home, and nobody knows how often."
TELLTALE = "Cerulean: it names nobody who rings, and no figures."


def with_practice() -> Evaluation:
    marking = with_panel(an_opened_evaluation(1, lots=1))
    pass_referred(marking)
    start_marking(round_id=marking.round_id, by=marking.lead)
    write(marking)
    assign_panel(round_id=marking.round_id, by=marking.lead)
    for place, evaluator in enumerate(marking.evaluators):
        accept(assignment_id=marking.assignment(place).id, by=evaluator)
    return marking


@pytest.fixture(scope="module")
def practising(build: Build) -> Evaluation:
    """One tender accepted by two evaluators, and a practice answer about safeguarding."""
    return build(with_practice)


def write(marking: Evaluation, code: str = "safeguarding", text: str = INVENTED) -> None:
    write_practice(round_id=marking.round_id, code=code, text=text, by=marking.lead)


def mark(marking: Evaluation, by: Actor, points: int = 2, reason: str = TELLTALE, version: int = 0) -> None:
    mark_practice(
        round_id=marking.round_id, code="safeguarding", points=points, reason=reason, version=version, by=by
    )


def practise(marking: Evaluation, place: int, points: int = 2) -> None:
    by = marking.evaluators[place]
    mark(marking, by, points)
    lock_practice(round_id=marking.round_id, by=by)


def test_no_tender_is_marked_before_the_practice_is_locked(session: Session, practising: Evaluation) -> None:
    with pytest.raises(NotPractised):
        mark_tender(practising)
    practise(practising, 0)
    mark_tender(practising)
    with pytest.raises(NotPractised):
        mark_tender(practising, 1)


def test_the_database_too_takes_no_mark_before(session: Session, practising: Evaluation) -> None:
    statement = (
        "INSERT INTO mark (answer_id, evaluator_id, question_id, scale_id, points, reason)"
        " SELECT answer.id, :evaluator, question.id, question.scale_id, 3, 'A reason of some words.'"
        " FROM answer JOIN question ON question.id = answer.question_id WHERE answer.id = :answer"
    )
    values = {"evaluator": practising.evaluators[0].person_id, "answer": practising.answers()[0]}
    with pytest.raises(IntegrityError, match="practice is not locked"):
        session.execute(text(statement), values)


def test_the_spread_is_seen_by_nobody_before_all_have_locked(
    client: FlaskClient, session: Session, app: Flask, practising: Evaluation
) -> None:
    practise(practising, 0)
    mark(practising, practising.evaluators[1], 5, "She sees it otherwise: they ring, after all.")
    assert spread_of(practising.round_id) == []
    lines = str(session.query(AuditLine.details).all())
    assert "Cerulean" not in lines
    own = f"/marking/practice/{practising.round_id}"
    for person, pages in (
        (practising.evaluators[1], (own, f"{own}/safeguarding")),
        (practising.lead, (f"/rounds/{practising.round_id}/practice",)),
        (practising.moderator, (f"/rounds/{practising.round_id}/practice",)),
    ):
        visitor = sign_in(app.test_client(), person.email)
        for page in pages:
            answer = visitor.get(page)
            assert answer.status_code == 200, page
            assert "Cerulean" not in answer.get_data(as_text=True), page


def test_once_all_have_locked_all_see_how_far_they_lie_apart(
    session: Session, app: Flask, practising: Evaluation
) -> None:
    practise(practising, 0, 2)
    practise(practising, 1, 5)
    for person, page in (
        (practising.evaluators[1], f"/marking/practice/{practising.round_id}"),
        (practising.lead, f"/rounds/{practising.round_id}/practice"),
    ):
        shown = sign_in(app.test_client(), person.email).get(page).get_data(as_text=True)
        assert "3 apart" in shown and "Cerulean" in shown
        assert faults(shown, app) == []


def test_locked_practice_stays(session: Session, practising: Evaluation) -> None:
    practise(practising, 0)
    lock_practice(round_id=practising.round_id, by=practising.evaluators[0])
    with pytest.raises(MarksLocked):
        mark(practising, practising.evaluators[0], 4, version=1)
    with pytest.raises(IntegrityError, match="locked"), session.begin_nested():
        session.execute(text("UPDATE practice_mark SET points = 1"))


def test_practice_is_locked_when_all_of_it_is_marked(session: Session, practising: Evaluation) -> None:
    with pytest.raises(StillToMark):
        lock_practice(round_id=practising.round_id, by=practising.evaluators[0])


def test_the_rules_for_reasons_hold(session: Session, practising: Evaluation) -> None:
    with pytest.raises(ReasonRefused):
        mark(practising, practising.evaluators[0], reason="Good.")


def test_practice_is_written_until_tenders_are_handed_out(session: Session, practising: Evaluation) -> None:
    with pytest.raises(PracticeRefused, match="handed out"):
        write(practising, "curriculum")


def test_the_database_too_keeps_practice_as_it_was_marked(session: Session, practising: Evaluation) -> None:
    mark(practising, practising.evaluators[0])
    for change in ("UPDATE practice_answer SET text = 'x'", "DELETE FROM practice_answer"):
        with pytest.raises(IntegrityError, match="practice has begun"), session.begin_nested():
            session.execute(text(change))


def test_whoever_has_nothing_to_mark_in_the_round_finds_no_practice(
    session: Session, practising: Evaluation
) -> None:
    for person in (practising.moderator, practising.person("evaluator")):
        with pytest.raises(NotFound):
            mark(practising, person)


def test_the_lead_writes_and_takes_away(client: FlaskClient, session: Session, app: Flask) -> None:
    fresh = with_panel(an_opened_evaluation(1, lots=1))
    sign_in(client, fresh.lead.email)
    address = f"/rounds/{fresh.round_id}/practice"
    for page in (address, f"{address}/safeguarding"):
        assert faults(client.get(page).get_data(as_text=True), app) == []
    for text_, word in ((INVENTED, "Written"), ("", "None")):
        client.post(f"{address}/safeguarding", data={"text": text_})
        assert word in client.get(address).get_data(as_text=True)
    assert client.post(f"{address}/safeguarding", data={"text": "x" * 20_001}).status_code == 422
    assert client.get(f"{address}/insurance").status_code == 404


def test_the_evaluator_practises_from_the_home_page_to_the_first_tender(
    client: FlaskClient, session: Session, app: Flask, practising: Evaluation
) -> None:
    evaluator = practising.evaluators[0]
    (task,) = waiting_for(evaluator).now
    sign_in(client, evaluator.email)
    assert task.sentence in client.get("/").get_data(as_text=True)
    own = f"/marking/practice/{practising.round_id}"
    assert client.get(f"/marking/{practising.assignment().id}").location == own
    assert client.post(own).status_code == 422
    page = client.get(f"{own}/safeguarding").get_data(as_text=True)
    assert faults(page, app) == []
    assert INVENTED in page
    refused = client.post(f"{own}/safeguarding", data={"version": "0", "points": "9", "reason": REASON})
    assert refused.status_code == 422
    data = {"version": "0", "points": "2", "reason": TELLTALE}
    assert client.post(f"{own}/safeguarding", data=data).location == own
    stale = client.post(f"{own}/safeguarding", data=data)
    assert stale.status_code == 422
    client.post(own)
    assert client.get(f"/marking/{practising.assignment().id}").status_code == 200


def roads(app: Flask, practising: Evaluation) -> list[tuple[str, str]]:
    """Every address that an evaluator's own tender has, by method: whoever adds one is asked here too."""
    values = {
        "assignment_id": practising.assignment().id,
        "answer_id": practising.answers()[0],
        "document_id": uuid4(),
    }
    found = [
        (method, rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(("scoring.", "released.")) and "assignment_id" in rule.arguments
        for method in rule.methods or ()
        if method in ("GET", "POST")
    ]
    with app.test_request_context():
        return [
            (method, url_for(rule.endpoint, **{name: values[name] for name in rule.arguments}))
            for method, rule in found
        ]


def test_every_road_to_an_answer_goes_by_practice(
    client: FlaskClient, session: Session, app: Flask, practising: Evaluation
) -> None:
    sign_in(client, practising.evaluators[0].email)
    own = f"/marking/practice/{practising.round_id}"
    asked = roads(app, practising)
    assert len(asked) >= 9
    for method, address in asked:
        answer = client.open(address, method=method)
        led = answer.location == own if method == "GET" else answer.status_code == 409
        assert led, (method, address, answer.status_code)


def test_lists_of_what_is_to_mark_lead_to_practice_first(
    client: FlaskClient, session: Session, app: Flask, practising: Evaluation
) -> None:
    evaluator = practising.evaluators[0]
    sign_in(client, evaluator.email)
    own = f"/marking/practice/{practising.round_id}"
    for page in (client.get("/marking/questions").text, client.get("/").text):
        assert faults(page, app) == []
        assert own in page and "/answers/" not in page
    assert [task.endpoint for task in marks_waiting(evaluator).now] == []
    practise(practising, 0)
    assert "/answers/" in client.get("/marking/questions").text
    assert [task.endpoint for task in marks_waiting(evaluator).now] == ["scoring.answer"]
