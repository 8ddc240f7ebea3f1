"""Complaints and challenges: recorded, answered, and able to hold admissions."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.challenges.queries import challenge_for, challenges_of, dates_of, held_lots
from evaluation.challenges.services import (
    FoundAlready,
    HeldAlready,
    NotHeld,
    Received,
    answer_challenge,
    hold_admissions,
    lift_hold,
    note_finding,
    record_challenge,
)
from evaluation.reconsiderations.waiting_queries import waiting_for
from portal import clock
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from tender.frameworks.queries import published_round
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import Evaluation, an_opened_evaluation
from tests.factories.frameworks import a_procurement_lead, lot_ids
from tests.web_client import sign_in

TODAY = clock.today()


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """A round of two lots whose tender box is open."""
    return build(lambda: an_opened_evaluation(1, lots=2))


def received(**changes: Any) -> Received:
    said = {
        "kind": "complaint",
        "lot_id": None,
        "received_from": "Brook Lane Workshop",
        "received_on": TODAY,
        "summary": "The mark for safeguarding.",
        "answer_due_on": TODAY + timedelta(days=14),
    }
    return Received(**said | changes)


def came(opened: Evaluation, **changes: Any) -> int:
    return record_challenge(round_id=opened.round_id, said=received(**changes), by=opened.lead)


def test_what_came_stands_with_the_day_of_its_answer(session: Session, opened: Evaluation) -> None:
    came(opened, lot_id=lot_ids(opened.round)[1])
    (found,) = challenges_of(opened.round_id)
    assert (found.kind_name, found.about[:5], found.overdue) == ("Complaint", "Lot 2", False)
    assert [entry.day for entry in dates_of(published_round(opened.round_id))] == [found.answer_due_on]
    (task,) = waiting_for(opened.lead).now
    assert task.sentence == "Complaint, from Brook Lane Workshop: to be answered."


def test_a_double_click_records_once(session: Session, opened: Evaluation) -> None:
    assert came(opened) == came(opened)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "letter"}, "kind"),
        ({"lot_id": -1}, "lot"),
        ({"received_from": " "}, "received_from"),
        ({"received_on": TODAY + timedelta(days=1)}, "received_on"),
        ({"summary": ""}, "summary"),
        ({"answer_due_on": TODAY - timedelta(days=1)}, "answer_due_on"),
    ],
)
def test_what_is_wrong_is_named(
    session: Session, opened: Evaluation, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        came(opened, **wrong)
    assert refused.value.field == field


def test_an_answer_is_noted_once_and_stands(session: Session, opened: Evaluation) -> None:
    challenge = came(opened)
    for _ in range(2):
        answer_challenge(
            challenge_id=challenge, answer="We looked again.", finding="not_upheld", by=opened.lead
        )
    assert waiting_for(opened.lead).now == ()
    with pytest.raises(MoveRefused):
        answer_challenge(challenge_id=challenge, answer="Otherwise.", finding="not_upheld", by=opened.lead)
    for change in ("answer = 'x'", "summary = 'x'", "received_on = received_on - 1", "finding = 'upheld'"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(f"UPDATE challenge SET {change}"))


def test_a_complaint_is_not_answered_without_a_finding(session: Session, opened: Evaluation) -> None:
    for finding in (None, "perhaps"):
        with pytest.raises(Refusal) as refused:
            answer_challenge(challenge_id=came(opened), answer="No.", finding=finding, by=opened.lead)
        assert refused.value.field == "finding"


def test_what_came_out_of_a_claim_is_noted_later_and_once(session: Session, opened: Evaluation) -> None:
    claim = came(opened, kind="claim")
    with pytest.raises(FoundAlready):
        note_finding(challenge_id=claim, finding="upheld", reason="The court.", by=opened.lead)
    answer_challenge(challenge_id=claim, answer="Our solicitors answered.", by=opened.lead)
    for finding, reason, field in (("x", "Judged.", "finding"), ("upheld", " ", "because")):
        with pytest.raises(Refusal) as refused:
            note_finding(challenge_id=claim, finding=finding, reason=reason, by=opened.lead)
        assert refused.value.field == field
    for _ in range(2):
        note_finding(challenge_id=claim, finding="partly_upheld", reason="A consent order.", by=opened.lead)
    with pytest.raises(FoundAlready):
        note_finding(challenge_id=claim, finding="upheld", reason="Appeal.", by=opened.lead)
    found = challenge_for(opened.lead, claim)[1]
    assert (found.finding_name, found.upheld, found.finding_open) == ("Partly upheld", True, False)


def test_a_hold_concerns_its_lot_or_every_lot_until_it_is_lifted(
    session: Session, opened: Evaluation
) -> None:
    first, second = lot_ids(opened.round)
    one, every = came(opened, lot_id=first), came(opened)
    hold_admissions(challenge_id=one, reason="Counsel advises to wait.", by=opened.lead)
    assert held_lots(opened.round_id) == {first}
    hold_admissions(challenge_id=every, reason="A claim is issued.", by=opened.lead)
    assert held_lots(opened.round_id) == {first, second}
    lift_hold(challenge_id=every, reason="Withdrawn.", by=opened.lead)
    assert held_lots(opened.round_id) == {first}
    with pytest.raises(NotHeld):
        lift_hold(challenge_id=every, reason="Again.", by=opened.lead)
    with pytest.raises(HeldAlready):
        hold_admissions(challenge_id=one, reason="Again.", by=opened.lead)


def test_what_is_answered_and_still_holds_is_not_forgotten(session: Session, opened: Evaluation) -> None:
    challenge = came(opened)
    hold_admissions(challenge_id=challenge, reason="Counsel advises to wait.", by=opened.lead)
    answer_challenge(challenge_id=challenge, answer="We looked again.", finding="not_upheld", by=opened.lead)
    assert "Admissions held" in waiting_for(opened.lead).going_on[0].sentence


def test_another_council_finds_none_of_it(session: Session, opened: Evaluation) -> None:
    challenge, stranger = came(opened), a_procurement_lead()
    with pytest.raises(NotFound):
        challenge_for(stranger, challenge)
    for act in (hold_admissions, lift_hold):
        with pytest.raises(NotFound):
            act(challenge_id=challenge, reason="Mine.", by=stranger)
    with pytest.raises(NotFound):
        record_challenge(round_id=opened.round_id, said=received(), by=stranger)


def test_the_pages_take_a_lead_through(session: Session, app: Flask, opened: Evaluation) -> None:
    browser, under = sign_in(app.test_client(), opened.lead.email), f"/rounds/{opened.round_id}/challenges"
    assert faults(browser.get(under).get_data(as_text=True), app) == []
    told = {"kind": "claim", "lot": "", "received_from": "Brook Lane", "summary": "A mark."}
    for name in ("received_on", "answer_due_on"):
        told |= {f"{name}-{part}": str(getattr(TODAY, part)) for part in ("day", "month", "year")}
    silent = browser.post(under, data={**told, "summary": ""})
    assert silent.status_code == 422
    assert faults(silent.get_data(as_text=True), app) == []
    address = browser.post(under, data=told).location
    for step, data in (
        ("hold", {"reason": "Wait."}),
        ("lift", {"reason": "Over."}),
        ("answer", {"answer": "No."}),
        ("finding", {"finding": "upheld", "because": "The court found so."}),
    ):
        assert faults(browser.get(address).get_data(as_text=True), app) == []
        empty = browser.post(f"{address}/{step}")
        assert empty.status_code == 422
        assert faults(empty.get_data(as_text=True), app) == []
        assert browser.post(f"{address}/{step}", data=data).status_code == 303
    assert faults(browser.get(under).get_data(as_text=True), app) == []
    approver = sign_in(app.test_client(), opened.person("approver").email)
    assert "Record what came" not in approver.get(under).get_data(as_text=True)
