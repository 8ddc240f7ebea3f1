"""Conditions that are asked of some alone, and what the register takes from a card of prices."""

from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.conformity import queries
from evaluation.conformity.answer_queries import markable_answers
from evaluation.conformity.models import ConformityCheck
from evaluation.conformity.services import run_rules
from evaluation.outcomes.letter_queries import listing_answers
from portal.directory.services import ServiceFacts
from tender.frameworks.default_pack import PackQuestion
from tender.frameworks.models import Question
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, an_opened_evaluation
from tests.factories.frameworks import lot_ids

CONDITION = {"section": "safety", "judged_as": "condition"}
ASKING = (
    PackQuestion(
        "mode", title="Mode", text="Where do you teach?", kind="choice", section="safety",
        judged_as="information", options=(("site", "On a site"), ("online", "Online")),
    ),
    PackQuestion(
        "filter", title="Filter", text="Do you filter?", kind="yes_no", rule="must_be_yes", **CONDITION,
        ask_if={"question": "mode", "answers": ["online"]},
    ),
    PackQuestion(
        "adults", title="Adults", text="How many?", kind="number", rule="at_least", rule_value="2",
        **CONDITION,
    ),
    PackQuestion(
        "rates", title="Rates", text="What do you charge?", kind="rate_card", rule="at_most_ceiling",
        per_lot=True, lots=("2",), shape={"units": ["day"], "group_sizes": [["one", "one to one"]]},
        **CONDITION,
    ),
)  # fmt: skip
ON_A_SITE, ONLINE = range(2)


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """Two lots and two tenders: one on a site, one online without a filter, too few and too dear."""
    failing = {"mode": "online", "filter": "no", "adults": "1", "rates": {"day.one": "120.50"}}
    fine = {"mode": "site", "rates": {"day.one": "99.00"}, "day_rate": "80.00"}
    return build(lambda: an_opened_evaluation(2, 2, answers=[fine, failing], asking=ASKING))


def results(session: Session, evaluation: Evaluation, application: int) -> dict[tuple[str, int | None], str]:
    rows = session.execute(
        select(Question.code, ConformityCheck.lot_id, ConformityCheck.result)
        .join(Question, Question.id == ConformityCheck.question_id)
        .where(ConformityCheck.application_id == evaluation.applications[application])
        .where(Question.code.in_([asked.code for asked in ASKING]))
    )
    return {(code, lot_id): result for code, lot_id, result in rows}


def test_a_condition_is_judged_only_where_it_was_asked(session: Session, opened: Evaluation) -> None:
    _, second = lot_ids(opened.round)
    assert results(session, opened, ON_A_SITE) == {("adults", None): "pass", ("rates", second): "pass"}
    assert results(session, opened, ONLINE) == {
        ("filter", None): "fail",
        ("adults", None): "fail",
        ("rates", second): "fail",
    }


def test_a_withdrawn_question_is_judged_nowhere(session: Session, opened: Evaluation) -> None:
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("DELETE FROM conformity_check"))
    session.execute(text("UPDATE question SET withdrawn_in = 2 WHERE code IN ('adults', 'attendance')"))
    before = session.scalar(text("SELECT count(*) FROM question WHERE judged_as = 'condition'"))
    run_rules(round_id=opened.round_id, by=opened.lead)
    assert ("adults", None) not in results(session, opened, ONLINE)
    assert len(queries.conditions_of(opened.round_id)) == before - 1
    marked = select(Question.code).where(
        Question.id.in_(select(markable_answers(opened.round_id).subquery().c.question_id))
    )
    assert "attendance" not in session.scalars(marked).all() != []


def test_the_register_takes_the_price_of_a_day_from_a_rate_card(session: Session, opened: Evaluation) -> None:
    first, second = lot_ids(opened.round)
    answers = listing_answers(opened.round_id)[opened.applications[ON_A_SITE]]
    assert answers[first]["day_rate"] == answers[second]["day_rate"] == "80.00"
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE question SET withdrawn_in = 2 WHERE code = 'day_rate'"))
    answers = listing_answers(opened.round_id)[opened.applications[ON_A_SITE]]
    facts = ServiceFacts.from_answers({**answers[None], **answers[second]}, title="Construction")
    assert facts.price_per_day == Decimal("99.00")
    assert "day_rate" not in answers[first]


def test_what_was_not_asked_does_not_enter_the_register(session: Session, opened: Evaluation) -> None:
    said = listing_answers(opened.round_id)[opened.applications[ONLINE]]
    assert "urn" in said[None] and "mode" in said[None]
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text(
            "UPDATE answer SET value = '\"non_school\"' FROM question "
            "WHERE question.id = question_id AND code = 'registration_status'"
        )
    )
    assert "urn" not in listing_answers(opened.round_id)[opened.applications[ONLINE]][None]
