"""Naming panels, handing out tenders, declaring conflicts."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.assignments import queries
from evaluation.assignments.conflict_queries import conflicts_in
from evaluation.assignments.models import Assignment, PanelMember
from evaluation.assignments.services import (
    NotMarking,
    PanelRefused,
    accept,
    assign_panel,
    declare_conflict,
    name_panel,
)
from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from tender.frameworks.services import mark_decided
from tests.evaluation.conftest import Build
from tests.factories.accounts import a_council, a_person
from tests.factories.evaluation import Evaluation, a_marking_evaluation, mark_tender


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """Three tenders, the last failing a condition, handed out to two evaluators and not declared on."""
    return build(lambda: a_marking_evaluation(3, answers=[{}, {}, {"insurance": "no"}], accepted=False))


def name(marking: Evaluation, evaluators: list[Actor], moderators: list[Actor]) -> None:
    name_panel(
        round_id=marking.round_id,
        evaluators=[person.person_id for person in evaluators],
        moderators=[person.person_id for person in moderators],
        reason="Leave, until June.",
        by=marking.lead,
    )


def with_one_more(marking: Evaluation) -> Actor:
    added = marking.person("evaluator")
    name(marking, [*marking.evaluators, added], [marking.moderator])
    return added


def assigned(session: Session, person: Actor) -> list[int]:
    return list(
        session.scalars(select(Assignment.application_id).where(Assignment.evaluator_id == person.person_id))
    )


def test_every_conforming_tender_goes_to_every_evaluator(session: Session, marking: Evaluation) -> None:
    for evaluator in marking.evaluators:
        assert sorted(assigned(session, evaluator)) == marking.applications[:2]


def test_handing_out_again_changes_nothing(session: Session, marking: Evaluation) -> None:
    assert assign_panel(round_id=marking.round_id, by=marking.lead) == 0
    assert session.scalar(select(func.count()).select_from(Assignment)) == 4


def test_an_evaluator_who_is_added_gets_what_is_not_complete(session: Session, marking: Evaluation) -> None:
    for place in (0, 1):
        accept(assignment_id=marking.assignment(place).id, by=marking.evaluators[place])
        mark_tender(marking, place)
    added = with_one_more(marking)
    assign_panel(round_id=marking.round_id, by=marking.lead)
    assert assigned(session, added) == [marking.applications[1]]


@pytest.mark.parametrize(("evaluators", "moderators"), [(1, 1), (0, 1), (2, 0)])
def test_a_panel_that_is_too_small_is_refused(
    session: Session, marking: Evaluation, evaluators: int, moderators: int
) -> None:
    with pytest.raises(PanelRefused, match="Choose at least"):
        name(marking, marking.evaluators[:evaluators], [marking.moderator][:moderators])


def test_a_moderator_of_a_round_is_not_its_evaluator(session: Session, marking: Evaluation) -> None:
    both = marking.person("evaluator", "moderator")
    with pytest.raises(PanelRefused, match="evaluator and moderator of one round"):
        name(marking, [*marking.evaluators, both], [both])


def test_the_database_too_knows_nobody_as_both(session: Session, marking: Evaluation) -> None:
    person_id = marking.evaluators[0].person_id
    session.add(PanelMember(round_id=marking.round_id, person_id=person_id, role="moderator"))
    with pytest.raises(IntegrityError):
        session.flush()


def test_only_people_of_the_council_with_the_role_serve(session: Session, marking: Evaluation) -> None:
    stranger = a_person(a_council("Another Council"), "evaluator")
    for person in (stranger, marking.moderator, marking.lead):
        with pytest.raises(PanelRefused):
            name(marking, [*marking.evaluators, person], [marking.person("moderator")])


def test_nobody_who_has_tenders_is_taken_off(session: Session, marking: Evaluation) -> None:
    others = [marking.person("evaluator") for _ in range(2)]
    with pytest.raises(PanelRefused, match="has tenders to mark"):
        name(marking, others, [marking.moderator])
    assert set(queries.panel_of(marking.round_id)) >= {person.person_id for person in marking.evaluators}


def test_a_change_of_the_panel_leaves_its_line(session: Session, marking: Evaluation) -> None:
    added = with_one_more(marking)
    line = next(line for line in trail_of("round", marking.round_id) if line["action"] == "panel.name")
    assert line["details"]["added"] == [[added.person_id, "evaluator"]]


def test_tenders_are_handed_out_only_while_marking(session: Session, marking: Evaluation) -> None:
    mark_decided(round_id=marking.round_id, by=marking.lead)
    with pytest.raises(NotMarking):
        assign_panel(round_id=marking.round_id, by=marking.lead)
    with pytest.raises(PanelRefused, match="until the results are decided"):
        with_one_more(marking)


def test_accepting_twice_counts_once(session: Session, marking: Evaluation) -> None:
    own, by = marking.assignment(), marking.evaluators[0]
    accept(assignment_id=own.id, by=by)
    accept(assignment_id=own.id, by=by)
    assert [line["action"] for line in trail_of("assignment", own.id)] == ["assignment.accept"]


def test_nobody_declares_for_another(session: Session, marking: Evaluation) -> None:
    for person in (marking.evaluators[1], marking.lead):
        with pytest.raises(NotFound):
            accept(assignment_id=marking.assignment(0).id, by=person)


def test_a_conflict_must_say_what_it_is(session: Session, marking: Evaluation) -> None:
    with pytest.raises(Refusal, match="Say what the conflict is"):
        declare_conflict(assignment_id=marking.assignment().id, conflict=" ", by=marking.evaluators[0])
    assert marking.assignment().state == "assigned"


def test_a_conflict_ends_the_assignment_and_tells_the_lead(session: Session, marking: Evaluation) -> None:
    declare_conflict(
        assignment_id=marking.assignment().id, conflict="My brother works there.", by=marking.evaluators[0]
    )
    assert marking.assignment().state == "conflicted"
    (task,) = queries.waiting_for(marking.lead).now
    assert "1 tender left with fewer than two evaluators" in task.sentence
    assert conflicts_in(marking.round_id)[0]["conflict"] == "My brother works there."


def test_another_evaluator_makes_up_for_a_conflict(session: Session, marking: Evaluation) -> None:
    declare_conflict(
        assignment_id=marking.assignment().id, conflict="I was a trustee.", by=marking.evaluators[0]
    )
    with_one_more(marking)
    assign_panel(round_id=marking.round_id, by=marking.lead)
    assert not queries.short_of_evaluators(marking.round_id)
    assert not queries.waiting_for(marking.lead).now
    assert marking.assignment().state == "conflicted"


def test_nobody_accepts_after_a_conflict(session: Session, marking: Evaluation) -> None:
    own, by = marking.assignment().id, marking.evaluators[0]
    declare_conflict(assignment_id=own, conflict="A friend runs it.", by=by)
    with pytest.raises(MoveRefused):
        accept(assignment_id=own, by=by)


def test_a_conflict_found_after_the_lock_leaves_the_marks_locked(
    session: Session, marking: Evaluation
) -> None:
    own, by = marking.assignment().id, marking.evaluators[0]
    accept(assignment_id=own, by=by)
    mark_tender(marking)
    declare_conflict(assignment_id=own, conflict="I remember now.", by=by)
    assert marking.assignment().state == "locked" and marking.assignment().conflict == ""
