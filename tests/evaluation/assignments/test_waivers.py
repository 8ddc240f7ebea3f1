"""Conflicts of three kinds, their mitigation, and the waiver that is somebody else's decision."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.assignments import queries
from evaluation.assignments.conflict_queries import conflicts_in
from evaluation.assignments.proposal_queries import sections_of
from evaluation.assignments.services import declare_conflict
from evaluation.assignments.waiver_services import (
    NothingToWaive,
    WaiverRefused,
    decide_waiver,
    propose_mitigation,
)
from evaluation.scoring.queries import answers_to_mark
from evaluation.scoring.services import record_mark
from portal.accounts.access import Actor
from portal.errors import NotFound, Refusal
from tender.applications.models import Answer
from tender.frameworks.models import Question
from tests.evaluation.assignments.test_parts import SAFEGUARDING
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import REASON, Evaluation, a_marking_evaluation, an_approver, mark_tender
from tests.factories.frameworks import a_procurement_lead
from tests.web_client import sign_in

MITIGATION = "A third evaluator marks the same answers."


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """One tender, accepted by two evaluators."""
    return build(lambda: a_marking_evaluation())


def declared(marking: Evaluation, kind: str = "perceived") -> int:
    own = marking.assignment().id
    declare_conflict(assignment_id=own, kind=kind, conflict="I taught there.", by=marking.evaluators[0])
    return own


def waived(marking: Evaluation, granted: bool = True) -> tuple[int, Actor]:
    own, approver = declared(marking), marking.person("approver")
    propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=marking.lead)
    decide_waiver(assignment_id=own, granted=granted, reason="It is ten years ago.", by=approver)
    return own, approver


@pytest.mark.parametrize("kind", ["actual", "potential", "perceived"])
def test_every_kind_of_conflict_closes_the_tender(session: Session, marking: Evaluation, kind: str) -> None:
    declared(marking, kind)
    assert marking.assignment().state == "conflicted"
    assert conflicts_in(marking.round_id)[0]["conflict_kind"] == kind


def test_no_other_kind_is_known(session: Session, marking: Evaluation) -> None:
    with pytest.raises(Refusal, match="actual, potential or perceived"):
        declared(marking, "small")


def test_a_waiver_opens_the_tender_and_its_marks_count(session: Session, marking: Evaluation) -> None:
    waived(marking)
    assert marking.assignment().state == "accepted"
    mark_tender(marking)
    assert conflicts_in(marking.round_id)[0]["state"] == "locked"


def test_a_refused_waiver_leaves_it_closed_and_can_be_proposed_anew(
    session: Session, marking: Evaluation
) -> None:
    own, _ = waived(marking, granted=False)
    assert marking.assignment().state == "conflicted"
    propose_mitigation(assignment_id=own, mitigation="Two more mark it.", by=marking.lead)


def test_without_a_waiver_the_database_takes_no_mark(session: Session, marking: Evaluation) -> None:
    own = declared(marking)
    session.execute(text("UPDATE assignment SET state = 'accepted' WHERE id = :id"), {"id": own})
    with pytest.raises(IntegrityError, match="not waived"):
        mark_tender(marking)


def test_an_earlier_waiver_does_not_cover_a_later_conflict(session: Session, marking: Evaluation) -> None:
    own, _ = waived(marking)
    declare_conflict(assignment_id=own, kind="actual", conflict="I work there now.", by=marking.evaluators[0])
    session.execute(text("UPDATE assignment SET state = 'accepted' WHERE id = :id"), {"id": own})
    with pytest.raises(IntegrityError, match="not waived"):
        mark_tender(marking)


def test_nobody_decides_on_what_they_proposed(session: Session, marking: Evaluation) -> None:
    own = declared(marking)
    propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=marking.lead)
    for person in (marking.lead, marking.evaluators[0]):
        with pytest.raises(WaiverRefused):
            decide_waiver(assignment_id=own, granted=True, reason="Fine.", by=person)
    with pytest.raises(IntegrityError, match="two_people"), session.begin_nested():
        session.execute(
            text(
                "UPDATE conflict_waiver SET granted = true, reason = 'x', decided_at = now(),"
                " decided_by_id = proposed_by_id"
            )
        )


def test_a_decision_needs_a_proposal_and_is_made_once(session: Session, marking: Evaluation) -> None:
    own = declared(marking)
    approver = marking.person("approver")
    with pytest.raises(NothingToWaive):
        decide_waiver(assignment_id=own, granted=True, reason="Fine.", by=approver)
    propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=marking.lead)
    with pytest.raises(NothingToWaive):
        propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=marking.lead)
    decide_waiver(assignment_id=own, granted=False, reason="No.", by=approver)
    with pytest.raises(NothingToWaive):
        decide_waiver(assignment_id=own, granted=True, reason="Yes.", by=approver)


def test_another_council_finds_nothing_to_propose(session: Session, marking: Evaluation) -> None:
    own = declared(marking)
    with pytest.raises(NotFound):
        propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=a_procurement_lead())


def test_a_decided_waiver_is_a_record(session: Session, marking: Evaluation) -> None:
    waived(marking)
    for change in ("UPDATE conflict_waiver SET reason = 'other'", "DELETE FROM conflict_waiver"):
        with pytest.raises(IntegrityError, match="record"), session.begin_nested():
            session.execute(text(change))


def test_the_approver_decides_from_the_home_page_on(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    own = declared(marking)
    propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=marking.lead)
    approver = an_approver(marking)
    (task,) = queries.waiting_for(approver).now
    sign_in(client, approver.email)
    assert task.sentence in client.get("/").get_data(as_text=True)
    assert MITIGATION in client.get(f"/waivers/{own}").get_data(as_text=True)
    wrong = client.post(f"/waivers/{own}/waiver", data={"decision": "yes", "reason": ""})
    assert wrong.status_code == 422
    client.post(f"/waivers/{own}/waiver", data={"decision": "yes", "reason": "It is ten years ago."})
    assert marking.assignment().state == "accepted"


def test_whoever_declared_does_not_find_the_page(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    own = declared(marking)
    sign_in(client, marking.evaluators[0].email)
    assert client.get(f"/waivers/{own}").status_code == 403


@pytest.fixture(scope="module")
def in_parts(build: Build) -> Evaluation:
    """As `marking`, with a scored question in a second section."""
    return build(lambda: a_marking_evaluation(asking=[SAFEGUARDING]))


def narrowed(in_parts: Evaluation, *left_out: str) -> int:
    """A conflict of the first evaluator that is waived but for these sections."""
    own = declared(in_parts)
    propose_mitigation(assignment_id=own, mitigation=MITIGATION, left_out=left_out, by=in_parts.lead)
    decide_waiver(assignment_id=own, granted=True, reason="Of the rest he is free.", by=an_approver(in_parts))
    return own


def scored_sections(session: Session, in_parts: Evaluation) -> list[str]:
    asked = select(Question.section).where(
        Question.round_id == in_parts.round_id, Question.judged_as == "scored"
    )
    return sorted(set(session.scalars(asked)))


def marked_by(session: Session, in_parts: Evaluation) -> set[str]:
    """The sections of the answers that are the first evaluator's to mark."""
    row = {"id": in_parts.assignment().id, "state": "accepted", "round_id": in_parts.round_id}
    ids = [each["answer_id"] for each in answers_to_mark(row)]
    return set(session.scalars(select(Question.section).join(Answer).where(Answer.id.in_(ids))))


def test_a_waiver_takes_the_sections_away_that_its_mitigation_names(
    session: Session, in_parts: Evaluation
) -> None:
    out, *rest = scored_sections(session, in_parts)
    assert queries.short_of_evaluators(in_parts.round_id) == []
    narrowed(in_parts, out)
    assert marked_by(session, in_parts) == set(rest)
    assert [row["application_id"] for row in queries.short_of_evaluators(in_parts.round_id)] == (
        in_parts.applications
    )


def test_what_is_left_out_is_neither_shown_nor_marked(
    client: FlaskClient, session: Session, in_parts: Evaluation
) -> None:
    out = scored_sections(session, in_parts)[0]
    of_it = select(Answer.id).join(Question).where(
        Answer.application_id == in_parts.applications[0], Question.section == out,
        Question.judged_as == "scored",
    )  # fmt: skip
    answer_id, own = session.scalars(of_it).first(), narrowed(in_parts, out)
    sign_in(client, in_parts.evaluators[0].email)
    assert client.get(f"/marking/{own}/answers/{answer_id}").status_code == 404
    with pytest.raises(NotFound):
        record_mark(
            assignment_id=own, answer_id=answer_id, points=3, reason=REASON, version=0,
            by=in_parts.evaluators[0],
        )  # fmt: skip
    assert "They are not shown to you" in client.get(f"/marking/{own}/declaration").text


@pytest.mark.parametrize("wrong", ["all", "unknown"])
def test_a_mitigation_leaves_something_to_mark_of_what_was_given(
    session: Session, in_parts: Evaluation, wrong: str
) -> None:
    own = declared(in_parts)
    left_out = scored_sections(session, in_parts) if wrong == "all" else ["no-such-section"]
    with pytest.raises(WaiverRefused, match="Leave at least one section"):
        propose_mitigation(assignment_id=own, mitigation=MITIGATION, left_out=left_out, by=in_parts.lead)


def test_the_lead_ticks_the_sections_and_the_approver_reads_them(
    app: Flask, session: Session, in_parts: Evaluation
) -> None:
    own, out = declared(in_parts), scored_sections(session, in_parts)[0]
    title = sections_of(in_parts.round_id)[out]
    lead = sign_in(app.test_client(), in_parts.lead.email)
    assert title in lead.get(f"/waivers/{own}").text
    refused = lead.post(f"/waivers/{own}/mitigation", data={"mitigation": "", "left_out": [out]})
    assert refused.status_code == 422 and f'value="{out}" checked' in refused.text
    sent = lead.post(f"/waivers/{own}/mitigation", data={"mitigation": MITIGATION, "left_out": [out]})
    assert sent.status_code == 303
    page = sign_in(app.test_client(), an_approver(in_parts).email).get(f"/waivers/{own}").text
    assert faults(page, app) == [] and f"They would not mark: {title}." in page


def test_what_a_mitigation_leaves_out_is_never_rewritten(session: Session, in_parts: Evaluation) -> None:
    own = declared(in_parts)
    propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=in_parts.lead)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE conflict_waiver SET left_out = ARRAY['quality']"))
