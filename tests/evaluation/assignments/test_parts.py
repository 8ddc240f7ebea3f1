"""Evaluators for lots and sections: who marks what, and when a tender is complete."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.assignments import queries
from evaluation.assignments.coverage_queries import complete_applications
from evaluation.assignments.hand_out_services import ProposalChanged, apply_proposal, assign_by_hand
from evaluation.assignments.proposal_queries import proposed_spread, sections_of, tender_panel
from evaluation.assignments.services import PanelRefused, accept, assign_panel, decline, set_part
from evaluation.conformity.answer_queries import markable_answers
from evaluation.conformity.services import start_marking
from evaluation.pictures.queries import board_of
from evaluation.scoring.models import Mark
from evaluation.scoring.queries import answers_to_mark
from evaluation.scoring.services import record_mark
from portal.audit.queries import trail_of
from portal.database import db
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from tender.applications.models import Answer, Application
from tender.frameworks.default_pack import default_pack
from tender.frameworks.models import Question
from tests.evaluation.conftest import Build
from tests.factories.evaluation import (
    REASON,
    Evaluation,
    an_opened_evaluation,
    mark_tender,
    pass_referred,
    with_panel,
)
from tests.factories.frameworks import lot_ids

WHY = "She knows safeguarding best."
# The default pack marks questions of one section; here one of them stands in another.
SAFEGUARDING = replace(
    next(asked for asked in default_pack("PCR2015").questions if asked.code == "safeguarding"),
    section="safety",
)


def three_evaluators() -> Evaluation:
    """Two tenders for two lots, ready to be handed out to three evaluators."""
    marking = with_panel(an_opened_evaluation(2, lots=2, asking=[SAFEGUARDING]), 3)
    pass_referred(marking)
    start_marking(round_id=marking.round_id, by=marking.lead)
    return marking


@pytest.fixture(scope="module")
def ready(build: Build) -> Evaluation:
    """Two tenders for two lots and three evaluators; nothing is handed out."""
    return build(three_evaluators)


def scored_sections(ready: Evaluation) -> list[str]:
    answers = markable_answers(ready.round_id).subquery()
    found = set(db.session.scalars(select(answers.c.section)))
    return [code for code in sections_of(ready.round_id) if code in found]


def lots_of_answers(ready: Evaluation) -> dict[int, int | None]:
    answers = markable_answers(ready.round_id).subquery()
    return dict(db.session.execute(select(answers.c.id, answers.c.lot_id)).tuples().all())


def give_part(ready: Evaluation, place: int, lots=(), sections=(), skills=()) -> None:
    set_part(
        round_id=ready.round_id,
        person_id=ready.evaluators[place].person_id,
        lots=lots,
        sections=sections,
        skills=skills,
        reason=WHY,
        by=ready.lead,
    )


def to_mark(ready: Evaluation, place: int, application: int = 0) -> list[int]:
    accept(assignment_id=ready.assignment(place, application).id, by=ready.evaluators[place])
    own = ready.assignment(place, application)
    row = {"id": own.id, "state": own.state, "round_id": ready.round_id}
    return [answer["answer_id"] for answer in answers_to_mark(row)]


def test_an_evaluator_of_a_section_marks_its_answers_alone(session: Session, ready: Evaluation) -> None:
    section = scored_sections(ready)[0]
    give_part(ready, 0, sections=[section])
    assign_panel(round_id=ready.round_id, by=ready.lead)
    own, everything = to_mark(ready, 0), to_mark(ready, 1)
    assert 0 < len(own) < len(everything)
    other = next(answer for answer in everything if answer not in own)
    with pytest.raises(NotFound):
        record_mark(
            assignment_id=ready.assignment(0).id,
            answer_id=other, points=3, reason=REASON, version=0, by=ready.evaluators[0],
        )  # fmt: skip


def test_the_database_too_refuses_a_mark_outside_ones_part(session: Session, ready: Evaluation) -> None:
    give_part(ready, 0, sections=[scored_sections(ready)[0]])
    assign_panel(round_id=ready.round_id, by=ready.lead)
    own, everything = to_mark(ready, 0), to_mark(ready, 1)
    other = next(answer for answer in everything if answer not in own)
    question = session.execute(
        select(Question.id, Question.scale_id)
        .join(Answer, Answer.question_id == Question.id)
        .where(Answer.id == other)
    ).one()
    session.add(
        Mark(
            answer_id=other, evaluator_id=ready.evaluators[0].person_id, question_id=question.id,
            scale_id=question.scale_id, points=1, reason=REASON,
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="somebody else"):
        session.flush()


def test_an_evaluator_of_one_lot_marks_it_and_what_is_asked_once(session: Session, ready: Evaluation) -> None:
    of_lots = lots_of_answers(ready)
    lots = sorted({lot for lot in of_lots.values() if lot})
    give_part(ready, 0, lots=lots[:1])
    assign_panel(round_id=ready.round_id, by=ready.lead)
    own, everything = to_mark(ready, 0), to_mark(ready, 1)
    assert {of_lots[answer] for answer in own} == {None, lots[0]}
    assert len(everything) > len(own)


def test_a_tender_is_complete_when_two_have_locked_for_every_answer(
    session: Session, ready: Evaluation
) -> None:
    first, *_ = scored_sections(ready)
    for place in (0, 1):
        give_part(ready, place, sections=[first])
    assign_panel(round_id=ready.round_id, by=ready.lead)
    short = [row["application_id"] for row in queries.short_of_evaluators(ready.round_id)]
    assert sorted(short) == sorted(ready.applications)
    for place in range(3):
        to_mark(ready, place)
        mark_tender(ready, place)
    assert session.scalars(complete_applications(select(Application.id))).all() == []


def test_two_panels_of_sections_complete_a_tender_together(session: Session, ready: Evaluation) -> None:
    first, *others = scored_sections(ready)
    give_part(ready, 0, sections=[first])
    assign_panel(round_id=ready.round_id, by=ready.lead)
    assert queries.short_of_evaluators(ready.round_id) == []
    for place in (1, 2):
        to_mark(ready, place)
        mark_tender(ready, place)
    assert session.scalars(complete_applications(select(Application.id))).all() == []
    to_mark(ready, 0)
    mark_tender(ready, 0)
    assert session.scalars(complete_applications(select(Application.id))).all() == ready.applications[:1]


def test_a_proposal_is_handed_out_as_it_was_shown(session: Session, ready: Evaluation) -> None:
    shown = proposed_spread(ready.round_id, 2, sections_of(ready.round_id))
    assert not shown.proposal.short
    apply_proposal(round_id=ready.round_id, each=2, fingerprint=shown.fingerprint, by=ready.lead)
    assert queries.short_of_evaluators(ready.round_id) == []
    assert not proposed_spread(ready.round_id, 2, sections_of(ready.round_id)).proposal.given
    loads = proposed_spread(ready.round_id, 2, sections_of(ready.round_id)).proposal.load
    assert loads == shown.proposal.load


def test_a_proposal_that_has_changed_is_not_handed_out(session: Session, ready: Evaluation) -> None:
    shown = proposed_spread(ready.round_id, 2, sections_of(ready.round_id))
    give_part(ready, 0, sections=scored_sections(ready)[:1])
    with pytest.raises(ProposalChanged):
        apply_proposal(round_id=ready.round_id, each=2, fingerprint=shown.fingerprint, by=ready.lead)


def by_hand(ready: Evaluation, wanted: dict[int, set[str]], reason: str = WHY) -> None:
    assign_by_hand(
        round_id=ready.round_id,
        application_id=ready.applications[0],
        wanted={ready.evaluators[place].person_id: codes for place, codes in wanted.items()},
        reason=reason,
        by=ready.lead,
    )


def test_by_hand_one_section_goes_to_one_evaluator(session: Session, ready: Evaluation) -> None:
    first, *_ = scored_sections(ready)
    by_hand(ready, {0: {first}})
    assert ready.assignment(0).sections == [first]
    assert trail_of("round", ready.round_id)[0]["details"]["reason"] == WHY


def test_by_hand_needs_a_reason(session: Session, ready: Evaluation) -> None:
    with pytest.raises(PanelRefused, match="Say why"):
        by_hand(ready, {0: {scored_sections(ready)[0]}}, reason=" ")


def test_whoever_has_begun_keeps_what_they_have(session: Session, ready: Evaluation) -> None:
    first, *others = scored_sections(ready)
    assign_panel(round_id=ready.round_id, by=ready.lead)
    to_mark(ready, 0)
    with pytest.raises(PanelRefused, match="has begun"):
        by_hand(ready, {0: {first}, 1: {first, *others}, 2: {first, *others}})


def test_a_tender_is_taken_back_and_given_again(session: Session, ready: Evaluation) -> None:
    every = set(scored_sections(ready))
    assign_panel(round_id=ready.round_id, by=ready.lead)
    to_mark(ready, 0)
    by_hand(ready, {1: every, 2: every})
    assert ready.assignment(0).state == "declined"
    by_hand(ready, {0: every, 1: every, 2: every})
    assert ready.assignment(0).state == "assigned"


def test_locked_marks_stay_whatever_the_lead_does_by_hand(session: Session, ready: Evaluation) -> None:
    every = set(scored_sections(ready))
    assign_panel(round_id=ready.round_id, by=ready.lead)
    to_mark(ready, 0)
    mark_tender(ready, 0)
    with pytest.raises(PanelRefused, match="has locked"):
        by_hand(ready, {1: every, 2: every})


def test_handing_back_needs_a_reason_and_tells_the_lead(session: Session, ready: Evaluation) -> None:
    assign_panel(round_id=ready.round_id, by=ready.lead)
    own, by = ready.assignment(0).id, ready.evaluators[0]
    with pytest.raises(Refusal, match="Say why"):
        decline(assignment_id=own, reason=" ", by=by)
    decline(assignment_id=own, reason="I am on leave until June.", by=by)
    decline(assignment_id=own, reason="Twice.", by=by)
    (row,) = queries.declined_in(ready.round_id)
    assert (row["decline_reason"], row["declined_by"]) == ("I am on leave until June.", None)
    assert any("1 tender handed back" in line.sentence for line in queries.waiting_for(ready.lead).going_on)


def test_whoever_handed_back_may_think_better_of_it(session: Session, ready: Evaluation) -> None:
    assign_panel(round_id=ready.round_id, by=ready.lead)
    own, by = ready.assignment(0).id, ready.evaluators[0]
    decline(assignment_id=own, reason="Leave.", by=by)
    accept(assignment_id=own, by=by)
    assert ready.assignment(0).state == "accepted"


def test_locked_marks_are_not_handed_back(session: Session, ready: Evaluation) -> None:
    assign_panel(round_id=ready.round_id, by=ready.lead)
    to_mark(ready, 0)
    mark_tender(ready, 0)
    with pytest.raises(MoveRefused):
        decline(assignment_id=ready.assignment(0).id, reason="Too late.", by=ready.evaluators[0])


def test_a_part_needs_a_reason_and_an_evaluator(session: Session, ready: Evaluation) -> None:
    facts = {"round_id": ready.round_id, "lots": (), "skills": ("finance",), "sections": (), "by": ready.lead}
    with pytest.raises(PanelRefused, match="Say why"):
        set_part(person_id=ready.evaluators[0].person_id, reason="", **facts)
    with pytest.raises(NotFound):
        set_part(person_id=ready.moderator.person_id, reason=WHY, **facts)


def test_the_tenders_page_shows_who_has_what(session: Session, ready: Evaluation) -> None:
    by_hand(ready, {0: {scored_sections(ready)[0]}})
    panel = tender_panel(ready.round_id, ready.applications[0])
    held = {
        (row["person_id"], code) for row in panel.holders for code in panel.sections if panel.holds(row, code)
    }
    assert held == {(ready.evaluators[0].person_id, scored_sections(ready)[0])}


def test_the_board_counts_the_part_of_whoever_marks_a_part(session: Session, ready: Evaluation) -> None:
    give_part(ready, 0, sections=["safety"])
    give_part(ready, 1, lots=[lot_ids(ready.round)[0]])
    assign_panel(round_id=ready.round_id, by=ready.lead)
    lots = lots_of_answers(ready)
    told = {person.person_id: 0 for person in ready.evaluators}
    for row in board_of(ready.round_id):
        told[row["person_id"]] += row["to_mark"]
    everything = len(lots)
    of_one_lot = sum(lot in (None, lot_ids(ready.round)[0]) for lot in lots.values())
    assert list(told.values()) == [2, of_one_lot, everything]
