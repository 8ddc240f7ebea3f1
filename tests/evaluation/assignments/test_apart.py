"""Sections that are marked apart: by their own evaluators, and withheld from the others until released."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.assignments.apart_services import release_section, set_apart
from evaluation.assignments.coverage_queries import complete_applications
from evaluation.assignments.hand_out_services import apply_proposal, assign_by_hand
from evaluation.assignments.proposal_queries import proposed_spread, sections_of
from evaluation.assignments.services import PanelRefused, accept, assign_panel, set_part
from evaluation.conformity.services import start_marking
from evaluation.outcomes.price_queries import withheld_questions
from portal.database import db
from portal.errors import NotFound
from tender.applications import access
from tender.applications.models import Answer, AnswerFile, Application
from tender.frameworks.default_pack import default_pack
from tender.frameworks.models import Question
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import (
    Evaluation,
    an_opened_evaluation,
    mark_tender,
    pass_referred,
    with_panel,
)
from tests.web_client import sign_in

SAFEGUARDING = replace(
    next(asked for asked in default_pack("PCR2015").questions if asked.code == "safeguarding"),
    section="safety",
)
PRICE = replace(
    next(asked for asked in default_pack("PCR2015").questions if asked.code == "day_rate"), section="safety"
)


def set_apart_and_ready() -> Evaluation:
    """Two evaluators of safeguarding apart, two of the rest; nothing is handed out."""
    marking = with_panel(an_opened_evaluation(1, lots=1, asking=[SAFEGUARDING, PRICE]), 4)
    pass_referred(marking)
    start_marking(round_id=marking.round_id, by=marking.lead)
    set_apart(round_id=marking.round_id, sections=["safety"], by=marking.lead)
    for place in (0, 1):
        part(marking, place, ["safety"])
    return marking


@pytest.fixture(scope="module")
def ready(build: Build) -> Evaluation:
    """One tender with safeguarding apart: evaluators 0 and 1 mark it, 2 and 3 the rest."""
    return build(set_apart_and_ready)


def part(marking: Evaluation, place: int, sections: list[str]) -> None:
    set_part(
        round_id=marking.round_id, person_id=marking.evaluators[place].person_id, lots=(),
        sections=sections, skills=(), reason="Safeguarding is marked apart.", by=marking.lead,
    )  # fmt: skip


def handed_out(ready: Evaluation, lock: bool = False) -> int:
    """The id of the safeguarding answer, with everything handed out and accepted."""
    assign_panel(round_id=ready.round_id, by=ready.lead)
    for place, evaluator in enumerate(ready.evaluators):
        accept(assignment_id=ready.assignment(place).id, by=evaluator)
        if lock:
            mark_tender(ready, place)
    return db.session.scalars(
        select(Answer.id)
        .join(Question, Question.id == Answer.question_id)
        .where(Answer.application_id == ready.applications[0], Question.code == "safeguarding")
    ).one()


def release(ready: Evaluation) -> None:
    release_section(round_id=ready.round_id, section="safety", reason="All have locked.", by=ready.lead)


def test_the_parts_together_complete_a_tender(session: Session, ready: Evaluation) -> None:
    handed_out(ready, lock=True)
    assert ready.assignment(2).sections and "safety" not in ready.assignment(2).sections
    assert session.scalars(complete_applications(select(Application.id))).all() == ready.applications


def test_a_spread_keeps_to_the_parts(session: Session, ready: Evaluation) -> None:
    shown = proposed_spread(ready.round_id, 2, sections_of(ready.round_id))
    assert not shown.proposal.short
    apply_proposal(round_id=ready.round_id, each=2, fingerprint=shown.fingerprint, by=ready.lead)
    assert [ready.assignment(place).sections for place in range(4)] == [["safety"]] * 2 + [["quality"]] * 2


def test_the_others_read_neither_answer_nor_marks_before_the_release(
    client: FlaskClient, session: Session, ready: Evaluation
) -> None:
    answer_id = handed_out(ready, lock=True)
    sign_in(client, ready.evaluators[2].email)
    own = f"/marking/{ready.assignment(2).id}"
    for way in ("answers", "released"):
        assert client.get(f"{own}/{way}/{answer_id}").status_code == 404
    assert "Released to you" not in client.get(own).get_data(as_text=True)


def test_after_the_release_the_others_read_the_answer_and_once_all_have_locked_its_marks(
    client: FlaskClient, session: Session, app: Flask, ready: Evaluation
) -> None:
    answer_id = handed_out(ready)
    release(ready)
    release(ready)
    sign_in(client, ready.evaluators[2].email)
    address = f"/marking/{ready.assignment(2).id}/released/{answer_id}"
    before = client.get(address).get_data(as_text=True)
    assert faults(before, app) == []
    assert "The marks" not in before
    for place in range(4):
        mark_tender(ready, place)
    assert "Names who does it" not in before
    assert ready.evaluators[0].name in client.get(address).get_data(as_text=True)


def test_a_price_in_the_section_is_not_released_with_it(
    client: FlaskClient, session: Session, ready: Evaluation
) -> None:
    handed_out(ready)
    release(ready)
    price = session.scalars(
        select(Answer.id)
        .join(Question, Question.id == Answer.question_id)
        .where(Answer.application_id == ready.applications[0], Question.code == "day_rate")
    ).one()
    sign_in(client, ready.evaluators[2].email)
    own = f"/marking/{ready.assignment(2).id}"
    page = client.get(own).text
    assert SAFEGUARDING.title in page and PRICE.title not in page
    assert client.get(f"{own}/released/{price}").status_code == 404


def test_an_evaluator_reads_no_whole_tender_while_a_section_is_withheld(
    client: FlaskClient, session: Session, ready: Evaluation
) -> None:
    handed_out(ready)
    both = ready.evaluators[2]
    session.execute(
        text("UPDATE membership SET roles = '{evaluator,moderator}' WHERE person_id = :id"),
        {"id": both.person_id},
    )
    sign_in(client, both.email)
    assert client.get(f"/applications/{ready.applications[0]}/tender").status_code == 404
    release(ready)
    assert client.get(f"/applications/{ready.applications[0]}/tender").status_code == 200


def test_nobody_marks_a_section_apart_beside_another(session: Session, ready: Evaluation) -> None:
    with pytest.raises(PanelRefused, match="evaluators of its own"):
        part(ready, 0, ["safety", "quality"])
    with pytest.raises(PanelRefused, match="evaluators of its own"):
        assign_by_hand(
            round_id=ready.round_id,
            application_id=ready.applications[0],
            wanted={ready.evaluators[0].person_id: {"safety", "quality"}},
            reason="She knows both.",
            by=ready.lead,
        )


def test_sections_are_set_apart_before_the_first_tender_is_handed_out(
    session: Session, ready: Evaluation
) -> None:
    handed_out(ready)
    with pytest.raises(PanelRefused, match="until the first tender"):
        set_apart(round_id=ready.round_id, sections=["quality"], by=ready.lead)


def test_a_section_that_is_not_apart_cannot_be_released(session: Session, ready: Evaluation) -> None:
    with pytest.raises(NotFound):
        release_section(round_id=ready.round_id, section="quality", reason="Why not?", by=ready.lead)
    with pytest.raises(PanelRefused, match="Say why"):
        release_section(round_id=ready.round_id, section="safety", reason=" ", by=ready.lead)


def test_the_lead_sets_and_releases_on_one_page(
    client: FlaskClient, session: Session, app: Flask, ready: Evaluation
) -> None:
    sign_in(client, ready.lead.email)
    address = f"/rounds/{ready.round_id}/panel/apart"
    page = client.get(address).get_data(as_text=True)
    assert faults(page, app) == []
    assert client.post(address, data={"sections": ["safety"]}).status_code == 303
    data = {"section": "safety", "reason": ""}
    assert client.post(f"{address}/release", data=data).status_code == 422
    assert client.post(f"{address}/release", data={**data, "reason": "All have locked."}).status_code == 303
    assert "Released to the other evaluators by" in client.get(address).get_data(as_text=True)


def test_a_section_apart_is_left_out_of_the_tender_until_it_is_released(
    client: FlaskClient, app: Flask, session: Session, ready: Evaluation
) -> None:
    sign_in(client, ready.lead.email)
    tender = f"/applications/{ready.applications[0]}/tender"
    page = client.get(tender).text
    assert faults(page, app) == []
    assert f"Not shown here yet: {SAFEGUARDING.title}" in page and 'id="safeguarding"' not in page
    release(ready)
    page = client.get(tender).text
    assert "Not shown here yet" not in page and 'id="safeguarding"' in page


def test_nor_is_a_file_of_such_a_section_given(
    client: FlaskClient, session: Session, ready: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = select(AnswerFile.document_id, Answer.question_id).join(Answer)
    document, question_id = session.execute(
        found.where(Answer.application_id == ready.applications[0])
    ).first()
    sign_in(client, ready.lead.email)
    address = f"/applications/{ready.applications[0]}/documents/{document}"
    assert client.get(address).status_code == 303
    codes = select(Question.code).where(Question.id == question_id)
    monkeypatch.setattr(access, "_withholding", [lambda *_: session.scalars(codes).all()])
    assert client.get(address).status_code == 404


def test_a_condition_of_such_a_section_is_read_and_decided(session: Session, ready: Evaluation) -> None:
    assert withheld_questions(ready.lead, ready.round_id, ready.applications[0]) == ["safeguarding"]


def test_moderation_reads_it_once_its_evaluators_have_locked(session: Session, ready: Evaluation) -> None:
    handed_out(ready, lock=True)
    assert withheld_questions(ready.lead, ready.round_id, ready.applications[0]) == []
