"""While a tenderer may still answer what it was asked, nothing is decided about it; home says who."""

from datetime import timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.conformity.queries import waiting_for
from evaluation.inquiries.models import Inquiry
from evaluation.inquiries.queries import Point
from evaluation.inquiries.services import due_after, withdraw
from evaluation.inquiries.waiting_queries import ReplyAwaited
from evaluation.moderation.identical_services import SomeRefused, agree_identical
from evaluation.moderation.services import agree_mark
from evaluation.outcomes.decision_services import Proposal, approve_lot, recommend, recommend_as_suggested
from evaluation.outcomes.price_services import decide_price
from evaluation.outcomes.release_services import stage_release
from portal import clock
from tender.applications.models import Answer
from tender.frameworks.models import Question
from tests.evaluation.conftest import Build
from tests.factories.evaluation import AGREED, Evaluation, a_locked_evaluation, an_approver
from tests.factories.frameworks import lot_ids
from tests.factories.inquiries import TEXT, a_point, an_answered_inquiry, an_inquiry
from tests.factories.outcomes import (
    a_computed_evaluation,
    a_decided_evaluation,
    an_agreed_evaluation,
    read_letters,
)
from tests.web_client import sign_in

ADMIT = Proposal("admit", "It met everything.")
LATER = timedelta(days=12)


@pytest.fixture(scope="module")
def locked(build: Build) -> Evaluation:
    """One tender whose two evaluators have locked."""
    return build(a_locked_evaluation)


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    """Two tenders for two lots, with results."""
    return build(lambda: a_computed_evaluation([{}, {}], lots=2))


def agree(locked: Evaluation, answer_id: int) -> None:
    agree_mark(answer_id=answer_id, points=3, reason=AGREED, version=0, by=locked.moderator)


def ask_about(session: Session, evaluation: Evaluation, answer_id: int) -> int:
    answer = session.get_one(Answer, answer_id)
    return an_inquiry(evaluation, about=Point(answer.question_id, answer.lot_id, "", None))


def admit(computed: Evaluation, lot_id: int, application: int = 0) -> None:
    application_id = computed.applications[application]
    recommend(application_id=application_id, lot_id=lot_id, proposal=ADMIT, version=0, by=computed.lead)


def test_the_mark_of_that_answer_waits_for_the_reply_and_no_other(
    client: FlaskClient, session: Session, locked: Evaluation
) -> None:
    asked, other = locked.answers()[:2]
    inquiry = ask_about(session, locked, asked)
    with pytest.raises(ReplyAwaited, match="Wait for it, at the longest until .*, or withdraw"):
        agree(locked, asked)
    with pytest.raises(SomeRefused) as refused:
        agree_identical(round_id=locked.round_id, reasons={asked: AGREED, other: AGREED}, by=locked.moderator)
    assert list(refused.value.problems) == [asked]
    sign_in(client, locked.moderator.email)
    page = client.get(f"/moderation/{asked}").text
    assert "was asked what this answer means" in page and "Save and go on" not in page
    agree(locked, other)
    withdraw(inquiry_id=inquiry, because="It is clear by itself.", by=locked.lead)
    agree(locked, asked)


def test_a_mark_waits_no_longer_than_the_deadline(session: Session, locked: Evaluation) -> None:
    asked = locked.answers()[0]
    ask_about(session, locked, asked)
    with clock.staged_at(clock.now() + LATER):
        agree(locked, asked)


def test_that_tender_is_not_recommended_for_a_lot_that_the_question_is_about(
    session: Session, computed: Evaluation
) -> None:
    first, second = lot_ids(computed.round)
    of_lot = next(
        answer
        for answer in map(lambda each: session.get_one(Answer, each), computed.answers())
        if answer.lot_id
    )
    about, free = (first, second) if of_lot.lot_id == first else (second, first)
    ask_about(session, computed, of_lot.id)
    with pytest.raises(ReplyAwaited):
        admit(computed, about)
    with pytest.raises(ReplyAwaited):
        recommend_as_suggested(round_id=computed.round_id, lot_id=about, by=computed.lead)
    admit(computed, free)
    admit(computed, about, application=1)


def test_a_question_about_what_counts_for_every_lot_holds_up_all(
    session: Session, computed: Evaluation
) -> None:
    once = next(each for each in computed.answers() if session.get_one(Answer, each).lot_id is None)
    ask_about(session, computed, once)
    for lot_id in lot_ids(computed.round):
        with pytest.raises(ReplyAwaited):
            admit(computed, lot_id)


def test_nothing_asked_after_the_recommendation_is_approved_over(
    session: Session, computed: Evaluation
) -> None:
    lot_id = lot_ids(computed.round)[0]
    recommend_as_suggested(round_id=computed.round_id, lot_id=lot_id, by=computed.lead)
    inquiry, approver = an_inquiry(computed), an_approver(computed)
    with pytest.raises(ReplyAwaited):
        approve_lot(round_id=computed.round_id, lot_id=lot_id, by=approver)
    withdraw(inquiry_id=inquiry, because="It is clear by itself.", by=computed.lead)
    assert approve_lot(round_id=computed.round_id, lot_id=lot_id, by=approver) == 2


def test_no_letter_goes_while_an_answer_may_still_come(session: Session) -> None:
    decided = a_decided_evaluation()
    read_letters(decided)
    point = a_point(decided)
    # Nobody asks once all is decided, and approving waits too: whatever else lets one come about.
    session.add(
        Inquiry(
            application_id=decided.applications[0], question_id=point.question_id, lot_id=point.lot_id,
            text=TEXT, asked_at=clock.now(), asked_by_id=decided.lead.person_id, due_at=due_after(3),
        )
    )  # fmt: skip
    session.flush()
    with pytest.raises(ReplyAwaited):
        stage_release(round_id=decided.round_id, minutes=0, before_notice=True, by=decided.lead)
    with clock.staged_at(clock.now() + LATER):
        stage_release(round_id=decided.round_id, minutes=0, before_notice=True, by=decided.lead)


def test_the_leads_home_says_who_may_still_answer_and_who_has(
    client: FlaskClient, session: Session, locked: Evaluation
) -> None:
    an_inquiry(locked)
    (line,) = waiting_for(locked.lead).going_on
    assert "Nothing is decided about it until" in line.detail and line.endpoint == "inquiries.index"
    with clock.staged_at(clock.now() + LATER):
        assert ["not answered in time" in task.sentence for task in waiting_for(locked.lead).now] == [True]
    an_answered_inquiry(locked, files=0)
    assert ["has answered" in task.sentence for task in waiting_for(locked.lead).now] == [True]
    sign_in(client, locked.lead.email)
    page = f"/rounds/{locked.round_id}/tenders/{locked.applications[0]}/questions"
    assert page in client.get("/").text
    client.get(page)
    assert waiting_for(locked.lead).now == ()


def test_of_a_tender_that_one_may_not_open_the_home_page_says_nothing(
    session: Session, locked: Evaluation
) -> None:
    an_inquiry(locked)
    assert waiting_for(locked.person("procurement_lead")).going_on == ()


def test_whether_a_price_counts_waits_for_the_answer_too(session: Session) -> None:
    priced = an_agreed_evaluation([{}, {}], prices=["100", "10"])
    application, lot = priced.applications[1], lot_ids(priced.round)[0]
    price = session.scalars(
        select(Question.id).where(Question.round_id == priced.round_id, Question.judged_as == "priced")
    ).one()
    inquiry = an_inquiry(priced, 1, about=Point(price, lot, "", None))
    decide = partial(
        decide_price, round_id=priced.round_id, application_id=application, lot_id=lot, counts=False,
        reason="It did not show how it can.", version=0, by=priced.lead,
    )  # fmt: skip
    with pytest.raises(ReplyAwaited):
        decide()
    withdraw(inquiry_id=inquiry, because="It has told us.", by=priced.lead)
    decide()
