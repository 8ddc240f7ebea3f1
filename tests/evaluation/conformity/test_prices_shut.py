"""A price that a ceiling judges is read by whoever judges it, and by nobody who marks or moderates before
every answer has its agreed mark."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.conformity.models import ConformityCheck
from portal.accounts.access import Actor
from portal.database import db
from tender.applications.models import Application
from tender.frameworks.models import Question
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import (
    Evaluation,
    a_locked_evaluation,
    agree_all,
    an_opened_evaluation,
    declare_none,
)
from tests.factories.inquiries import ANSWER, a_point, an_answered_inquiry
from tests.web_client import sign_in

PRICE = "£87.65"


@pytest.fixture(scope="module")
def locked(build: Build) -> Evaluation:
    """One tender at £87.65 a day whose evaluators have locked."""
    return build(lambda: a_locked_evaluation(answers=[{"day_rate": "87.65"}]))


def places(evaluation: Evaluation) -> list[str]:
    """Where a price stands: the whole tender, its condition, and what the rules say of it."""
    check = (
        select(ConformityCheck.id)
        .join(Question, Question.id == ConformityCheck.question_id)
        .join(Application, Application.id == ConformityCheck.application_id)
        .where(Application.round_id == evaluation.round_id, Question.code == "day_rate")
    )
    return [
        f"/applications/{evaluation.applications[0]}/tender",
        f"/rounds/{evaluation.round_id}/conformity/{db.session.scalar(check)}",
    ]


def page(app: Flask, who: Actor, address: str) -> str:
    """What somebody reads there: a page, price or none."""
    answer = sign_in(app.test_client(), who.email).get(address)
    assert (answer.status_code, faults(answer.text, app)) == (200, [])
    return answer.text


def test_a_moderator_reads_it_once_every_mark_is_agreed(
    session: Session, app: Flask, locked: Evaluation
) -> None:
    for address in places(locked):
        shut = page(app, locked.moderator, address)
        assert PRICE not in shut and "Not shown here yet" in shut, address
        assert PRICE in page(app, locked.lead, address), address
    agree_all(locked)
    session.flush()
    for address in places(locked):
        assert PRICE in page(app, locked.moderator, address), address


def test_the_rehearsal_of_the_rules_tells_a_moderator_no_price(session: Session, app: Flask) -> None:
    opened = an_opened_evaluation(answers=[{"day_rate": "87.65"}])
    moderator = opened.person("moderator")
    declare_none(opened, moderator)
    address = f"/rounds/{opened.round_id}/conformity/dry-run"
    assert PRICE in page(app, opened.lead, address)
    assert PRICE not in page(app, moderator, address)


def test_what_the_tenderer_was_asked_of_its_price_is_read_with_it(session: Session, app: Flask) -> None:
    opened = an_opened_evaluation(answers=[{"day_rate": "87.65"}])
    moderator = opened.person("moderator")
    declare_none(opened, moderator)
    an_answered_inquiry(opened, about=a_point(opened, title="Price for a day"), files=0)
    address = f"/rounds/{opened.round_id}/tenders/{opened.applications[0]}/questions"
    for who, told in ((opened.lead, True), (moderator, False)):
        assert (ANSWER in page(app, who, address)) is told
