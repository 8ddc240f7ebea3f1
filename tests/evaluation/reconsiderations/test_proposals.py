"""Who may propose a new decision, about what, and who decides."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.assignments.declaration_queries import tenderers_for
from evaluation.assignments.declaration_services import declare_conflict_on_list
from evaluation.assignments.models import ConflictDeclaration
from evaluation.outcomes.assessment import Condition
from evaluation.outcomes.decision_services import Conflicted
from evaluation.outcomes.release_services import LetterMissing
from evaluation.outcomes.services import ChangedMeanwhile
from evaluation.reconsiderations.models import Reconsideration
from evaluation.reconsiderations.queries import proposal_for
from evaluation.reconsiderations.services import (
    NotToldYet,
    NotUpheld,
    OwnProposal,
    ProposedAlready,
    approve,
    propose,
    return_proposal,
    withdraw,
)
from evaluation.reconsiderations.waiting_queries import waiting_for
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Membership
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from tender.applications.closed_queries import NotDeclaredYet
from tests.evaluation.conftest import Build
from tests.factories.accounts import a_council, a_person
from tests.factories.evaluation import Evaluation, an_approver, declare_none
from tests.factories.frameworks import a_procurement_lead, lot_ids
from tests.factories.outcomes import (
    INSURANCE,
    a_decided_evaluation,
    a_released_evaluation,
    decisions_of,
    provider_of,
)
from tests.factories.reconsiderations import a_challenge, a_proposal, decided_anew, intended

GOOD, WEAK = range(2)


@pytest.fixture(scope="module")
def released(build: Build) -> Evaluation:
    """Two lots; the first tender is admitted to both, the second is below a minimum."""
    return build(lambda: a_released_evaluation([{}, {"safeguarding": 2}], lots=2))


def state_of(session: Session, proposal: int) -> str:
    return session.get_one(Reconsideration, proposal, populate_existing=True).state


def declare_conflict(evaluation: Evaluation, by: Actor, place: int) -> None:
    listed = tenderers_for(by, evaluation.round_id)
    application = evaluation.applications[place]
    (at,) = (n for n, each in enumerate(listed.tenderers) if each.application_id == application)
    declare_conflict_on_list(
        round_id=evaluation.round_id, place=at, kind="actual", conflict="A sister.", seen=listed.seen, by=by
    )


def test_a_proposal_changes_nothing_before_somebody_else_approves_it(
    session: Session, released: Evaluation
) -> None:
    a_proposal(released, WEAK)
    assert {decision.state for decision in decisions_of(released)} == {"released"}
    assert len(decisions_of(released)) == 4


def another_lead(released: Evaluation) -> Actor:
    """A second lead, who has no conflict with a tenderer of the round."""
    lead = released.person("procurement_lead")
    declare_none(released, lead)
    return lead


def test_whoever_has_not_declared_proposes_nothing(session: Session, released: Evaluation) -> None:
    with pytest.raises(NotDeclaredYet):
        a_proposal(released, WEAK, by=released.person("procurement_lead"))


def test_nobody_approves_or_returns_their_own_proposal(session: Session, released: Evaluation) -> None:
    both = another_lead(released)
    proposal = a_proposal(released, WEAK, by=both)
    with pytest.raises(OwnProposal):
        approve(reconsideration_id=proposal, by=both)
    with pytest.raises(OwnProposal):
        return_proposal(reconsideration_id=proposal, reason="Mine.", by=both)
    with pytest.raises(IntegrityError, match="two_people"), session.begin_nested():
        session.execute(
            text("UPDATE reconsideration SET state = 'approved', decided_at = now(), decided_by_id = :by"),
            {"by": both.person_id},
        )


def test_the_same_proposal_sent_twice_is_made_once(session: Session, released: Evaluation) -> None:
    challenge = a_challenge(released)
    assert a_proposal(released, WEAK, challenge_id=challenge) == a_proposal(
        released, WEAK, challenge_id=challenge
    )


def test_two_proposals_for_one_tender_and_lot_do_not_wait_beside_each_other(
    session: Session, released: Evaluation
) -> None:
    a_proposal(released, WEAK)
    with pytest.raises(ProposedAlready):
        a_proposal(released, WEAK, by=another_lead(released), reason="Otherwise.")
    a_proposal(released, WEAK, lot=1)


@pytest.mark.parametrize("finding", [None, "not_upheld"])
def test_nothing_is_decided_anew_because_of_a_challenge_that_was_not_upheld(
    session: Session, released: Evaluation, finding: str | None
) -> None:
    with pytest.raises(NotUpheld):
        a_proposal(released, WEAK, challenge_id=a_challenge(released, finding))


def test_a_challenge_upheld_in_part_is_enough(session: Session, released: Evaluation) -> None:
    assert a_proposal(released, WEAK, challenge_id=a_challenge(released, "partly_upheld"))


def test_a_challenge_of_another_lot_or_round_opens_nothing(session: Session, released: Evaluation) -> None:
    with pytest.raises(NotFound):
        a_proposal(released, WEAK, challenge_id=a_challenge(released, lot=1))
    other = a_released_evaluation([{}])
    with pytest.raises(NotFound):
        a_proposal(released, WEAK, challenge_id=a_challenge(other), by=other.lead)


def test_there_is_no_decision_to_replace_before_the_letters_are_out(session: Session) -> None:
    decided = a_decided_evaluation()
    with pytest.raises(NotToldYet):
        a_proposal(decided, GOOD, "not_admit")


def test_another_council_finds_none_of_it(session: Session, released: Evaluation) -> None:
    proposal, stranger = a_proposal(released, WEAK), a_procurement_lead()
    for act in (approve, withdraw):
        with pytest.raises(NotFound):
            act(reconsideration_id=proposal, by=stranger)
    with pytest.raises(NotFound):
        proposal_for(stranger, proposal)


@pytest.mark.parametrize(
    ("outcome", "said", "field"),
    [
        ("excluded", {}, "outcome"),
        ("", {}, "outcome"),
        ("not_admit", {}, "outcome"),
        ("admit", {"reason": " "}, "reason"),
        ("admit_conditionally", {}, "conditions"),
        ("admit_conditionally", {"conditions": (Condition("A paper.", None, clock.today()),)}, "conditions"),
    ],
)
def test_what_is_wrong_with_a_proposal_is_named(
    session: Session, released: Evaluation, outcome: str, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        a_proposal(released, WEAK, outcome, **said)
    assert refused.value.field == field


def test_a_provider_loses_its_admission_only_when_it_was_heard(
    session: Session, released: Evaluation
) -> None:
    with pytest.raises(Refusal) as refused:
        a_proposal(released, GOOD, "not_admit", heard=" ")
    assert refused.value.field == "heard"


def test_whoever_has_a_conflict_neither_proposes_nor_approves(session: Session, released: Evaluation) -> None:
    proposal, approver = a_proposal(released, WEAK), an_approver(released)
    declare_conflict(released, approver, WEAK)
    with pytest.raises(Conflicted):
        approve(reconsideration_id=proposal, by=approver)
    with pytest.raises(NotFound):
        proposal_for(approver, proposal)
    lead = released.person("procurement_lead")
    session.add(
        ConflictDeclaration(
            application_id=released.applications[GOOD], person_id=lead.person_id,
            conflict_kind="actual", conflict="A sister works there.", declared_at=clock.now(),
        )
    )  # fmt: skip
    session.commit()
    with pytest.raises(Conflicted):
        a_proposal(released, GOOD, "not_admit", by=lead)


def test_an_approver_declares_on_the_provider_first(session: Session, released: Evaluation) -> None:
    proposal = a_proposal(released, WEAK)
    with pytest.raises(NotDeclaredYet):
        approve(reconsideration_id=proposal, by=released.person("approver"))
    assert state_of(session, proposal) == "proposed"


def test_a_returned_proposal_has_changed_nothing_and_leaves_room_for_another(
    session: Session, released: Evaluation
) -> None:
    proposal, approver = a_proposal(released, WEAK), an_approver(released)
    for _ in range(2):
        return_proposal(reconsideration_id=proposal, reason="Say which mark.", by=approver)
    with pytest.raises(MoveRefused):
        approve(reconsideration_id=proposal, by=approver)
    with pytest.raises(Refusal, match="looked at again"):
        return_proposal(reconsideration_id=proposal, reason=" ", by=approver)
    assert a_proposal(released, WEAK) != proposal


def test_a_proposal_that_was_taken_back_cannot_be_approved(session: Session, released: Evaluation) -> None:
    proposal = a_proposal(released, WEAK)
    for _ in range(2):
        withdraw(reconsideration_id=proposal, by=released.lead)
    with pytest.raises(MoveRefused):
        approve(reconsideration_id=proposal, by=an_approver(released))
    assert len(decisions_of(released)) == 4


def test_what_was_proposed_stays_as_it_was_written(session: Session, released: Evaluation) -> None:
    a_proposal(released, WEAK)
    for change in ("reason = 'x'", "outcome = 'not_admit'", "heard = 'x'"):
        with pytest.raises(IntegrityError, match="record"), session.begin_nested():
            session.execute(text(f"UPDATE reconsideration SET {change}"))


def test_a_page_that_showed_another_decision_proposes_nothing(session: Session, released: Evaluation) -> None:
    with pytest.raises(ChangedMeanwhile):
        propose(
            challenge_id=a_challenge(released),
            application_id=released.applications[WEAK],
            lot_id=lot_ids(released.round)[0],
            intended=intended(),
            seen=0,
            by=released.lead,
        )


def test_a_condition_whose_day_has_come_is_not_approved_any_more(
    session: Session, released: Evaluation
) -> None:
    proposal = a_proposal(released, WEAK, "admit_conditionally", conditions=(INSURANCE,))
    approver = an_approver(released)
    with clock.staged_at(clock.now() + timedelta(days=31)), pytest.raises(Refusal, match="after today"):
        approve(reconsideration_id=proposal, by=approver)
    assert state_of(session, proposal) == "proposed"


def test_a_provider_without_people_cannot_be_told_so_nothing_is_decided(
    session: Session, released: Evaluation
) -> None:
    proposal, approver = a_proposal(released, WEAK), an_approver(released)
    provider = provider_of(released, WEAK).organisation_id
    for member in session.scalars(select(Membership).where(Membership.organisation_id == provider)):
        member.active = False
    session.commit()
    with pytest.raises(LetterMissing):
        approve(reconsideration_id=proposal, by=approver)
    assert len(decisions_of(released)) == 4


def test_home_says_what_waits_for_whom(session: Session, released: Evaluation) -> None:
    proposal, approver = a_proposal(released, WEAK), an_approver(released)
    (task,) = waiting_for(approver).now
    assert task.sentence.startswith("A new decision on ")
    assert [line.state for line in waiting_for(released.lead).going_on] == ["awaiting_approval"]
    return_proposal(reconsideration_id=proposal, reason="Say which mark.", by=approver)
    assert waiting_for(approver).now == ()
    assert waiting_for(released.lead).now[0].sentence.endswith("was returned")
    decided_anew(released, WEAK)
    assert waiting_for(released.lead).now == ()
    assert waiting_for(a_person(a_council("Elsewhere"), "approver")).now == ()
