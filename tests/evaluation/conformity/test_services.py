"""Running the rules, deciding, and starting the marking."""

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evaluation.conformity import queries
from evaluation.conformity.check_queries import decisions_on, lots_of_tender
from evaluation.conformity.models import ConformityCheck
from evaluation.conformity.services import (
    ConformityOver,
    DecidedMeanwhile,
    StillToDecide,
    decide_check,
    run_rules,
    start_marking,
)
from portal.audit.queries import trail_of
from portal.errors import Refusal
from tender.frameworks.models import Question, Round
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, an_opened_evaluation, pass_referred
from tests.factories.frameworks import a_closed_round, a_procurement_lead


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """Three tenders for two lots: one in order, one without insurance, one too dear (for both lots)."""
    return build(
        lambda: an_opened_evaluation(3, 2, answers=[{}, {"insurance": "no"}, {"day_rate": "120.01"}])
    )


def check_of(session: Session, evaluation: Evaluation, code: str, application: int = 0) -> ConformityCheck:
    found = (
        select(ConformityCheck)
        .join(Question, Question.id == ConformityCheck.question_id)
        .where(ConformityCheck.application_id == evaluation.applications[application], Question.code == code)
        .order_by(ConformityCheck.id)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return session.scalars(found).one()


def decide(check: ConformityCheck, by: Evaluation, result: str = "pass", reason: str = "In order.") -> None:
    decide_check(check_id=check.id, result=result, reason=reason, version=check.version, by=by.lead)


def test_opening_the_box_checks_every_tender_against_every_condition(
    session: Session, opened: Evaluation
) -> None:
    second_lot = func.count().filter(Question.per_lot, func.cardinality(Question.lots) == 0)
    asked = session.scalar(
        select(func.count() + second_lot).where(
            Question.round_id == opened.round_id,
            Question.judged_as == "condition",
            Question.ask_if.is_(None),
        )
    )
    made = session.scalar(select(func.count()).select_from(ConformityCheck))
    assert made == 3 * asked


def test_a_failed_common_condition_ends_every_lot_of_that_tender_alone(
    session: Session, opened: Evaluation
) -> None:
    ended = [[lot["ended_by"] for lot in lots_of_tender(tender)] for tender in opened.applications[:2]]
    assert ended[0] == [None, None]
    assert all(ended[1]) and len(ended[1]) == 2


def test_a_failed_condition_of_one_lot_ends_that_lot_alone(session: Session, opened: Evaluation) -> None:
    dear = opened.applications[2]
    decide(check_of(session, opened, "day_rate", 2), opened, "pass", "The price was a slip, put right since.")
    assert [bool(lot["ended_by"]) for lot in lots_of_tender(dear)] == [False, True]


def test_failed_conditions_are_told_with_their_reasons(session: Session, opened: Evaluation) -> None:
    assert check_of(session, opened, "insurance", 1).reason == "This was not answered yes."
    assert "£120.01" in check_of(session, opened, "day_rate", 2).reason


def test_running_again_never_overwrites_a_person(session: Session, opened: Evaluation) -> None:
    decide(check_of(session, opened, "insurance", 1), opened, "pass", "Cover was bought on Monday.")
    run_rules(round_id=opened.round_id, by=opened.lead)
    check = check_of(session, opened, "insurance", 1)
    assert (check.result, check.rule_result, check.reason) == ("pass", "fail", "Cover was bought on Monday.")


def test_running_again_makes_no_second_check(session: Session, opened: Evaluation) -> None:
    before = session.scalar(select(func.count()).select_from(ConformityCheck))
    run_rules(round_id=opened.round_id, by=opened.lead)
    assert session.scalar(select(func.count()).select_from(ConformityCheck)) == before


def test_a_decision_needs_a_reason(session: Session, opened: Evaluation) -> None:
    with pytest.raises(Refusal, match="Give a reason"):
        decide(check_of(session, opened, "exclusion"), opened, reason="  ")


def test_nobody_can_refer_by_hand(session: Session, opened: Evaluation) -> None:
    with pytest.raises(Refusal, match="Choose pass or fail"):
        decide(check_of(session, opened, "exclusion"), opened, "refer")


def test_of_two_people_deciding_on_one_page_the_second_is_told(session: Session, opened: Evaluation) -> None:
    check = check_of(session, opened, "exclusion")
    version = check.version
    decide(check, opened)
    with pytest.raises(DecidedMeanwhile):
        decide_check(check_id=check.id, result="fail", reason="No.", version=version, by=opened.lead)
    assert check_of(session, opened, "exclusion").result == "pass"


def test_a_decision_leaves_its_line(session: Session, opened: Evaluation) -> None:
    decide(check_of(session, opened, "exclusion"), opened, "fail", "The debarment list names them.")
    line = trail_of("application", opened.applications[0])[0]
    assert (line["action"], line["details"]["after"]) == ("conformity.decide", "fail")


def test_marking_cannot_start_while_a_condition_is_referred(session: Session, opened: Evaluation) -> None:
    with pytest.raises(StillToDecide):
        start_marking(round_id=opened.round_id, by=opened.lead)
    assert opened.round.state == "opened"


def test_marking_starts_once_however_often_it_is_asked(session: Session, opened: Evaluation) -> None:
    pass_referred(opened)
    start_marking(round_id=opened.round_id, by=opened.lead)
    start_marking(round_id=opened.round_id, by=opened.lead)
    lines = [line["action"] for line in trail_of("round", opened.round_id)]
    assert lines.count("round.start_marking") == 1


def test_while_a_round_is_marked_no_rule_runs_and_a_person_puts_a_mistake_right(
    session: Session, opened: Evaluation
) -> None:
    pass_referred(opened)
    start_marking(round_id=opened.round_id, by=opened.lead)
    with pytest.raises(ConformityOver):
        run_rules(round_id=opened.round_id, by=opened.lead)
    decide(check_of(session, opened, "exclusion"), opened, "fail", "It was read wrongly.")
    check = check_of(session, opened, "exclusion")
    assert [row["reason"] for row in decisions_on(check.id)][:1] == ["It was read wrongly."]
    assert all(row["ended_by"] for row in lots_of_tender(check.application_id))


def test_once_every_outcome_is_approved_nothing_is_decided(session: Session, opened: Evaluation) -> None:
    pass_referred(opened)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(update(Round).where(Round.id == opened.round_id).values(state="decided"))
    session.execute(text("SET LOCAL session_replication_role = origin"))
    with pytest.raises(ConformityOver, match="reopen a decision"):
        decide(check_of(session, opened, "exclusion"), opened, "fail", "Too late.")


def test_a_shut_box_is_not_checked(session: Session) -> None:
    lead = a_procurement_lead()
    with pytest.raises(ConformityOver):
        run_rules(round_id=a_closed_round(1, lead).id, by=lead)


def test_the_lead_is_told_what_is_to_decide_and_then_to_start(session: Session, opened: Evaluation) -> None:
    (task,) = queries.waiting_for(opened.lead).now
    assert "to decide in round 1" in task.sentence
    pass_referred(opened)
    (task,) = queries.waiting_for(opened.lead).now
    assert task.verb == "Start marking"


def test_others_are_told_nothing(session: Session, opened: Evaluation) -> None:
    for role in ("evaluator", "approver", "auditor"):
        assert not queries.waiting_for(opened.person(role)).now
    assert not queries.waiting_for(a_procurement_lead()).now


def test_a_person_overrides_the_rule_both_ways_and_its_word_stays_beside(
    session: Session, opened: Evaluation
) -> None:
    decide(check_of(session, opened, "insurance", 1), opened, "pass", "The cover note came with question 4.")
    decide(check_of(session, opened, "insurance", 0), opened, "fail", "The policy ended in May.")
    passed, failed = (check_of(session, opened, "insurance", place) for place in (1, 0))
    assert (passed.result, passed.rule_result, passed.rule_reason) == (
        "pass", "fail", "This was not answered yes."
    )  # fmt: skip
    assert (failed.result, failed.rule_result) == ("fail", "pass")


def test_a_changed_decision_keeps_the_earlier_one(session: Session, opened: Evaluation) -> None:
    for result, reason in (("fail", "A conviction of 2019."), ("pass", "It is spent, and they told us.")):
        decide(check_of(session, opened, "exclusion"), opened, result, reason)
    kept = decisions_on(check_of(session, opened, "exclusion").id)
    assert [(each["version"], each["result"], each["reason"]) for each in kept] == [
        (3, "pass", "It is spent, and they told us."),
        (2, "fail", "A conviction of 2019."),
    ]


def test_the_trail_keeps_the_rules_word_beside_the_persons(session: Session, opened: Evaluation) -> None:
    decide(check_of(session, opened, "insurance", 1), opened, "pass", "The cover note came.")
    details = trail_of("application", opened.applications[1])[0]["details"]
    assert (details["rule"], details["before"], details["after"]) == ("fail", "fail", "pass")


@pytest.mark.parametrize(
    "overwriting",
    [
        "UPDATE conformity_check SET result = 'fail', reason = 'By a rule.' WHERE id = :id",
        "UPDATE conformity_check SET result = rule_result, decided_by_id = NULL WHERE id = :id",
        "UPDATE conformity_check SET version = 1 WHERE id = :id",
        "UPDATE conformity_decision SET reason = 'Another.' WHERE check_id = :id",
        "DELETE FROM conformity_decision WHERE check_id = :id",
    ],
)
def test_the_database_itself_lets_nothing_overwrite_a_persons_decision(
    session: Session, opened: Evaluation, overwriting: str
) -> None:
    decide(check_of(session, opened, "insurance", 1), opened, "pass", "The cover note came.")
    check = check_of(session, opened, "insurance", 1)
    with pytest.raises(DBAPIError, match="refuses"), session.begin_nested():
        session.execute(text(overwriting), {"id": check.id})


def test_the_lots_of_a_tender_say_what_ended_them(session: Session, opened: Evaluation) -> None:
    dear = check_of(session, opened, "day_rate", 2)
    decide(dear, opened, "pass", "The price was a slip.")
    first, second = lots_of_tender(opened.applications[2])
    assert (first["id"], first["ended_by"]) == (dear.lot_id, None)
    assert len(second["ended_by"]) == 1
    assert first["to_decide"] > 0
