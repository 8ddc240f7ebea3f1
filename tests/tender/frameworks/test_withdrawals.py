"""A published round is withdrawn by two people, and never opened; drafts are discarded."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.audit.models import AuditLine
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from tender.applications import home_queries as applications_at_home
from tender.applications.answer_services import save_answer
from tender.applications.holding import RoundNotOpen
from tender.applications.queries import own_application_for, own_item_for, tender_of
from tender.conflicts.services import assess
from tender.documents.services import add
from tender.followers.services import follow
from tender.frameworks import home_queries, queries
from tender.frameworks.discarding import discard_framework, discard_round
from tender.frameworks.models import Framework, Lot, Question, Round, RoundWithdrawal, Scale
from tender.frameworks.opening_services import extend_round, open_box
from tender.frameworks.services import edit_round
from tender.frameworks.withdrawal_services import decide_withdrawal, propose_withdrawal
from tender.timetable.dates import timetable
from tender.timetable.services import plan_dates
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.applications import a_complete_draft, a_submitted_application
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import (
    a_closed_round,
    a_draft_round,
    a_framework,
    a_procurement_lead,
    a_published_round,
    lot_ids,
)
from tests.storage import corpus
from tests.tender.frameworks.test_pages import text_of, typed_in
from tests.web_client import sign_in

WHY = "The budget for these places was not agreed."


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


@pytest.fixture
def approver(session: Session, lead: Actor) -> Actor:
    return a_person(session.get_one(Organisation, lead.organisation_id), "approver")


@pytest.fixture
def published(lead: Actor) -> Round:
    return a_published_round(1, lead)


def proposed(of: Round, lead: Actor, reason: str = WHY) -> int:
    return propose_withdrawal(by=lead, round_id=of.id, reason=reason)


def decided(of: Round, proposal: int, by: Actor, approved: bool = True) -> None:
    decide_withdrawal(by=by, round_id=of.id, withdrawal_id=proposal, approved=approved, portal_url=PORTAL_URL)


def withdrawn(of: Round, lead: Actor, approver: Actor) -> None:
    decided(of, proposed(of, lead), approver)


def phase_of(of: Round) -> str:
    return queries.published_round(of.id).phase


# ------------------------------------------------------------------ two people


def test_a_proposal_alone_changes_nothing_and_a_second_person_withdraws(
    published: Round, lead: Actor, approver: Actor
) -> None:
    proposal = proposed(published, lead)
    assert proposed(published, lead) == proposal
    assert phase_of(published) == "open"
    with pytest.raises(Refusal, match="Somebody else approves it"):
        decided(published, proposal, lead)
    for _ in range(2):
        decided(published, proposal, approver)
    assert phase_of(published) == "withdrawn"


@pytest.mark.parametrize("who", ["lead", "approver"])
def test_a_proposal_is_taken_back_or_not_followed_and_another_can_be_made(
    published: Round, lead: Actor, approver: Actor, who: str
) -> None:
    proposal = proposed(published, lead)
    decided(published, proposal, lead if who == "lead" else approver, approved=False)
    assert phase_of(published) == "open"
    assert proposed(published, lead) != proposal


def test_a_withdrawal_needs_its_reason(published: Round, lead: Actor) -> None:
    with pytest.raises(Refusal) as refusal:
        proposed(published, lead, "  ")
    assert refusal.value.field == "reason"


def test_only_the_councils_own_people_withdraw(published: Round, lead: Actor) -> None:
    proposal = proposed(published, lead)
    stranger = a_procurement_lead(a_council("Elsewhere Council"))
    evaluator = a_person(a_council(), "evaluator")
    for somebody in (stranger, evaluator, a_provider_person()):
        with pytest.raises(NotFound):
            proposed(published, somebody)
        with pytest.raises(NotFound):
            decided(published, proposal, somebody)


def test_a_draft_is_not_withdrawn(session: Session, lead: Actor) -> None:
    with pytest.raises(MoveRefused):
        proposed(a_draft_round(1, lead), lead)


def test_a_box_that_was_opened_after_the_proposal_stays_open_and_the_round_ends(
    session: Session, lead: Actor, approver: Actor
) -> None:
    closed = a_closed_round(1, lead)
    provider = a_provider_person()
    application_id = a_submitted_application(closed, lot_ids(closed), provider)
    proposal = proposed(closed, lead)
    open_box(by=lead, round_id=closed.id)
    (task,) = [each for each in home_queries.waiting_for(approver).now if "proposes" in each.sentence]
    assert "proposes to end" in task.sentence
    decided(closed, proposal, approver)
    assert phase_of(closed) == "terminated"
    assert own_application_for(provider, application_id).goes_on


# ------------------------------------------------------------------ what it means


def test_a_withdrawn_round_is_never_opened_and_takes_no_more_time(
    session: Session, lead: Actor, approver: Actor
) -> None:
    closed = a_closed_round(1, lead)
    provider = a_provider_person()
    application_id = a_submitted_application(closed, lot_ids(closed), provider)
    withdrawn(closed, lead, approver)
    with pytest.raises(MoveRefused):
        open_box(by=lead, round_id=closed.id)
    with pytest.raises(Conflict):
        extend_round(by=lead, round_id=closed.id, closes_at=clock.now() + timedelta(days=1), reason="More.")
    with pytest.raises(NotFound):
        own_application_for(lead, application_id)
    assert tender_of(own_application_for(provider, application_id)).items


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE round SET state = 'opened', opened_at = closes_at WHERE id = :id",
        "UPDATE round SET state = 'published' WHERE id = :id",
        "UPDATE round_withdrawal SET reason = 'Other' WHERE round_id = :id",
        "DELETE FROM round_withdrawal WHERE round_id = :id",
    ],
)
def test_the_database_keeps_a_withdrawal_for_good(
    session: Session, published: Round, lead: Actor, approver: Actor, change: str
) -> None:
    withdrawn(published, lead, approver)
    session.flush()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(change), {"id": published.id})


def test_the_database_wants_an_approved_withdrawal(session: Session, published: Round, lead: Actor) -> None:
    proposed(published, lead)
    with pytest.raises(IntegrityError, match="to be withdrawn"), session.begin_nested():
        session.execute(
            text("UPDATE round SET state = 'withdrawn', withdrawn_at = now() WHERE id = :id"),
            {"id": published.id},
        )


def test_nothing_is_planned_any_more(published: Round, lead: Actor, approver: Actor) -> None:
    letters = clock.london(published.closes_at).date() + timedelta(days=30)
    plan_dates(by=lead, round_id=published.id, planned={"letters": letters})
    planned = {"letters": letters}
    before = [entry.what for entry in timetable(queries.published_round(published.id), planned)]
    withdrawn(published, lead, approver)
    after = [entry.what for entry in timetable(queries.published_round(published.id), planned)]
    assert "Letters sent" in before and "Letters sent" not in after and "Withdrawn" in after
    with pytest.raises(Conflict, match="it was ended"):
        plan_dates(by=lead, round_id=published.id, planned={})


def test_drafts_can_be_read_and_no_longer_changed(published: Round, lead: Actor, approver: Actor) -> None:
    provider = a_provider_person()
    application_id = a_complete_draft(published, provider, lot_ids(published))
    withdrawn(published, lead, approver)
    item = own_item_for(provider, application_id, "ico_number", None)
    with pytest.raises(RoundNotOpen, match="has withdrawn this round"):
        save_answer(
            application_id=application_id, code="ico_number", value="X", version=item.version, by=provider
        )
    assert own_application_for(provider, application_id).goes_on


@pytest.mark.parametrize("opened", [False, True], ids=["withdrawn", "ended after its opening"])
def test_what_was_submitted_is_taken_to_another_round(
    app: Flask, session: Session, lead: Actor, approver: Actor, opened: bool
) -> None:
    framework = a_framework(1, lead)
    first = a_closed_round(lead=lead, framework=framework)
    provider = a_provider_person()
    application_id = a_submitted_application(first, lot_ids(first), provider)
    if opened:
        open_box(by=lead, round_id=first.id)
    withdrawn(first, lead, approver)
    second = a_published_round(lead=lead, framework=framework)
    theirs = sign_in(app.test_client(), provider.email)
    assert f"Continue in round {second.number}" in theirs.get(f"/applications/{application_id}").text
    carried = theirs.post(f"/applications/{application_id}/carry-over").location
    new = int(carried.rpartition("/")[2])
    assert new != application_id
    assert own_item_for(provider, new, "ico_number", None).value == "ZA123456"


def test_everyone_is_told_once_and_applicants_what_becomes_of_their_tender(
    session: Session, published: Round, lead: Actor, approver: Actor
) -> None:
    sent, drafting, following = (a_provider_person() for _ in range(3))
    a_submitted_application(published, lot_ids(published), sent)
    a_complete_draft(published, drafting, lot_ids(published))
    for person in (sent, following):
        follow(round_id=published.id, by=person)
    withdrawn(published, lead, approver)
    bodies = {}
    for person in (sent, drafting, following):
        of_person = select(Letter.body).where(
            Letter.to_address == person.email, Letter.title.contains("is withdrawn")
        )
        bodies[person.email] = session.scalars(of_person).one()
    assert all(WHY in body for body in bodies.values())
    assert "was not opened" in bodies[sent.email] and "nobody else reads it" in bodies[drafting.email]
    assert "/applications" not in bodies[following.email]


def test_home_says_it_to_both_sides(published: Round, lead: Actor, approver: Actor) -> None:
    provider = a_provider_person()
    a_submitted_application(published, lot_ids(published), provider)
    proposal = proposed(published, lead)
    assert any("proposes to withdraw" in task.sentence for task in home_queries.waiting_for(approver).now)
    assert not any("proposes to withdraw" in task.sentence for task in home_queries.waiting_for(lead).now)
    decided(published, proposal, approver)
    (line,) = [each for each in home_queries.waiting_for(lead).going_on if each.state == "withdrawn"]
    assert "regulations 55" in line.detail
    assert [each.state for each in applications_at_home.waiting_for(provider).going_on] == ["round withdrawn"]
    with clock.staged_at(clock.now() + timedelta(days=40)):
        assert not any(each.state == "withdrawn" for each in home_queries.waiting_for(lead).going_on)


def test_the_next_round_can_be_set_up_under_other_rules(
    session: Session, published: Round, lead: Actor, approver: Actor
) -> None:
    assert queries.rounds_under_way(published.framework_id) == [published.number]
    withdrawn(published, lead, approver)
    assert queries.rounds_under_way(published.framework_id) == []


def test_the_pages_lead_through_it_and_everyone_reads_why(
    app: Flask, client: FlaskClient, published: Round, lead: Actor, approver: Actor
) -> None:
    provider = a_provider_person()
    application_id = a_submitted_application(published, lot_ids(published), provider)
    here = f"/rounds/{published.id}/withdrawal"
    sign_in(client, lead.email)
    assert here in client.get(f"/rounds/{published.id}").text
    assert client.post(here, data={"reason": " "}).status_code == 422
    assert client.post(here, data={"reason": WHY}).location == here
    assert "Take the proposal back" in text_of(client.get(here))
    second = sign_in(app.test_client(), approver.email)
    page = second.get(here).text
    (decide,) = {part.split('"')[0] for part in page.split('action="')[1:] if "withdrawal/" in part}
    assert client.post(decide, data={"decision": "approve"}).status_code == 422
    assert second.post(decide, data={"decision": "approve"}).location == f"/rounds/{published.id}"
    own = text_of(client.get(f"/rounds/{published.id}"))
    assert "This round is withdrawn" in own and WHY in own and "Open the tender box" not in own
    public = app.test_client().get(f"/opportunities/{published.id}").text
    assert "The council has withdrawn this round." in public and WHY in public
    assert "govuk-button--start" not in public
    assert "Withdrawn at" in text_of(app.test_client().get("/opportunities"))
    theirs = sign_in(app.test_client(), provider.email)
    read = text_of(theirs.get(f"/applications/{application_id}/check"))
    assert "The council has withdrawn this round." in read
    for address in (here, f"/rounds/{published.id}/questions", f"/rounds/{published.id}/timetable",
                    f"/rounds/{published.id}/intakes", f"/frameworks/{published.framework_id}"):  # fmt: skip
        assert client.get(address).status_code == 200, address
    assert theirs.get("/").status_code == client.get("/").status_code == 200


# ------------------------------------------------------------------ discarding


def a_furnished_draft(lead: Actor) -> Round:
    """A draft with a paper, an assessment and a planned date."""
    draft = a_draft_round(2, lead)
    assess(by=lead, round_id=draft.id, people="Whoever takes part", conflicts=[])
    add(round_id=draft.id, title="Contract", kind="contract", portal_url=PORTAL_URL, by=lead,
        stream=io.BytesIO(corpus.pdf()), filename="contract.pdf")  # fmt: skip
    planned = clock.london(draft.closes_at).date() + timedelta(days=5)
    plan_dates(by=lead, round_id=draft.id, planned={"open_box": planned})
    return draft


def test_a_draft_is_discarded_with_all_that_is_its_own_and_its_number_is_free(
    session: Session, lead: Actor
) -> None:
    draft = a_furnished_draft(lead)
    round_id, framework_id = draft.id, draft.framework_id
    assert discard_round(by=lead, round_id=round_id) == framework_id
    for model in (Question, Scale):
        assert session.scalar(select(func.count()).where(model.round_id == round_id)) == 0
    line = session.scalars(select(AuditLine).where(AuditLine.action == "framework.discard_round")).one()
    assert line.details == {"number": 1, "round": round_id}
    again = a_draft_round(lead=lead, framework=session.get_one(Framework, framework_id))
    assert again.number == 1
    with pytest.raises(NotFound):
        discard_round(by=lead, round_id=round_id)


def test_what_is_published_is_not_discarded(session: Session, published: Round, lead: Actor) -> None:
    with pytest.raises(Conflict):
        discard_round(by=lead, round_id=published.id)
    with pytest.raises(Refusal, match="was published"):
        discard_framework(by=lead, framework_id=published.framework_id)


def test_a_framework_is_discarded_after_its_draft(session: Session, lead: Actor) -> None:
    framework = a_framework(2, lead)
    draft = a_draft_round(lead=lead, framework=framework)
    with pytest.raises(Refusal, match="Discard that first"):
        discard_framework(by=lead, framework_id=framework.id)
    discard_round(by=lead, round_id=draft.id)
    framework_id = framework.id
    discard_framework(by=lead, framework_id=framework_id)
    assert session.scalar(select(func.count()).where(Lot.framework_id == framework_id)) == 0
    assert session.scalars(select(AuditLine.action).where(AuditLine.action == "framework.discard")).one()


def test_another_council_discards_nothing(session: Session, lead: Actor) -> None:
    draft, stranger = a_draft_round(1, lead), a_procurement_lead(a_council("Elsewhere Council"))
    with pytest.raises(NotFound):
        discard_round(by=stranger, round_id=draft.id)
    with pytest.raises(NotFound):
        discard_framework(by=stranger, framework_id=draft.framework_id)


def test_the_database_keeps_the_assessment_of_what_is_published(session: Session, lead: Actor) -> None:
    published = a_published_round(lead=lead, framework=a_framework(1, lead, "PA2023", kind="closed"))
    with pytest.raises(IntegrityError, match="is published"), session.begin_nested():
        session.execute(text("DELETE FROM conflicts_assessment WHERE round_id = :id"), {"id": published.id})


def test_drafts_are_discarded_on_their_pages(client: FlaskClient, lead: Actor) -> None:
    draft = a_furnished_draft(lead)
    framework_id = draft.framework_id
    sign_in(client, lead.email)
    here = f"/rounds/{draft.id}/discard"
    assert here in client.get(f"/rounds/{draft.id}").text and "Discard it" in client.get(here).text
    assert client.post(here).location == f"/frameworks/{framework_id}"
    away = f"/frameworks/{framework_id}/discard"
    assert away in client.get(f"/frameworks/{framework_id}").text
    assert client.post(away).location == "/frameworks"
    assert client.get(away).status_code == 404


# ------------------------------------------------------------------ the number of a draft


def edited(draft: Round, lead: Actor, **changes: Any) -> Round:
    known = {"lots": dict.fromkeys(lot_ids(draft)), "opens_at": draft.opens_at, "closes_at": draft.closes_at}
    return edit_round(by=lead, round_id=draft.id, **{**known, **changes})


def test_the_number_of_a_draft_is_changed_to_one_that_is_free(session: Session, lead: Actor) -> None:
    framework = a_framework(1, lead)
    a_published_round(lead=lead, framework=framework)
    draft = a_draft_round(lead=lead, framework=framework)
    assert edited(draft, lead, number=7).number == 7
    with pytest.raises(Refusal) as refusal:
        edited(draft, lead, number=1)
    assert refusal.value.field == "number"


def test_the_number_of_a_draft_is_on_its_page(client: FlaskClient, session: Session, lead: Actor) -> None:
    draft = a_draft_round(1, lead)
    sign_in(client, lead.email)
    fields = typed_in(client.get(f"/rounds/{draft.id}/edit").get_data(as_text=True))
    assert fields["number"] == "1"
    assert client.post(f"/rounds/{draft.id}/edit", data=fields | {"number": "4"}).status_code == 303
    assert queries.round_for(lead, draft.id).number == 4
    assert session.scalar(select(func.count()).select_from(RoundWithdrawal)) == 0
