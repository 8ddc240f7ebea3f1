"""The decision report: everything a challenge asks for, and the numbers of the results page."""

import io
import re
from decimal import Decimal

import pikepdf
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evaluation.outcomes.assessment import two_places
from evaluation.outcomes.queries import outcomes_of
from evaluation.reports.paper import decision_report, said_by
from evaluation.reports.queries import NoReportYet, report_for
from portal import clock
from portal.accounts.access import Actor
from portal.errors import NotFound
from tests.evaluation.conftest import Build
from tests.evaluation.pages import statements_of
from tests.factories.accounts import a_council, a_person
from tests.factories.evaluation import AGREED, REASON, Evaluation
from tests.factories.outcomes import (
    TOO_DEAR,
    a_computed_evaluation,
    a_released_evaluation,
    an_agreed_evaluation,
)
from tests.web_client import sign_in

GOOD, WEAK, DEAR = range(3)


@pytest.fixture(scope="module")
def released(build: Build) -> Evaluation:
    """Two lots; one tender is admitted to both, one is below a minimum, one too dear for the first."""
    marks = [{"outcomes": 5}, {"safeguarding": 2}, {}]
    return build(lambda: a_released_evaluation(marks, lots=2, failed={DEAR: [0]}))


@pytest.fixture
def auditor(released: Evaluation, session: Session) -> Actor:
    return released.person("auditor")


def test_the_report_holds_what_a_challenge_asks_for(
    session: Session, released: Evaluation, auditor: Actor
) -> None:
    said = said_by(report_for(auditor, released.round_id))
    assert said["draft"] is None
    assert {row[0] for row in said["panel"]} == {
        *(person.name for person in released.evaluators),
        released.moderator.name,
    }
    assert released.lead.name in dict(said["facts"])["Tender box opened"]
    assert len(said["receipts"]) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", row[-1]) for row in said["receipts"])
    assert any(TOO_DEAR in row[3] for row in said["checks"])
    assert said["recipe"]
    assert [len(lot["decisions"]) for lot in said["lots"]] == [3, 3]
    assert any(key == "Letters sent" for key, _ in said["after"])
    assert any("Audit trail" in key for key, _ in said["records"])


def test_its_numbers_are_those_of_the_results_page(
    session: Session, released: Evaluation, auditor: Actor
) -> None:
    said = said_by(report_for(auditor, released.round_id))
    shown = {(o.lot_name, o.provider_name): (o.ranked or "none", two_places(o.total))
             for o in outcomes_of(released.round_id)[0]}  # fmt: skip
    told = {(lot["name"], row[1]): (row[0], row[2]) for lot in said["lots"] for row in lot["results"]}
    assert told == shown
    assert Decimal(told[next(iter(told))][1]) > 0


def test_it_gives_every_individual_mark_with_its_reason(
    session: Session, released: Evaluation, auditor: Actor
) -> None:
    said = said_by(report_for(auditor, released.round_id))
    marks = said["tenders"][0]["marks"]
    assert {mark[2] for mark in marks} == {AGREED}
    assert all([own[0] for own in mark[3]] for mark in marks)
    assert {own[2] for mark in marks for own in mark[3]} == {REASON}


def test_the_file_is_tagged_and_names_itself(session: Session, released: Evaluation, auditor: Actor) -> None:
    report = report_for(auditor, released.round_id)
    written, digest = decision_report(report, at=clock.now())
    with pikepdf.open(io.BytesIO(written)) as document:
        assert document.Root.MarkInfo.Marked
        assert document.Root.Lang == "en-GB"
        assert str(document.docinfo["/Title"]).startswith("Decision report: Round")
        assert digest in str(document.docinfo["/Keywords"])
    assert decision_report(report, at=clock.now())[1] == digest


def test_it_says_that_it_is_a_draft_until_everything_is_approved(session: Session) -> None:
    computed = a_computed_evaluation()
    assert "draft" in (said_by(report_for(computed.lead, computed.round_id))["draft"] or "")


def test_there_is_none_before_the_results(session: Session) -> None:
    agreed = an_agreed_evaluation()
    with pytest.raises(NoReportYet):
        report_for(agreed.lead, agreed.round_id)


def test_whoever_declared_a_conflict_and_another_council_find_none(session: Session) -> None:
    computed = a_computed_evaluation([{}, {}], evaluators=3, conflicts={0: 2})
    with pytest.raises(NoReportYet):
        report_for(computed.evaluators[2], computed.round_id)
    with pytest.raises(NotFound):
        report_for(a_person(a_council("Elsewhere"), "auditor"), computed.round_id)


def test_it_is_read_in_few_statements(session: Session, released: Evaluation, auditor: Actor) -> None:
    connection = session.connection()
    cost = statements_of(connection, lambda: report_for(auditor, released.round_id))
    assert cost <= 9


def test_it_is_for_the_lead_the_approver_and_the_auditor(
    session: Session, app: Flask, released: Evaluation
) -> None:
    address = f"/rounds/{released.round_id}/report.pdf"
    for role, status in (("procurement_lead", 200), ("approver", 200), ("auditor", 200), ("moderator", 403)):
        browser = sign_in(app.test_client(), released.person(role).email)
        answer = browser.get(address)
        assert answer.status_code == status, role
    assert sign_in(app.test_client(), released.evaluators[0].email).get(address).status_code == 403
