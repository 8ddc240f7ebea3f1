"""The pages of outcomes, as each role meets them."""

import random
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from evaluation.outcomes.letter_queries import letters_of
from evaluation.outcomes.queries import lots_of
from evaluation.outcomes.services import compute_results, recompute
from portal import clock
from tender.frameworks.queries import pack_of
from tender.frameworks.recipe import how_totals_are_made
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.accounts import a_council, a_person, a_school_person
from tests.factories.bulk import BulkQuestion, BulkTender, a_bulk_round
from tests.factories.evaluation import AGREED, REASON, Evaluation, an_approver, declare_none
from tests.factories.exclusions import exclude
from tests.factories.frameworks import a_closed_round, a_procurement_lead, lot_ids
from tests.factories.outcomes import (
    TOO_DEAR,
    agree,
    an_agreed_evaluation,
    approve_all,
    decisions_of,
    provider_of,
    read_letters,
)
from tests.web_client import sign_in

GOOD, WEAK, DEAR = range(3)


@pytest.fixture(scope="module")
def agreed(build: Build) -> Evaluation:
    """One lot, three tenders with every mark agreed, and no results yet."""
    return build(lambda: an_agreed_evaluation([{}, {"safeguarding": 2}, {}], failed={DEAR: [0]}))


@pytest.fixture
def lead(client: FlaskClient, agreed: Evaluation) -> FlaskClient:
    """The browser of the procurement lead."""
    return sign_in(client, agreed.lead.email)


def text_of(browser: FlaskClient, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, address
    return answer.get_data(as_text=True)


AT_ONCE = {"minutes": "0", "wait": "no", "before_notice": "y"}


def under(agreed: Evaluation, page: str) -> str:
    return f"/rounds/{agreed.round_id}/{page}"


def compute(agreed: Evaluation) -> None:
    compute_results(round_id=agreed.round_id, by=agreed.lead)


def one(agreed: Evaluation, tender: int) -> str:
    return under(agreed, f"decisions/{agreed.applications[tender]}/{lot_ids(agreed.round)[0]}")


def seen(page: str) -> list[str]:
    """What the page's bulk form says that it showed."""
    return [part.split('"')[0] for part in page.split('name="seen" value="')[1:]]


def recommend_all(browser: FlaskClient, agreed: Evaluation) -> None:
    page = text_of(browser, under(agreed, "decisions"))
    browser.post(under(agreed, "decisions"), data={"lot": lot_ids(agreed.round)[0], "seen": seen(page)})


def test_results_are_computed_by_a_button_and_never_by_looking(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    page = text_of(lead, under(agreed, "results"))
    assert faults(page, app) == []
    assert "Compute the results" in page
    assert lots_of(agreed.round_id)[0]["results"] == 0
    answer = lead.post(under(agreed, "results"))
    assert answer.status_code == 303
    assert "2 totals computed twice" in text_of(lead, answer.location)


def test_results_that_the_second_computation_has_not_confirmed_say_so_and_offer_no_decision(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    recompute(round_id=agreed.round_id, by=agreed.lead)
    page = text_of(lead, under(agreed, "results"))
    assert faults(page, app) == []
    assert "has not confirmed these results" in page and "Compute the results" in page
    assert "Recommend outcomes for this lot" not in page
    assert "Compute the results" in text_of(lead, "/")


def test_results_show_rank_total_own_totals_and_what_is_missing(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    compute(agreed)
    page = text_of(lead, under(agreed, "results"))
    assert faults(page, app) == []
    assert f"{agreed.evaluators[0].name} 60.00; {agreed.evaluators[1].name} 80.00" in page
    assert "Safeguarding and safer recruitment (2, minimum 3)" in page
    assert f"Price for a day ({TOO_DEAR})" in page
    assert "half up" in page


def test_a_total_opens_down_to_the_marks(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    compute(agreed)
    page = text_of(lead, under(agreed, f"results/{agreed.applications[WEAK]}"))
    assert faults(page, app) == []
    assert page.count(AGREED) == 6
    assert page.count(REASON) == 12
    assert "Below the minimum of 3" in page


def test_stale_results_say_so(lead: FlaskClient, session: Session, agreed: Evaluation) -> None:
    compute(agreed)
    agree(agreed, GOOD, {"outcomes": 5})
    page = text_of(lead, under(agreed, "results"))
    assert "have changed since these results were computed" in page
    assert "Compute the results" in page


def test_outcomes_are_recommended_as_suggested_in_one_step(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    compute(agreed)
    page = text_of(lead, under(agreed, "decisions"))
    assert faults(page, app) == []
    assert "Recommend all 3 as suggested" in page
    recommend_all(lead, agreed)
    assert {decision.outcome for decision in decisions_of(agreed)} == {"admit", "not_admit"}
    assert faults(text_of(lead, under(agreed, "decisions")), app) == []


def test_one_outcome_is_recommended_with_another_reason(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    compute(agreed)
    assert faults(text_of(lead, one(agreed, GOOD)), app) == []
    told = {"version": "0", "outcome": "not_admit", "reason": "An exclusion ground came to light."}
    assert lead.post(one(agreed, GOOD), data=told).status_code == 303
    assert "An exclusion ground came to light." in text_of(lead, under(agreed, "decisions"))


def test_nothing_typed_is_lost_when_a_recommendation_is_refused(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    compute(agreed)
    told = {"version": "7", "outcome": "not_admit", "reason": "Typed with care."}
    answer = lead.post(one(agreed, GOOD), data=told)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert faults(page, app) == []
    assert "Typed with care." in page
    assert "This has changed since you opened the page" in page


def a_condition(days: int = 30) -> dict[str, str]:
    """The boxes of one condition, as a browser sends them."""
    day = clock.today() + timedelta(days=days)
    parts = {f"conditions-0-due_on-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    return {"conditions-0-text": "A certificate.", "conditions-0-evidence_type": "public_liability", **parts}


def test_an_admission_on_conditions_says_what_has_to_be_shown_and_by_when(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    compute(agreed)
    told = {"version": "0", "outcome": "admit_conditionally", "reason": "Good, but for the cover."}
    half = {name: value for name, value in a_condition().items() if "due_on" not in name}
    for wrong in ({}, half, a_condition(days=-1), {**a_condition(), "conditions-0-due_on-day": "40"}):
        answer = lead.post(one(agreed, GOOD), data={**told, **wrong})
        assert answer.status_code == 422, wrong
        assert faults(answer.get_data(as_text=True), app) == []
    assert lead.post(one(agreed, GOOD), data={**told, **a_condition()}).status_code == 303
    assert "A certificate." in text_of(lead, under(agreed, "decisions"))
    assert 'value="A certificate."' in text_of(lead, one(agreed, GOOD))


def test_an_exclusion_names_its_ground(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    compute(agreed)
    told = {"version": "0", "outcome": "excluded", "reason": "It was heard, and did not answer."}
    silent = lead.post(one(agreed, DEAR), data=told)
    assert silent.status_code == 422
    assert faults(silent.get_data(as_text=True), app) == []
    unfound = lead.post(one(agreed, DEAR), data={**told, "ground": "pcr_insolvency"})
    assert "Record that first (Exclusion checks" in unfound.get_data(as_text=True)
    exclude(agreed, DEAR)
    assert lead.post(one(agreed, DEAR), data={**told, "ground": "pcr_insolvency"}).status_code == 303
    assert "Insolvency, winding up" in text_of(lead, under(agreed, "decisions"))


@pytest.mark.parametrize("tender", [WEAK, DEAR])
def test_admission_is_not_offered_against_the_published_rules(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation, tender: int
) -> None:
    compute(agreed)
    page = text_of(lead, one(agreed, tender))
    assert faults(page, app) == []
    assert "do not allow this provider to be admitted" in page
    answer = lead.post(one(agreed, tender), data={"version": "0", "outcome": "admit", "reason": "Please."})
    assert answer.status_code == 422


def test_an_approver_approves_a_lot_and_the_round_is_decided(
    lead: FlaskClient, app: Flask, session: Session, agreed: Evaluation
) -> None:
    compute(agreed)
    recommend_all(lead, agreed)
    approver = sign_in(app.test_client(), an_approver(agreed).email)
    page = text_of(approver, "/approvals")
    assert faults(page, app) == []
    told = {"round": agreed.round_id, "lot": lot_ids(agreed.round)[0], "seen": seen(page)}
    assert approver.post("/approvals", data=told).status_code == 303
    assert "Nothing waits for you" in text_of(approver, "/approvals")
    session.expire_all()
    assert agreed.round.state == "decided"


def test_an_approver_returns_one_with_a_reason_and_approves_another(
    lead: FlaskClient, app: Flask, session: Session, agreed: Evaluation
) -> None:
    compute(agreed)
    recommend_all(lead, agreed)
    approver = sign_in(app.test_client(), an_approver(agreed).email)
    first, second, _ = (decision.id for decision in decisions_of(agreed))
    assert faults(text_of(approver, f"/approvals/{first}"), app) == []
    silent = approver.post(f"/approvals/{first}/return", data={"version": "1"})
    assert silent.status_code == 422
    assert faults(silent.get_data(as_text=True), app) == []
    told = {"version": "1", "reason": "Say which mark."}
    assert approver.post(f"/approvals/{first}/return", data=told).status_code == 303
    assert approver.post(f"/approvals/{second}", data={"version": "1"}).status_code == 303
    assert [decision.state for decision in decisions_of(agreed)] == ["returned", "approved", "recommended"]
    assert "Say which mark." in text_of(lead, under(agreed, "decisions"))


def test_an_approval_of_what_changed_is_refused_with_what_stands_now(
    lead: FlaskClient, app: Flask, session: Session, agreed: Evaluation
) -> None:
    compute(agreed)
    recommend_all(lead, agreed)
    approver = sign_in(app.test_client(), an_approver(agreed).email)
    decision = decisions_of(agreed)[0]
    answer = approver.post(f"/approvals/{decision.id}", data={"version": "9"})
    assert answer.status_code == 422
    assert "This has changed" in answer.get_data(as_text=True)
    assert faults(answer.get_data(as_text=True), app) == []


def press(page: str, wrong: int | None = None) -> dict[str, list[str]]:
    """What the button of the page of letters sends; of so many letters is said that something is wrong."""
    read = re.findall(r'name="read" value="([^"]+)"', page)
    said = {"read": read, "last": re.findall(r'name="last" value="([^"]+)"', page)}
    return said if wrong is None else {**said, "wrong": [read[wrong].partition(":")[0]]}


def test_letters_are_read_through_and_released(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    compute(agreed)
    recommend_all(lead, agreed)
    assert "No letters yet" in text_of(lead, under(agreed, "letters"))
    approve_all(agreed)
    page = text_of(lead, under(agreed, "letters?letter=2"))
    assert faults(page, app) == []
    assert "Letter 2 of 3" in page
    assert "3 letters written and held, 0 read" in page
    unread = lead.post(under(agreed, "letters"), data=AT_ONCE)
    assert unread.status_code == 422
    assert faults(unread.get_data(as_text=True), app) == []
    read = [str(row["id"]) for row in letters_of(agreed.round_id)]
    assert "letter=2" in lead.post(under(agreed, "letters/read"), data={"read": read[0]}).location
    page = text_of(lead, under(agreed, "letters/reading"))
    assert faults(page, app) == []
    assert "2 letters have not been read" in page and page.count("OUR DECISION") == 2
    later = lead.post(under(agreed, "letters/reading"), data=press(page, wrong=0))
    after = text_of(lead, under(agreed, "letters"))
    assert later.status_code == 303 and "3 letters written and held, 2 read" in after
    page = text_of(lead, under(agreed, "letters/reading"))
    lead.post(under(agreed, "letters/reading"), data=press(page))
    assert "Release all 3 letters" in text_of(lead, under(agreed, "letters"))
    answer = lead.post(under(agreed, "letters"), data=AT_ONCE)
    assert answer.status_code == 303
    after = text_of(lead, answer.location)
    assert faults(after, app) == []
    assert "Release all" not in after


def test_a_release_is_called_back_while_its_window_runs(
    lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    compute(agreed)
    recommend_all(lead, agreed)
    approve_all(agreed)
    read_letters(agreed)
    wrong = lead.post(under(agreed, "letters"), data={"minutes": "a while", "wait": "yes"})
    assert wrong.status_code == 422
    assert faults(wrong.get_data(as_text=True), app) == []
    told = {"minutes": "30", "wait": "yes", "standstill_days": "8"}
    page = text_of(lead, lead.post(under(agreed, "letters"), data=told).location)
    assert faults(page, app) == []
    assert "with a standstill of 8 working days" in page
    page = text_of(lead, lead.post(under(agreed, "letters/cancel")).location)
    assert faults(page, app) == []
    assert "was cancelled" in page
    assert lead.post(under(agreed, "letters/cancel")).status_code == 422


def test_each_step_waits_for_the_right_person(
    lead: FlaskClient, app: Flask, session: Session, agreed: Evaluation
) -> None:
    approver = sign_in(app.test_client(), an_approver(agreed).email)
    provider = sign_in(app.test_client(), provider_of(agreed, WEAK).email)
    assert "Compute the results" in text_of(lead, "/")
    compute(agreed)
    assert "3 outcomes to recommend" in text_of(lead, "/")
    recommend_all(lead, agreed)
    assert "3 decisions to approve" in text_of(approver, "/")
    assert "with the approver" in text_of(lead, "/")
    approve_all(agreed)
    assert "Read and release them" in text_of(lead, "/")
    assert "to approve" not in text_of(approver, "/")
    assert "outcome letter" not in text_of(provider, "/")
    read_letters(agreed)
    lead.post(under(agreed, "letters"), data=AT_ONCE)
    assert "Your outcome letter" in text_of(provider, "/")
    assert "Read and release them" not in text_of(lead, "/")


PAGES = ("results", "decisions", "letters")


@pytest.mark.parametrize("page", PAGES)
def test_evaluators_providers_and_schools_see_no_results(
    app: Flask, session: Session, agreed: Evaluation, page: str
) -> None:
    compute(agreed)
    for person in (agreed.evaluators[0], provider_of(agreed, GOOD), a_school_person()):
        browser = sign_in(app.test_client(), person.email)
        assert browser.get(under(agreed, page)).status_code == 403
        assert browser.get(under(agreed, f"results/{agreed.applications[GOOD]}")).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_another_council_finds_nothing(app: Flask, session: Session, agreed: Evaluation, page: str) -> None:
    compute(agreed)
    stranger = sign_in(app.test_client(), a_procurement_lead().email)
    assert stranger.get(under(agreed, page)).status_code == 404
    assert stranger.get(one(agreed, GOOD)).status_code == 404


def test_another_councils_approver_finds_no_decision(
    lead: FlaskClient, app: Flask, session: Session, agreed: Evaluation
) -> None:
    compute(agreed)
    recommend_all(lead, agreed)
    stranger = sign_in(app.test_client(), a_person(a_council("Elsewhere"), "approver").email)
    decision = decisions_of(agreed)[0]
    assert "Nothing waits for you" in text_of(stranger, "/approvals")
    assert stranger.get(f"/approvals/{decision.id}").status_code == 404
    assert stranger.post(f"/approvals/{decision.id}", data={"version": "1"}).status_code == 404


def test_an_approver_cannot_recommend_and_a_lead_cannot_approve(
    lead: FlaskClient, app: Flask, session: Session, agreed: Evaluation
) -> None:
    compute(agreed)
    approver = sign_in(app.test_client(), an_approver(agreed).email)
    for address in (
        under(agreed, "results"),
        under(agreed, "decisions"),
        one(agreed, GOOD),
        under(agreed, "letters"),
    ):
        assert approver.post(address).status_code == 403, address
    recommend_all(lead, agreed)
    assert lead.get("/approvals").status_code == 403
    assert lead.post(f"/approvals/{decisions_of(agreed)[0].id}", data={"version": "1"}).status_code == 403


def test_there_are_no_results_before_the_box_is_opened(
    client: FlaskClient, session: Session, agreed: Evaluation
) -> None:
    lead = a_procurement_lead()
    shut = a_closed_round(1, lead)
    sign_in(client, lead.email)
    for page in PAGES:
        assert client.get(f"/rounds/{shut.id}/{page}").status_code == 404


def test_results_of_500_tenders_and_3_evaluators_cost_ten_statements(
    client: FlaskClient, session: Session, connection: Connection
) -> None:
    chance = random.Random(1)
    council = a_council("In bulk")
    lead = a_person(council, "procurement_lead")
    questions = [BulkQuestion(Decimal(10), 1, 5, place % 3 == 0) for place in range(10)]

    def marks() -> dict[tuple[int, int | None], int]:
        return {(n, 0 if asked.per_lot else None): chance.randint(1, 5) for n, asked in enumerate(questions)}

    tenders = [BulkTender([0], marks(), evaluators=[marks() for _ in range(3)]) for _ in range(500)]
    made = a_bulk_round(council.id, questions, tenders)
    session.commit()
    session.execute(text("ANALYZE"))  # as the server does by itself once so many rows have come
    compute_results(round_id=made.round_id, by=lead)
    declare_none(Evaluation(lead, made.round_id, made.applications), lead)
    sign_in(client, lead.email)
    answers = []
    sent = statements_of(connection, lambda: answers.append(client.get(f"/rounds/{made.round_id}/results")))
    assert answers[0].status_code == 200
    # One asks who it is, one for the council's settings, one whether they have declared, four for the
    # results, three for the pack.
    assert sent <= 10
    assert len(answers[0].data) <= 250_000
    assert b"Showing 1 to 50 of 500 tenders" in answers[0].data


def test_how_a_total_is_made_stands_with_every_total(
    connection: Connection, lead: FlaskClient, session: Session, app: Flask, agreed: Evaluation
) -> None:
    compute_results(round_id=agreed.round_id, by=agreed.lead)
    session.flush()
    first = how_totals_are_made(pack_of(agreed.round_id), {})
    tender, lot = agreed.applications[GOOD], lot_ids(agreed.round)[0]
    for page in ("results", f"results/{tender}", f"decisions/{tender}/{lot}"):
        shown = text_of(lead, under(agreed, page))
        assert faults(shown, app) == []
        assert all(str(escape(step)) in shown for step in first), page
        assert statements_of(connection, lambda page=page: lead.get(under(agreed, page))) <= 12, page
