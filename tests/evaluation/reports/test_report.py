"""The decision report: everything a challenge asks for, and the numbers of the results page."""

import io
import re
from dataclasses import replace
from decimal import Decimal

import pikepdf
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from evaluation.outcomes.assessment import two_places
from evaluation.outcomes.queries import outcomes_of
from evaluation.records.ledger_queries import contents_of
from evaluation.records.trail_queries import compared_with_trail
from evaluation.reports import paper
from evaluation.reports.paper import decision_report, said_by, shown
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


def test_another_council_finds_none(session: Session, released: Evaluation) -> None:
    with pytest.raises(NotFound):
        report_for(a_person(a_council("Elsewhere"), "auditor"), released.round_id)


def test_it_gives_each_evaluators_own_total(session: Session, released: Evaluation, auditor: Actor) -> None:
    said = said_by(report_for(auditor, released.round_id))
    first = said["lots"][0]["results"][0]
    assert [own.rsplit(" ", 1)[0] for own in first[3].split("; ")] == [
        person.name for person in released.evaluators
    ]


def test_it_is_read_in_few_statements(session: Session, released: Evaluation, auditor: Actor) -> None:
    connection = session.connection()
    cost = statements_of(connection, lambda: report_for(auditor, released.round_id))
    assert cost <= 11 + 2  # one for each lot


def test_welsh_stays_and_what_no_font_shows_is_named() -> None:
    assert shown("Mae’r ŵyn yn dda – ẁ £5 ½") == "Mae’r ŵyn yn dda – ẁ £5 ½"
    assert shown("🐑 👩🏽\u200d🏫") == "[sheep] [woman][emoji modifier fitzpatrick type-4][school]"


def test_an_emoji_or_another_script_does_not_stop_it(
    session: Session, released: Evaluation, auditor: Actor
) -> None:
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text("UPDATE agreed_mark SET reason = :words"), {"words": "ŵyn 🐑 日本 \u202e العربية #let <x> _y_"}
    )
    written, _ = decision_report(report_for(auditor, released.round_id), at=clock.now())
    assert written.startswith(b"%PDF")


def test_a_round_of_many_marks_says_where_they_are(
    session: Session, released: Evaluation, auditor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_for(auditor, released.round_id)
    assert said_by(report)["left_out"] is None
    monkeypatch.setattr(paper, "MOST_MARKS", 1)
    said = said_by(report)
    assert said["tenders"] == [] and "evaluation.xlsx" in said["left_out"]
    proof = compared_with_trail(released.round_id).proof
    said = said_by(replace(report, proof=proof))
    assert f"these {proof.marks:,} marks together is {proof.sha256}" in said["left_out"]
    about = next(contents_of(released.lead, released.round_id, compared_with_trail(released.round_id)))
    assert about["compared_with_trail"]["sha256"] == proof.sha256
    assert decision_report(report, at=clock.now())[0].startswith(b"%PDF")
