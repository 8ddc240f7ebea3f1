"""Whoever agrees marks or approves declares on every tenderer first, on one list."""

from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evaluation.assignments import queries
from evaluation.assignments.conflict_queries import conflicts_in, conflicts_of, has_conflict
from evaluation.assignments.declaration_queries import tenderers_for
from evaluation.assignments.declaration_services import (
    ListChanged,
    declare_conflict_on_list,
    declare_no_conflicts,
)
from evaluation.assignments.services import accept, assign_panel, name_panel
from evaluation.assignments.waiver_queries import waivers_of
from evaluation.assignments.waiver_services import (
    NothingToWaive,
    WaiverRefused,
    decide_waiver,
    propose_mitigation,
)
from evaluation.conformity.models import ConformityCheck
from evaluation.moderation.identical_services import agree_identical
from evaluation.moderation.queries import item_for
from evaluation.moderation.services import agree_mark
from portal.accounts.access import Actor
from portal.errors import NotFound, Refusal
from tender.applications.closed_queries import NotDeclaredYet, refuse_undeclared_in
from tender.applications.models import Answer, AnswerFile
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.applications import a_submitted_application
from tests.factories.evaluation import (
    AGREED,
    Evaluation,
    a_locked_evaluation,
    a_marking_evaluation,
    an_approver,
    an_opened_evaluation,
    declare_none,
    pass_referred,
)
from tests.factories.exclusions import clear
from tests.factories.frameworks import a_closed_round, lot_ids
from tests.factories.inquiries import an_inquiry
from tests.web_client import sign_in

WHAT = "My brother keeps its books."


@pytest.fixture(scope="module")
def locked(build: Build) -> Evaluation:
    """Two tenders that their evaluators have locked, and a second moderator who has declared nothing."""

    def made() -> Evaluation:
        evaluation = a_locked_evaluation(2)
        evaluation.moderator = another_moderator(evaluation)
        return evaluation

    return build(made)


def another_moderator(evaluation: Evaluation) -> Actor:
    fresh = evaluation.person("moderator")
    name_panel(
        round_id=evaluation.round_id,
        evaluators=[person.person_id for person in evaluation.evaluators],
        moderators=[evaluation.moderator.person_id, fresh.person_id],
        reason="One more to moderate.",
        by=evaluation.lead,
    )
    return fresh


def page_of(locked: Evaluation) -> str:
    return f"/rounds/{locked.round_id}/declarations"


def seen(locked: Evaluation, by: Actor | None = None) -> str:
    return tenderers_for(by or locked.moderator, locked.round_id).seen


def declare_conflict(locked: Evaluation, by: Actor | None = None, application: int = 0) -> int:
    """A conflict with this tenderer; the declaration's id."""
    who = by or locked.moderator
    listed = tenderers_for(who, locked.round_id).tenderers
    place = [each.application_id for each in listed].index(locked.applications[application])
    declare_conflict_on_list(
        round_id=locked.round_id, place=place, kind="perceived", conflict=WHAT, seen=seen(locked, who), by=who
    )
    return conflicts_in(locked.round_id)[0]["declaration_id"]


def agree(locked: Evaluation, application: int = 0) -> None:
    agree_mark(
        answer_id=locked.answers(application)[0], points=3, reason=AGREED, version=0, by=locked.moderator
    )


def test_no_mark_is_agreed_before_the_moderator_has_declared(session: Session, locked: Evaluation) -> None:
    answer = locked.answers()[0]
    with pytest.raises(NotDeclaredYet):
        agree(locked)
    with pytest.raises(NotDeclaredYet):
        agree_identical(round_id=locked.round_id, reasons={answer: AGREED}, by=locked.moderator)
    declare_no_conflicts(round_id=locked.round_id, seen=seen(locked), by=locked.moderator)
    agree(locked)


def test_the_moderators_page_leads_to_the_list_and_back_to_the_form(
    client: FlaskClient, app: Flask, session: Session, locked: Evaluation
) -> None:
    sign_in(client, locked.moderator.email)
    address = f"/moderation/{locked.answers()[0]}"
    assert "Have you a conflict of interest" in client.get("/").get_data(as_text=True)
    assert client.get(address).location == page_of(locked)
    listed = client.get(page_of(locked)).get_data(as_text=True)
    assert faults(listed, app) == [] and "Say first whether you have a conflict" in listed
    assert client.post(page_of(locked), data={"seen": seen(locked)}).status_code == 303
    assert "Save and go on" in client.get(address).get_data(as_text=True)
    assert "Have you a conflict of interest" not in client.get("/").get_data(as_text=True)


def test_a_moderators_conflict_closes_that_tender_and_no_other(session: Session, locked: Evaluation) -> None:
    declare_conflict(locked)
    declare_no_conflicts(round_id=locked.round_id, seen=seen(locked), by=locked.moderator)
    assert session.scalars(conflicts_of(locked.moderator)).all() == locked.applications[:1]
    with pytest.raises(NotFound):
        item_for(locked.moderator, locked.answers()[0])
    agree(locked, 1)


def test_a_waived_conflict_opens_the_tender(session: Session, locked: Evaluation) -> None:
    declaration, approver = declare_conflict(locked), locked.person("approver")
    with pytest.raises(NothingToWaive):
        decide_waiver(declaration_id=declaration, granted=True, reason="So.", by=approver)
    propose_mitigation(declaration_id=declaration, mitigation="Two moderate.", by=locked.lead)
    with pytest.raises(WaiverRefused):
        decide_waiver(declaration_id=declaration, granted=True, reason="So.", by=locked.lead)
    decide_waiver(declaration_id=declaration, granted=True, reason="Long ago.", by=approver)
    assert not has_conflict(locked.moderator, locked.applications)
    assert [row["granted"] for row in waivers_of(declaration_id=declaration)] == [True]
    agree(locked)


def test_nobody_waives_their_own(session: Session, locked: Evaluation) -> None:
    declaration = declare_conflict(locked)
    with pytest.raises(WaiverRefused):
        propose_mitigation(declaration_id=declaration, mitigation="None.", by=locked.moderator)


def test_lead_and_approver_deal_with_it_on_the_waivers_page(
    client: FlaskClient, app: Flask, session: Session, locked: Evaluation
) -> None:
    declaration = declare_conflict(locked)
    address = f"/waivers/declarations/{declaration}"
    sign_in(client, locked.lead.email)
    assert address in client.get(f"/rounds/{locked.round_id}/panel").get_data(as_text=True)
    assert client.post(f"{address}/mitigation", data={"mitigation": " "}).status_code == 422
    assert client.post(f"{address}/mitigation", data={"mitigation": "Two moderate."}).status_code == 303
    client.post("/sign-out")
    sign_in(client, an_approver(locked).email)
    assert address in client.get("/").get_data(as_text=True)
    assert faults(client.get(address).get_data(as_text=True), app) == []
    assert client.post(f"{address}/waiver", data={"decision": "yes", "reason": ""}).status_code == 422
    told = {"decision": "no", "reason": "Somebody else can."}
    assert client.post(f"{address}/waiver", data=told).status_code == 303
    assert has_conflict(locked.moderator, locked.applications)


@pytest.mark.parametrize(
    ("place", "kind", "conflict", "field"),
    [(9, "actual", "x", "tenderer"), (0, "grave", "x", "kind"), (0, "actual", " ", "conflict")],
)
def test_a_conflict_needs_a_tenderer_a_kind_and_words(
    session: Session, locked: Evaluation, place: int, kind: str, conflict: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        declare_conflict_on_list(
            round_id=locked.round_id,
            place=place,
            kind=kind,
            conflict=conflict,
            seen=seen(locked),
            by=locked.moderator,
        )
    assert refused.value.field == field


def test_nobody_declares_on_a_list_that_they_have_not_read(session: Session, locked: Evaluation) -> None:
    with pytest.raises(ListChanged):
        declare_no_conflicts(round_id=locked.round_id, seen="of another day", by=locked.moderator)


def test_the_list_is_closed_to_others_and_before_the_box_is_open(
    client: FlaskClient, session: Session, locked: Evaluation
) -> None:
    sign_in(client, locked.evaluators[0].email)  # who declares tender by tender: names are not hidden here
    assert client.get(page_of(locked)).status_code == 404
    client.post("/sign-out")
    sign_in(client, an_opened_evaluation().person("approver").email)
    assert client.get(page_of(locked)).status_code == 404


def test_the_database_keeps_a_declared_conflict(session: Session, locked: Evaluation) -> None:
    declare_conflict(locked)
    for change in ("SET conflict = 'Never mind.'", "SET conflict_kind = '', conflict = ''"):
        with pytest.raises(DBAPIError, match="it is a record"), session.begin_nested():
            session.execute(text(f"UPDATE conflict_declaration {change} WHERE conflict <> ''"))


def test_the_list_costs_the_same_for_all(
    connection, client: FlaskClient, session: Session, locked: Evaluation
) -> None:
    sign_in(client, locked.moderator.email)
    assert statements_of(connection, lambda: client.get(page_of(locked))) <= 12


def test_the_approver_is_asked_once_marking_has_begun(session: Session, locked: Evaluation) -> None:
    approver = locked.person("approver")
    assert "Have you a conflict" in queries.waiting_for(approver).now[0].sentence
    declare_no_conflicts(round_id=locked.round_id, seen=seen(locked, approver), by=approver)
    assert queries.waiting_for(approver).now == ()


def test_a_lead_who_marks_declares_once_for_each_tender(session: Session) -> None:
    marking = a_marking_evaluation(2, accepted=False)
    both = marking.person("procurement_lead", "evaluator")
    people = [*marking.evaluators, both]
    name_panel(
        round_id=marking.round_id,
        evaluators=[person.person_id for person in people],
        moderators=[marking.moderator.person_id],
        reason="One more to mark.",
        by=marking.lead,
    )
    assign_panel(round_id=marking.round_id, by=marking.lead)
    marking.evaluators = people
    accept(assignment_id=marking.assignment(2, 0).id, by=both)
    listed = tenderers_for(both, marking.round_id)
    assert [each.application_id for each in listed.undeclared] == marking.applications[1:]
    declare_none(marking, both)
    assert [marking.assignment(2, tender).state for tender in (0, 1)] == ["accepted", "accepted"]
    refuse_undeclared_in(both, marking.round_id)


def test_a_lead_with_a_conflict_is_not_given_that_tender_to_mark(session: Session) -> None:
    marking = a_marking_evaluation(2)
    both = marking.person("procurement_lead", "evaluator")
    declare_conflict(marking, both)
    name_panel(
        round_id=marking.round_id,
        evaluators=[person.person_id for person in (*marking.evaluators, both)],
        moderators=[marking.moderator.person_id],
        reason="One more to mark.",
        by=marking.lead,
    )
    assert assign_panel(round_id=marking.round_id, by=marking.lead) == 1
    assert has_conflict(both, marking.applications[:1])


def test_the_panel_page_leads_back_to_the_list_and_not_to_ones_own_conflict(
    app: Flask, session: Session, locked: Evaluation
) -> None:
    lead, own = locked.person("procurement_lead"), locked.person("procurement_lead")
    address = f"/waivers/declarations/{declare_conflict(locked, own)}"
    for person in (lead, own):
        declare_none(locked, person)
    panel = f"/rounds/{locked.round_id}/panel"
    for person, there in ((lead, True), (own, False)):
        page = sign_in(app.test_client(), person.email).get(panel).text
        assert faults(page, app) == []
        assert page_of(locked) in page and (address in page) is there
    assert page_of(locked) not in sign_in(app.test_client(), locked.person("auditor").email).get(panel).text


def test_nobody_decides_on_a_tender_before_declaring(session: Session) -> None:
    opened = an_opened_evaluation()
    opened.lead = opened.person("procurement_lead")
    with pytest.raises(NotDeclaredYet):
        pass_referred(opened)
    with pytest.raises(NotDeclaredYet):
        clear(opened)
    with pytest.raises(NotDeclaredYet):
        an_inquiry(opened)
    declare_none(opened, opened.lead)
    pass_referred(opened)
    clear(opened)
    an_inquiry(opened)


@pytest.mark.parametrize("role", ["procurement_lead", "moderator", "approver"])
def test_every_page_that_opens_a_tender_leads_to_the_list_first(
    client: FlaskClient, session: Session, locked: Evaluation, role: str
) -> None:
    tender, of_round = locked.applications[0], f"/rounds/{locked.round_id}"
    of_all = ("conformity", "conformity/dry-run", "exclusions", "results", "moderation", "panel")
    pages = (
        *(f"{of_round}/{page}" for page in of_all),
        f"/applications/{tender}/tender",
        f"/applications/{tender}/receipt",
        f"/applications/{tender}/documents/{document_of(session, tender)}",
        f"{of_round}/exclusions/{tender}",
        f"{of_round}/conformity/{check_of(session, tender)}",
        f"{of_round}/tenders/{tender}/questions",
        f"{of_round}/results/{tender}",
        f"{of_round}/results/{tender}/profile",
        f"{of_round}/summaries/{tender}",
        f"/moderation/{locked.answers()[0]}",
    )
    person = locked.person(role)
    sign_in(client, person.email)
    assert [page for page in pages if client.get(page).location != page_of(locked)] == []
    assert client.get(page_of(locked)).status_code == 200
    declare_none(locked, person)
    assert [page for page in pages if client.get(page).location == page_of(locked)] == []


def test_an_auditor_declares_nothing(client: FlaskClient, session: Session, locked: Evaluation) -> None:
    sign_in(client, locked.person("auditor").email)
    assert client.get(f"/applications/{locked.applications[0]}/tender").status_code == 200


def document_of(session: Session, application_id: int) -> UUID:
    found = select(AnswerFile.document_id).join(Answer).where(Answer.application_id == application_id)
    return session.scalars(found).first()


def check_of(session: Session, application_id: int) -> int:
    found = select(ConformityCheck.id).where(ConformityCheck.application_id == application_id)
    return session.scalars(found).first()


def test_the_way_to_the_list_tells_of_no_tender_that_one_may_not_know(
    client: FlaskClient, session: Session, locked: Evaluation
) -> None:
    shut = a_closed_round(1, locked.lead)
    sealed = a_submitted_application(shut, lot_ids(shut))
    sign_in(client, locked.lead.email)
    elsewhere = an_opened_evaluation().applications[0]
    for tender in (sealed, elsewhere, 10**9):
        for page in (f"exclusions/{tender}", f"tenders/{tender}/questions", f"results/{tender}"):
            assert client.get(f"/rounds/{shut.id}/{page}").status_code == 404, page
        assert client.get(f"/applications/{tender}/tender").status_code == 404
