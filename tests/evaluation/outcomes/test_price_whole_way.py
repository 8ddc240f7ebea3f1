"""A price that a formula scores, from the pack builder by the provider's page to the totals."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.assignments.services import accept, assign_panel
from evaluation.conformity.services import start_marking
from evaluation.outcomes.decision_services import recommend_as_suggested
from evaluation.outcomes.queries import outcomes_of
from evaluation.summaries.queries import coverage_of
from portal import clock
from portal.database import db
from portal.mail.models import Letter
from portal.profiles.models import Profile
from tender.applications.services import submit_application
from tender.frameworks.models import Question, Round
from tender.frameworks.opening_services import open_box
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft
from tests.factories.evaluation import Evaluation, declare_none, mark_tender, pass_referred, with_panel
from tests.factories.exclusions import clear
from tests.factories.frameworks import a_draft_round, a_procurement_lead, lot_ids, while_open
from tests.factories.outcomes import a_computed_evaluation, agree, approve_all, provider_of
from tests.tender.frameworks.test_pages import typed_in
from tests.web_client import sign_in

BEFORE = clock.now() - timedelta(days=40)


def a_round_with_a_price(app: Flask, lead) -> Round:  # type: ignore[no-untyped-def]
    """Written, weighed and published on the lead's pages: partnership makes way for a price of 10%."""
    draft = a_draft_round(1, lead, None, BEFORE + timedelta(days=1), BEFORE + timedelta(days=22))
    browser = sign_in(app.test_client(), lead.email)
    pack = f"/rounds/{draft.id}/pack"
    browser.post(f"{pack}/questions/partnership/remove")
    price = f"{pack}/sections/price/questions/money"
    sent = {"title": "Your price", "text": "For one child a day?", "judged_as": "priced", "per_lot": "y"}
    how = {"formula": "lowest_price", "price_weight": "10", "low_price": "40", "required": "y"}
    answer = browser.post(price, data=typed_in(browser.get(price).text) | sent | how)
    assert answer.status_code == 303, answer.text
    publish = f"/rounds/{draft.id}/publish"
    answer = browser.post(publish, data=typed_in(browser.get(publish).text))
    assert answer.status_code == 303, answer.text
    return draft


def apply_for(app: Flask, subject: Round, pounds: str) -> int:
    """A tender of a new provider, its price typed on the page of the question."""
    by, (lot_id,) = a_provider_person(), lot_ids(subject)
    draft = a_complete_draft(subject, by, [lot_id])
    code = code_of(subject)
    with clock.staged_at(while_open(subject)):
        browser = sign_in(app.test_client(), by.email)
        address = f"/applications/{draft}/lots/{lot_id}/questions/{code}"
        sent = typed_in(browser.get(address).text) | {"value": pounds}
        assert browser.post(address, data=sent).status_code == 303
        assert f"£{pounds}" in browser.get(f"/applications/{draft}/check").text
        submit_application(application_id=draft, declared=True, by=by)
    return draft


def code_of(subject: Round) -> str:
    """The code of the question for the price."""
    priced = select(Question.code).where(Question.round_id == subject.id, Question.judged_as == "priced")
    return db.session.scalars(priced).one()


def judge(evaluation: Evaluation) -> None:
    """Open the box and agree every mark as 3 of 5."""
    open_box(by=evaluation.lead, round_id=evaluation.round_id)
    declare_none(evaluation, evaluation.lead)
    pass_referred(evaluation)
    with_panel(evaluation)
    start_marking(round_id=evaluation.round_id, by=evaluation.lead)
    assign_panel(round_id=evaluation.round_id, by=evaluation.lead)
    declare_none(evaluation, evaluation.moderator)
    for tender in range(len(evaluation.applications)):
        for place, evaluator in enumerate(evaluation.evaluators):
            accept(assignment_id=evaluation.assignment(place, tender).id, by=evaluator)
            mark_tender(evaluation, place, tender)
        agree(evaluation, tender)
    clear(evaluation)


def test_a_price_that_the_lead_asks_for_is_typed_scored_and_told(app: Flask, session: Session) -> None:
    lead = a_procurement_lead()
    with clock.staged_at(BEFORE):
        subject = a_round_with_a_price(app, lead)
    cheap, dear = (apply_for(app, subject, pounds) for pounds in ("80", "100"))
    evaluation = Evaluation(lead, subject.id, [cheap, dear])
    judge(evaluation)
    browser = sign_in(app.test_client(), lead.email)
    assert browser.post(f"/rounds/{subject.id}/results").status_code == 303
    found, _ = outcomes_of(subject.id)
    totals = {each.application_id: (each.total, each.rank) for each in found}
    # 90 of 100 by marks, 3 of 5 each, and 10 by the price: all for the lowest, 80 / 100 for the other.
    assert totals == {cheap: (54 + 10, 1), dear: (54 + 8, 2)}
    page = browser.get(f"/rounds/{subject.id}/results").text
    assert "64" in page and "62" in page


def a_letter_with_a_price(session: Session, evaluation: Evaluation, tender: int) -> str:
    """What the letter to a tender's provider says once all is decided."""
    for lot_id in lot_ids(evaluation.round):
        recommend_as_suggested(round_id=evaluation.round_id, lot_id=lot_id, by=evaluation.lead)
    approve_all(evaluation)
    key = Letter.key.like(f"outcome:{evaluation.applications[tender]}:%")
    return session.scalars(select(Letter).where(key)).one().body


def test_a_letter_gives_the_price_with_its_weight_both_prices_and_the_formula(session: Session) -> None:
    evaluation = a_computed_evaluation(({}, {}), prices=["80", "100"])
    body = a_letter_with_a_price(session, evaluation, 1)
    assert (
        "Your price for lot 1\n"
        "Adds 8 of 10 to the total.\n"
        "Your price: £100.00. Lowest price that counts: £80.00. "
        "Formula: Weight × lowest price ÷ this price.\n"
    ) in body
    assert "Why nothing" not in body


def test_a_price_that_adds_nothing_is_told_too_with_the_reason(session: Session) -> None:
    evaluation = a_computed_evaluation(({}, {"safeguarding": 2}), prices=["100", "80"])
    body = a_letter_with_a_price(session, evaluation, 1)
    assert "Adds 0 of 10 to the total." in body
    # The lowest is that of the tenders that are ranked: not its own.
    assert "Your price: £80.00. Lowest price that counts: £100.00." in body
    assert "Why nothing: a tender that misses a minimum mark gets nothing for its price." in body


def test_the_letter_covers_the_prices_of_the_coverage_meter(session: Session) -> None:
    evaluation = a_computed_evaluation(({}, {}), prices=["80", "100"])
    before = coverage_of(evaluation.round_id)
    assert (before.prices, before.covered) == (2, 2)
    assert before.criteria == 2 * len(evaluation.answers()) + 2
    approve = a_letter_with_a_price(session, evaluation, 0)
    assert approve and coverage_of(evaluation.round_id).complete


def test_a_letter_gives_the_address_in_full_and_the_email_of_the_profile(session: Session) -> None:
    evaluation = a_computed_evaluation()
    provider = provider_of(evaluation)
    profile = session.get(Profile, provider.organisation_id) or Profile(
        provider_id=provider.organisation_id, saved_at=clock.now(), saved_by_id=provider.person_id
    )
    profile.registered_address = "2 Canal Street\nLower Mill\nXX1 1AA"
    profile.postal_address = "PO Box 7\nXX1 1AB"
    profile.contact_email = "bids@provider.example.org"
    session.add(profile)
    session.flush()
    body = a_letter_with_a_price(session, evaluation, 0)
    assert f"Provider: {provider.organisation_name}, 2 Canal Street, Lower Mill, XX1 1AA\n" in body
    assert "Postal address: PO Box 7, XX1 1AB\nEmail: bids@provider.example.org\n" in body


def test_a_letter_without_a_profile_gives_the_email_of_its_addressee(session: Session) -> None:
    evaluation = a_computed_evaluation()
    session.query(Profile).delete()
    body = a_letter_with_a_price(session, evaluation, 0)
    assert f"Email: {provider_of(evaluation).email}\n" in body
