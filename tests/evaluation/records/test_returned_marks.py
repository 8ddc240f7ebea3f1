"""A mark that was returned and changed stays in every record, long after the decision."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.records.ledger import Whole, chained, verify
from evaluation.records.ledger_queries import contents_of
from evaluation.records.tables import MARKS, RETURNED, WORKBOOK
from evaluation.records.trail_queries import compared_with_trail
from portal.audit.models import AuditLine
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import REASON, Evaluation, somebody_declared
from tests.factories.returns import BETTER, CHANGED, WHY, a_decided_evaluation_with_returns
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def decided(build: Build) -> Evaluation:
    """One tender, decided; of its first evaluator's marks one was returned and changed, one not changed."""
    return build(a_decided_evaluation_with_returns)


def entries(evaluation: Evaluation, *kinds: str) -> list[dict[str, Any]]:
    found = contents_of(evaluation.lead, evaluation.round_id, compared_with_trail(evaluation.round_id))
    return [content for content in found if content["kind"] in kinds]


def test_the_table_tells_the_old_mark_why_it_was_returned_and_what_it_is_now(
    session: Session, decided: Evaluation
) -> None:
    assert RETURNED in WORKBOOK
    rows = [dict(zip(RETURNED.head, row, strict=True)) for row in RETURNED.read(decided.round_id)]
    assert sorted((row["Mark"], row["Mark now"]) for row in rows) == [(3, 3), (3, 5)]
    assert {(row["Evaluator"], row["Returned because"], row["Returned by"]) for row in rows} == {
        (decided.evaluators[0].name, WHY, decided.lead.name)
    }
    assert {row["Reason"] for row in rows} == {REASON}


def test_the_ledger_tells_the_old_mark_once_and_each_return(session: Session, decided: Evaluation) -> None:
    (old,) = entries(decided, "returned_mark")
    assert (old["points"], old["reason"], old["version"]) == (3, REASON, 1)
    returns = entries(decided, "return")
    assert [(each["points"], each["why"], each["by"]) for each in returns] == [
        (3, WHY, decided.lead.name)
    ] * 2
    standing = [each for each in entries(decided, "mark") if each["version"] == 2]
    assert [(each["points"], each["reason"]) for each in standing] == [(5, BETTER)]
    lines = {line.id: line.action for line in session.scalars(select(AuditLine))}
    assert lines[old["audit"]["line"]] == "mark.save"
    assert [lines[each["audit"]["line"]] for each in returns] == ["mark.return"] * 2
    assert len({each["audit"]["line"] for each in returns}) == 2


def test_a_ledger_with_returns_verifies(session: Session, decided: Evaluation) -> None:
    found = list(contents_of(decided.lead, decided.round_id, compared_with_trail(decided.round_id)))
    assert isinstance(verify(chained(found)), Whole)
    moments = [content["at"] for content in found[1:]]
    assert moments == sorted(moments)


def test_each_lock_is_a_line_with_its_own_time_and_its_own_line_of_the_trail(
    session: Session, decided: Evaluation
) -> None:
    name = decided.evaluators[0].name
    locks = [each for each in entries(decided, "lock", "return") if each["evaluator"] == name]
    assert [each["kind"] for each in locks] == ["lock", "return", "return", "lock"]
    trail = {line.id: line for line in session.scalars(select(AuditLine))}
    first, *_, last = locks
    assert first["audit"]["line"] < last["audit"]["line"]
    for lock in (first, last):
        assert trail[lock["audit"]["line"]].action == "assignment.lock"
    assert first["at"] < last["at"]
    assert len(entries(decided, "lock")) == 3


def test_each_mark_says_which_version_of_what_it_judged(session: Session, decided: Evaluation) -> None:
    rows = [dict(zip(MARKS.head, row, strict=True)) for row in MARKS.read(decided.round_id)]
    assert all(row["Of the answer's version"] >= 1 and row["Of the pack's version"] == 1 for row in rows)
    told = entries(decided, "mark", "returned_mark")
    assert told and all(each["answer_version"] >= 1 and each["pack_version"] == 1 for each in told)


@pytest.mark.parametrize("role", ["procurement_lead", "moderator", "approver", "auditor"])
def test_whoever_reads_marks_reads_on_the_page_what_was_returned_after_the_decision(
    session: Session, app: Flask, decided: Evaluation, role: str
) -> None:
    browser = sign_in(app.test_client(), somebody_declared(decided, role).email)
    address = f"/returns/{decided.assignment().id}"
    marks = browser.get(f"/rounds/{decided.round_id}/results/{decided.applications[0]}")
    assert address in marks.get_data(as_text=True)
    page = browser.get(address).get_data(as_text=True)
    assert faults(page, app) == []
    assert "it was 3, now it is 5" in page and WHY in page and "<form method" not in page
    sent = browser.post(address, data={"answer": str(decided.answers()[CHANGED]), "why": WHY})
    assert sent.status_code == (403 if role in ("approver", "auditor") else 404)


def test_an_evaluator_does_not_read_it(session: Session, app: Flask, decided: Evaluation) -> None:
    browser = sign_in(app.test_client(), decided.evaluators[1].email)
    assert browser.get(f"/returns/{decided.assignment().id}").status_code == 403
