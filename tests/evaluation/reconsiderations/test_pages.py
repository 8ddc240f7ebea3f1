"""The pages on which a decision is made anew, and what each person sees of it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evaluation.reconsiderations.services import return_proposal
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.evaluation import Evaluation, an_approver
from tests.factories.frameworks import a_procurement_lead, lot_ids
from tests.factories.outcomes import INSURANCE, a_released_evaluation, provider_of
from tests.factories.reconsiderations import HEARD, WHY, a_challenge, a_proposal, decided_anew
from tests.web_client import sign_in

GOOD, WEAK = range(2)


@pytest.fixture(scope="module")
def released(build: Build) -> Evaluation:
    """One lot; the first tender is admitted, the second is below a minimum."""
    return build(lambda: a_released_evaluation([{}, {"safeguarding": 2}]))


def signed_in(app: Flask, email: str) -> FlaskClient:
    return sign_in(app.test_client(), email)


def page(browser: FlaskClient, address: str, app: Flask, status: int = 200) -> str:
    answer = browser.get(address)
    html = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert status != 200 or faults(html, app) == []
    return html


def form_at(released: Evaluation, challenge: int, place: int) -> str:
    tender = f"{released.applications[place]}/{lot_ids(released.round)[0]}"
    return f"/challenges/{challenge}/new-decisions/{tender}"


def test_a_lead_and_an_approver_go_from_the_challenge_to_the_letter(
    session: Session, app: Flask, released: Evaluation
) -> None:
    challenge, approver = a_challenge(released), an_approver(released)
    lead = signed_in(app, released.lead.email)
    assert f"/challenges/{challenge}/new-decisions" in page(lead, f"/challenges/{challenge}", app)
    assert "Decide anew" in page(lead, f"/challenges/{challenge}/new-decisions", app)
    form = form_at(released, challenge, WEAK)
    shown = page(lead, form, app)
    seen = shown.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]
    silent = lead.post(form, data={"seen": seen})
    assert silent.status_code == 422 and faults(silent.get_data(as_text=True), app) == []
    proposal = lead.post(form, data={"seen": seen, "outcome": "admit", "reason": WHY}).location
    assert "waits for a second person" in page(lead, proposal, app)
    second = signed_in(app, approver.email)
    assert proposal in page(second, "/", app)
    assert WHY in page(second, proposal, app)
    assert second.post(f"{proposal}/approve").status_code == 303
    assert "Approved by" in page(second, proposal, app)
    history = f"/rounds/{released.round_id}/decisions/{form.partition('new-decisions/')[2]}/all"
    assert "Replaced" in page(lead, history, app)
    assert "Decided anew" in page(lead, f"/rounds/{released.round_id}/decisions", app)
    provider = signed_in(app, provider_of(released, WEAK).email)
    letter = page(provider, f"/applications/{released.applications[WEAK]}/outcome", app)
    assert "New decision," in letter and "First letter," in letter


def test_a_refused_proposal_keeps_what_was_typed(session: Session, app: Flask, released: Evaluation) -> None:
    challenge = a_challenge(released)
    browser, form = signed_in(app, released.lead.email), form_at(released, challenge, GOOD)
    told = {"seen": "0", "outcome": "not_admit", "reason": "Typed with care.", "heard": "By letter."}
    refused = browser.post(form, data=told)
    html = refused.get_data(as_text=True)
    assert refused.status_code == 422 and faults(html, app) == []
    assert "Typed with care." in html and "By letter." in html
    assert "changed since you opened the page" in html


def test_a_returned_proposal_is_filled_in_again(session: Session, app: Flask, released: Evaluation) -> None:
    challenge, approver = a_challenge(released), an_approver(released)
    proposal = a_proposal(
        released, WEAK, "admit_conditionally", challenge_id=challenge, conditions=(INSURANCE,)
    )
    return_proposal(reconsideration_id=proposal, reason="Say which mark.", by=approver)
    lead = signed_in(app, released.lead.email)
    assert "Say which mark." in page(lead, f"/new-decisions/{proposal}", app)
    again = page(lead, form_at(released, challenge, WEAK), app)
    assert WHY in again and INSURANCE.text in again


def test_an_approver_returns_a_proposal_and_a_lead_takes_one_back(
    session: Session, app: Flask, released: Evaluation
) -> None:
    proposal, approver = a_proposal(released, GOOD, "not_admit"), an_approver(released)
    second = signed_in(app, approver.email)
    assert HEARD in page(second, f"/new-decisions/{proposal}", app)
    silent = second.post(f"/new-decisions/{proposal}/return")
    assert silent.status_code == 422 and faults(silent.get_data(as_text=True), app) == []
    assert second.post(f"/new-decisions/{proposal}/return", data={"reason": "No."}).status_code == 303
    late = second.post(f"/new-decisions/{proposal}/approve")
    assert late.status_code == 422 and faults(late.get_data(as_text=True), app) == []
    other, lead = a_proposal(released, GOOD, "not_admit"), signed_in(app, released.lead.email)
    assert "Take it back" in page(lead, f"/new-decisions/{other}", app)
    assert lead.post(f"/new-decisions/{other}/withdraw").status_code == 303


def test_nobody_is_shown_what_they_may_not_do(session: Session, app: Flask, released: Evaluation) -> None:
    proposal = a_proposal(released, WEAK)
    auditor = signed_in(app, released.person("auditor").email)
    shown = page(auditor, f"/new-decisions/{proposal}", app)
    assert "Approve and send" not in shown and "Take it back" not in shown
    assert auditor.post(f"/new-decisions/{proposal}/approve").status_code == 403
    evaluator = signed_in(app, released.evaluators[0].email)
    page(evaluator, f"/new-decisions/{proposal}", app, 403)
    stranger = signed_in(app, a_procurement_lead().email)
    page(stranger, f"/new-decisions/{proposal}", app, 404)
    provider = signed_in(app, provider_of(released, WEAK).email)
    page(provider, f"/new-decisions/{proposal}", app, 403)


def test_before_it_declares_an_approver_is_led_to_the_list_of_tenderers(
    session: Session, app: Flask, released: Evaluation
) -> None:
    proposal = a_proposal(released, WEAK)
    browser = signed_in(app, released.person("approver").email)
    shown = browser.get(f"/new-decisions/{proposal}")
    assert shown.location == f"/rounds/{released.round_id}/declarations"
    assert browser.post(f"/new-decisions/{proposal}/approve").status_code == 409


def test_a_challenge_that_was_not_upheld_leads_to_no_new_decision(
    session: Session, app: Flask, released: Evaluation
) -> None:
    challenge, browser = a_challenge(released, "not_upheld"), signed_in(app, released.lead.email)
    assert "new-decisions" not in page(browser, f"/challenges/{challenge}", app)
    assert "Decide anew" not in page(browser, f"/challenges/{challenge}/new-decisions", app)
    page(browser, form_at(released, challenge, WEAK), app, 404)


def test_the_standing_shows_the_change_and_its_cause(
    session: Session, app: Flask, released: Evaluation
) -> None:
    decided_anew(released, GOOD, "not_admit")
    provider = signed_in(app, provider_of(released, GOOD).email)
    assert "A new decision on its tender, after a challenge" in page(provider, "/your-standing", app)


def test_pages_of_new_decisions_cost_few_statements(
    session: Session, app: Flask, released: Evaluation
) -> None:
    challenge, approver = a_challenge(released), an_approver(released)
    proposal = a_proposal(released, WEAK, challenge_id=challenge)
    lead, second = signed_in(app, released.lead.email), signed_in(app, approver.email)
    for browser, address in (
        (lead, "/"),
        (second, "/"),
        (lead, f"/challenges/{challenge}/new-decisions"),
        (lead, form_at(released, challenge, WEAK)),
        (lead, f"/new-decisions/{proposal}"),
        (second, f"/new-decisions/{proposal}"),
    ):
        cost = statements_of(session.connection(), lambda: browser.get(address))  # noqa: B023
        assert cost <= 12, (address, cost)
