"""One person recommends, another approves; the published rules bind both."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.outcomes.assessment import Condition
from evaluation.outcomes.decision_services import (
    Conflicted,
    MayNotBeAdmitted,
    OwnRecommendation,
    Proposal,
    approve_decision,
    approve_lot,
    recommend,
    recommend_as_suggested,
    return_decision,
)
from evaluation.outcomes.models import Decision
from evaluation.outcomes.queries import outcome_of
from evaluation.outcomes.services import ChangedMeanwhile, NotBeingMarked, ResultsStale, compute_results
from portal import clock
from portal.accounts.queries import actor_by_email
from portal.audit.queries import trail_of
from portal.errors import Refusal
from portal.lifecycle import MoveRefused
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, an_approver
from tests.factories.exclusions import exclude
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import TOO_DEAR, a_computed_evaluation, agree, approve_all, decisions_of

GOOD, WEAK, DEAR = range(3)
TODAY = clock.today()
LATER = TODAY + timedelta(days=30)
INSURANCE = Condition("Public liability insurance of £5 million.", "public_liability", LATER)


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    """One lot and three tenders: a good one, one below a minimum, one that is too dear."""
    return build(lambda: a_computed_evaluation([{}, {"safeguarding": 2}, {}], failed={DEAR: [0]}))


def act(computed: Evaluation, tender: int = GOOD, **changes: Any) -> None:
    """Recommend an outcome for a tender: admission, for want of a better word."""
    said: dict[str, Any] = {"outcome": "admit", "reason": "It met everything."}
    said |= {
        name: changes.pop(name) for name in ("outcome", "reason", "ground", "conditions") if name in changes
    }
    recommend(
        application_id=computed.applications[tender],
        lot_id=lot_ids(computed.round)[0],
        proposal=Proposal(**said),
        **{"version": 0, "by": computed.lead, **changes},
    )


def all_as_suggested(computed: Evaluation, **changes: Any) -> int:
    wanted: dict[str, Any] = {"round_id": computed.round_id, "lot_id": lot_ids(computed.round)[0]}
    return recommend_as_suggested(**{**wanted, "by": computed.lead, **changes})


def suggestion(computed: Evaluation, tender: int) -> tuple[str, str]:
    found = outcome_of(
        computed.applications[tender], lot_ids(computed.round)[0], computed.round_id
    ).suggestion
    return found.outcome, found.reason


def test_a_tender_that_met_everything_is_suggested_for_admission(
    session: Session, computed: Evaluation
) -> None:
    outcome, reason = suggestion(computed, GOOD)
    assert outcome == "admit"
    assert "60 out of 100" in reason


def test_a_mark_below_the_minimum_is_named_in_the_suggestion(session: Session, computed: Evaluation) -> None:
    outcome, reason = suggestion(computed, WEAK)
    assert outcome == "not_admit"
    assert "Safeguarding and safer recruitment (2, minimum 3)" in reason


def test_a_failed_condition_is_the_suggestions_reason(session: Session, computed: Evaluation) -> None:
    assert suggestion(computed, DEAR) == (
        "not_admit",
        f"A condition for this lot was not met. Price for a day: {TOO_DEAR}",
    )


@pytest.mark.parametrize("tender", [WEAK, DEAR])
def test_nobody_is_admitted_against_the_published_rules(
    session: Session, computed: Evaluation, tender: int
) -> None:
    with pytest.raises(MayNotBeAdmitted, match="do not allow"):
        act(computed, tender)
    assert decisions_of(computed) == []


def test_a_failed_condition_is_its_own_reason_whatever_was_typed(
    session: Session, computed: Evaluation
) -> None:
    act(computed, DEAR, outcome="not_admit", reason="We did not like it.")
    assert decisions_of(computed)[0].reason == suggestion(computed, DEAR)[1]


def test_a_person_may_decide_not_to_admit_with_a_reason_of_their_own(
    session: Session, computed: Evaluation
) -> None:
    act(computed, outcome="not_admit", reason="An exclusion ground came to light.")
    decision = decisions_of(computed)[0]
    assert (decision.outcome, decision.reason) == ("not_admit", "An exclusion ground came to light.")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"outcome": ""}, "outcome"),
        ({"outcome": "x"}, "outcome"),
        ({"outcome": "excluded"}, "ground"),
        ({"outcome": "excluded", "ground": "insolvency"}, "ground"),  # of the other law
        ({"outcome": "admit_conditionally"}, "conditions"),
        (
            {"outcome": "admit_conditionally", "conditions": (Condition("A paper.", None, TODAY),)},
            "conditions",
        ),
        ({"outcome": "admit_conditionally", "conditions": (Condition(" ", None, LATER),)}, "conditions"),
        ({"outcome": "admit_conditionally", "conditions": (Condition("A.", "x", LATER),)}, "conditions"),
    ],
)
def test_a_recommendation_needs_outcome_and_reason(
    session: Session, computed: Evaluation, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        act(computed, **wrong)
    assert refused.value.field == field


def test_a_tender_that_failed_can_be_excluded_on_a_ground_of_the_frameworks_own_law(
    session: Session, computed: Evaluation
) -> None:
    wanted = {"outcome": "excluded", "ground": "pcr_insolvency", "reason": "It was wound up in May."}
    with pytest.raises(Refusal, match="No exclusion check of this provider found this ground"):
        act(computed, DEAR, **wanted)
    exclude(computed, DEAR)
    with pytest.raises(Refusal, match="No exclusion check of this provider found this ground"):
        act(computed, DEAR, **{**wanted, "ground": "pcr_taxes"})
    act(computed, DEAR, **wanted)
    found = outcome_of(computed.applications[DEAR], lot_ids(computed.round)[0], computed.round_id)
    assert (found.outcome, found.ground) == (
        "excluded",
        "Insolvency, winding up or an arrangement with creditors",
    )
    assert found.reason == "It was wound up in May."


def test_conditions_are_kept_with_the_decision_and_replaced_with_it(
    session: Session, computed: Evaluation
) -> None:
    act(computed, outcome="admit_conditionally", conditions=(INSURANCE,))
    act(computed, outcome="admit_conditionally", conditions=(INSURANCE,))
    other = Condition("The report of a fire inspection.", None, LATER)
    act(computed, outcome="admit_conditionally", conditions=(INSURANCE, other), version=1)
    lot = lot_ids(computed.round)[0]
    assert outcome_of(computed.applications[GOOD], lot, computed.round_id).conditions == (INSURANCE, other)
    act(computed, version=2)
    assert outcome_of(computed.applications[GOOD], lot, computed.round_id).conditions == ()


@pytest.mark.parametrize("tender", [WEAK, DEAR])
def test_nobody_is_admitted_on_conditions_against_the_published_rules(
    session: Session, computed: Evaluation, tender: int
) -> None:
    with pytest.raises(MayNotBeAdmitted):
        act(computed, tender, outcome="admit_conditionally", conditions=(INSURANCE,))


def test_the_database_too_keeps_conditions_as_they_were_approved(
    session: Session, computed: Evaluation
) -> None:
    act(computed, outcome="admit_conditionally", conditions=(INSURANCE,))
    approve_decision(decision_id=decisions_of(computed)[0].id, version=1, by=an_approver(computed))
    for change in (
        "UPDATE admission_condition SET due_on = due_on + 1",
        "UPDATE admission_condition SET met_at = now(), met_by_id = 1, met_how = 'x'",
        "DELETE FROM admission_condition",
    ):
        with pytest.raises(IntegrityError, match="the decision is approved"), session.begin_nested():
            session.execute(text(change))


def test_the_database_too_approves_no_admission_on_conditions_without_one(
    session: Session, computed: Evaluation
) -> None:
    act(computed, outcome="admit_conditionally", conditions=(INSURANCE,))
    session.execute(text("DELETE FROM admission_condition"))
    with pytest.raises(IntegrityError, match="names no condition"):
        approve_decision(decision_id=decisions_of(computed)[0].id, version=1, by=an_approver(computed))


def test_a_double_click_recommends_once(session: Session, computed: Evaluation) -> None:
    act(computed)
    act(computed)
    assert [decision.version for decision in decisions_of(computed)] == [1]


def test_a_recommendation_on_a_page_that_is_stale_is_refused(session: Session, computed: Evaluation) -> None:
    act(computed)
    with pytest.raises(ChangedMeanwhile):
        act(computed, outcome="not_admit", reason="Something else.")


def test_a_recommendation_can_be_changed_until_it_is_approved(session: Session, computed: Evaluation) -> None:
    act(computed)
    act(computed, reason="It met everything, and more.", version=1)
    decision = decisions_of(computed)[0]
    assert (decision.version, decision.reason) == (2, "It met everything, and more.")
    approve_decision(decision_id=decision.id, version=2, by=an_approver(computed))
    with pytest.raises(MoveRefused):
        act(computed, reason="Once more.", version=2)


def test_all_are_recommended_as_suggested_and_those_decided_are_left(
    session: Session, computed: Evaluation
) -> None:
    act(computed, outcome="not_admit", reason="An exclusion ground came to light.")
    assert all_as_suggested(computed) == 2
    assert sorted(decision.outcome for decision in decisions_of(computed)) == ["not_admit"] * 3


def test_only_what_the_page_showed_is_recommended(session: Session, computed: Evaluation) -> None:
    good, dear = computed.applications[GOOD], computed.applications[DEAR]
    marks = outcome_of(good, lot_ids(computed.round)[0], computed.round_id).marks_version
    assert all_as_suggested(computed, seen={good: marks, dear: None}) == 2
    with pytest.raises(ChangedMeanwhile):
        all_as_suggested(computed, seen={computed.applications[WEAK]: 1})


def test_nothing_is_recommended_on_results_that_are_stale(session: Session, computed: Evaluation) -> None:
    agree(computed, GOOD, {"outcomes": 5})
    with pytest.raises(ResultsStale):
        act(computed)
    with pytest.raises(ResultsStale):
        all_as_suggested(computed)


def test_nobody_approves_their_own_recommendation(session: Session, computed: Evaluation) -> None:
    act(computed)
    decision = decisions_of(computed)[0]
    with pytest.raises(OwnRecommendation):
        approve_decision(decision_id=decision.id, version=1, by=computed.lead)
    assert approve_lot(round_id=computed.round_id, lot_id=decision.lot_id, by=computed.lead) == 0


def test_the_database_too_refuses_one_person_in_both_parts(session: Session, computed: Evaluation) -> None:
    act(computed)
    with pytest.raises(IntegrityError, match="ck_decision_two_people"):
        session.execute(
            text(
                "UPDATE decision SET state = 'approved', approved_at = now(),"
                " approved_by_id = recommended_by_id"
            )
        )


def test_whoever_declared_a_conflict_has_no_part_in_the_outcome(session: Session) -> None:
    computed = a_computed_evaluation([{}, {}], evaluators=3, conflicts={GOOD: 2})
    person = computed.evaluators[2]
    session.execute(
        text("UPDATE membership SET roles = '{evaluator,procurement_lead}' WHERE person_id = :id"),
        {"id": person.person_id},
    )
    both = actor_by_email(person.email)
    with pytest.raises(Conflicted):
        act(computed, by=both)
    assert all_as_suggested(computed, by=both) == 1
    assert decisions_of(computed)[0].application_id == computed.applications[1]


def test_approving_twice_approves_once(session: Session, computed: Evaluation) -> None:
    act(computed)
    decision, approver = decisions_of(computed)[0], an_approver(computed)
    for _ in range(2):
        approve_decision(decision_id=decision.id, version=1, by=approver)
    trail = [line["action"] for line in trail_of("decision", decision.id)]
    assert trail == ["decision.approve", "decision.recommend"]


def test_what_changed_after_the_page_was_drawn_is_not_approved(
    session: Session, computed: Evaluation
) -> None:
    act(computed)
    act(computed, outcome="not_admit", reason="Something came to light.", version=1)
    decision, approver = decisions_of(computed)[0], an_approver(computed)
    with pytest.raises(ChangedMeanwhile):
        approve_decision(decision_id=decision.id, version=1, by=approver)
    with pytest.raises(ChangedMeanwhile):
        approve_lot(round_id=computed.round_id, lot_id=decision.lot_id, seen={decision.id: 1}, by=approver)


def test_a_returned_decision_comes_back_with_the_reason(session: Session, computed: Evaluation) -> None:
    act(computed)
    decision, approver = decisions_of(computed)[0], an_approver(computed)
    return_decision(decision_id=decision.id, reason="Say which mark.", version=1, by=approver)
    decision = decisions_of(computed)[0]
    assert (decision.state, decision.return_reason) == ("returned", "Say which mark.")
    act(computed, reason="Every mark is 3.", version=1)
    assert decisions_of(computed)[0].state == "recommended"


def test_a_return_needs_a_reason(session: Session, computed: Evaluation) -> None:
    act(computed)
    with pytest.raises(Refusal) as refused:
        return_decision(
            decision_id=decisions_of(computed)[0].id, reason=" ", version=1, by=an_approver(computed)
        )
    assert refused.value.field == "reason"


@pytest.mark.parametrize("approved", [False, True])
def test_new_marks_send_a_decision_back_when_the_results_are_computed(
    session: Session, computed: Evaluation, approved: bool
) -> None:
    act(computed)
    if approved:
        approve_decision(decision_id=decisions_of(computed)[0].id, version=1, by=an_approver(computed))
    agree(computed, GOOD, {"outcomes": 5})
    compute_results(round_id=computed.round_id, by=computed.lead)
    decision = decisions_of(computed)[0]
    assert (decision.state, decision.approved_at, decision.approved_by_id) == ("returned", None, None)
    assert "agreed marks have changed" in decision.return_reason


def test_decisions_whose_marks_are_the_same_stay(session: Session, computed: Evaluation) -> None:
    all_as_suggested(computed)
    agree(computed, WEAK, {"safeguarding": 2, "outcomes": 5})
    compute_results(round_id=computed.round_id, by=computed.lead)
    states = {decision.application_id: decision.state for decision in decisions_of(computed)}
    assert [states[application] for application in computed.applications] == [
        "recommended",
        "returned",
        "recommended",
    ]


def test_the_round_is_decided_with_the_last_approval_and_not_before(
    session: Session, computed: Evaluation
) -> None:
    all_as_suggested(computed)
    first, *others = decisions_of(computed)
    approver = an_approver(computed)
    assert not approve_decision(decision_id=first.id, version=1, by=approver)
    assert computed.round.state == "marking"
    approve_lot(round_id=computed.round_id, lot_id=first.lot_id, by=approver)
    session.expire_all()
    assert computed.round.state == "decided"
    assert computed.round.decided_by_id == approver.person_id


def test_nothing_is_decided_anew_afterwards(session: Session, computed: Evaluation) -> None:
    all_as_suggested(computed)
    approve_all(computed)
    with pytest.raises(NotBeingMarked):
        act(computed, version=1)
    decision = decisions_of(computed)[0]
    with pytest.raises(Refusal):
        return_decision(decision_id=decision.id, reason="Late.", version=1, by=an_approver(computed))
    assert all(each.state == "approved" for each in decisions_of(computed))


def test_every_state_and_move_is_held_by_the_database(session: Session, computed: Evaluation) -> None:
    act(computed)
    decision = decisions_of(computed)[0]
    for values in (
        "state = 'approved'",
        "state = 'returned'",
        "state = 'unheard of'",
        "outcome = 'perhaps'",
        "reason = ''",
        "approved_at = now()",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(f"UPDATE decision SET {values} WHERE id = {decision.id}"))
    assert session.get_one(Decision, decision.id).state == "recommended"
