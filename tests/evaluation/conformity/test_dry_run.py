"""What the rules would say: nothing is written, and a person's word stands."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text, update
from sqlalchemy.orm import Session

from evaluation.conformity import queries
from evaluation.conformity.dry_run import CHANGES, KEPT, SAME, Line, chosen, dry_run
from evaluation.conformity.models import ConformityCheck
from evaluation.conformity.services import decide_check, run_rules, start_marking
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.applications import a_submitted_application
from tests.factories.evaluation import Evaluation, an_opened_evaluation, pass_referred
from tests.factories.frameworks import a_closed_round, a_procurement_lead, lot_ids
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """Three tenders for two lots: one in order, one without insurance, one too dear (for both lots)."""
    return build(
        lambda: an_opened_evaluation(3, 2, answers=[{}, {"insurance": "no"}, {"day_rate": "120.01"}])
    )


def line_of(opened: Evaluation, title: str, application: int) -> Line:
    return next(
        line
        for line in dry_run(opened.round_id)
        if line.application_id == opened.applications[application] and title in line.title.lower()
    )


def rule_said_otherwise(session: Session, line: Line) -> None:
    """As if the rule had passed at the last run what it fails now."""
    session.execute(
        update(ConformityCheck)
        .where(ConformityCheck.id == line.check_id)
        .values(result="pass", rule_result="pass", reason="In order then.")
    )


def decide(opened: Evaluation, line: Line, result: str = "pass") -> None:
    decide_check(
        check_id=line.check_id or 0, result=result, reason="We asked them.", version=1, by=opened.lead
    )


def test_just_after_the_run_nothing_would_change(session: Session, opened: Evaluation) -> None:
    assert {line.effect for line in dry_run(opened.round_id)} == {SAME}


def test_each_line_gives_the_rules_word_and_its_reason(session: Session, opened: Evaluation) -> None:
    line = line_of(opened, "insurance", 1)
    assert (line.says.result, line.says.reason) == ("fail", "This was not answered yes.")


def test_what_a_run_would_change_comes_first_and_a_run_changes_that(
    session: Session, opened: Evaluation
) -> None:
    rule_said_otherwise(session, line_of(opened, "insurance", 1))
    first = dry_run(opened.round_id)[0]
    assert (first.effect, first.stands, first.says.result) == (CHANGES, "pass", "fail")
    run_rules(round_id=opened.round_id, by=opened.lead)
    assert {line.effect for line in dry_run(opened.round_id)} == {SAME}


def test_what_a_person_decided_is_said_to_stay_and_stays(session: Session, opened: Evaluation) -> None:
    decide(opened, line_of(opened, "insurance", 1))
    line = line_of(opened, "insurance", 1)
    assert (line.effect, line.stands, line.decided_by) == (KEPT, "pass", opened.lead.name)
    run_rules(round_id=opened.round_id, by=opened.lead)
    assert line_of(opened, "insurance", 1).stands == "pass"


def test_a_dry_run_writes_nothing(session: Session, opened: Evaluation) -> None:
    rule_said_otherwise(session, line_of(opened, "insurance", 1))
    rows = text("SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM conformity_check AS c")
    before = session.scalar(rows)
    assert {line.effect for line in dry_run(opened.round_id)} == {CHANGES, SAME}
    session.commit()
    assert session.scalar(rows) == before


def test_it_takes_three_statements_whatever_the_number_of_tenders(
    session: Session, connection: Connection, opened: Evaluation
) -> None:
    assert statements_of(connection, lambda: dry_run(opened.round_id)) == 7


def test_a_shut_box_says_nothing(session: Session) -> None:
    lead = a_procurement_lead()
    shut = a_closed_round(1, lead)
    a_submitted_application(shut, lot_ids(shut))
    assert dry_run(shut.id) == []


def test_a_lot_shows_its_own_conditions_and_the_common_ones(session: Session, opened: Evaluation) -> None:
    first, _ = lot_ids(opened.round)
    lines = chosen(dry_run(opened.round_id), lot_id=first)
    assert {line.lot_number for line in lines} == {None, "1"}


@pytest.mark.parametrize(("only", "told"), [("fail", "fail"), ("refer", "refer"), ("undecided", "refer")])
def test_the_lines_can_be_limited(session: Session, opened: Evaluation, only: str, told: str) -> None:
    assert {line.says.result for line in chosen(dry_run(opened.round_id), only=only)} == {told}


def test_what_is_decided_is_no_longer_undecided(session: Session, opened: Evaluation) -> None:
    line = chosen(dry_run(opened.round_id), only="undecided")[0]
    decide(opened, line)
    left = chosen(dry_run(opened.round_id), only="undecided")
    assert line.check_id not in {each.check_id for each in left}
    assert line.check_id in {each.check_id for each in chosen(dry_run(opened.round_id), only="refer")}


def test_the_list_of_tenders_can_be_limited(session: Session, opened: Evaluation) -> None:
    failing, total = queries.tenders_of(opened.round_id, only="fail")
    assert {line.application_id for line in failing} == set(opened.applications[1:])
    assert total == 2
    first, _ = lot_ids(opened.round)
    (tender, *_), _ = queries.tenders_of(opened.round_id, lot_id=first)
    shown = [check["lot_number"] for checks in tender.checks.values() for check in checks]
    assert set(shown) == {None, "1"}


def test_the_page_says_what_would_change_and_offers_the_run(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation
) -> None:
    decide(opened, line_of(opened, "insurance", 1))
    address = f"/rounds/{opened.round_id}/conformity/dry-run"
    page = sign_in(client, opened.lead.email).get(address).get_data(as_text=True)
    assert faults(page, app) == []
    assert "no result changes" in page
    assert "1 result stays as a person decided it" in page
    assert "Run the rules again" in page
    nothing = client.get(f"{address}?only=changes").get_data(as_text=True)
    assert "No condition is like this" in nothing
    assert client.get(f"{address}?only=nonsense&lot=x&page=99").status_code == 200


def test_an_auditor_reads_the_dry_run_and_runs_nothing(
    client: FlaskClient, session: Session, opened: Evaluation
) -> None:
    page = sign_in(client, opened.person("auditor").email).get(
        f"/rounds/{opened.round_id}/conformity/dry-run"
    )
    assert page.status_code == 200
    assert "Run the rules again" not in page.get_data(as_text=True)


def test_once_marking_has_started_there_is_nothing_to_rehearse(
    client: FlaskClient, session: Session, opened: Evaluation
) -> None:
    pass_referred(opened)
    start_marking(round_id=opened.round_id, by=opened.lead)
    page = sign_in(client, opened.lead.email).get(f"/rounds/{opened.round_id}/conformity/dry-run")
    assert "There is nothing to rehearse now" in page.get_data(as_text=True)
