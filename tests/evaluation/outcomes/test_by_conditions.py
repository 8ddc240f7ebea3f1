"""A dynamic market: nothing is marked, conditions alone decide, from publication to the register."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.conformity.models import ConformityCheck
from evaluation.outcomes.letter_queries import letters_of
from evaluation.reconsiderations.letters import Told, body_of
from portal import clock
from portal.accounts.access import Actor
from portal.database import db
from portal.directory.models import Standing
from tender.conflicts.services import assess
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Question, Round
from tender.frameworks.queries import lots_of_round, pack_of, published_round, round_for
from tender.frameworks.readiness import problems_of, problems_of_pack
from tender.frameworks.services import publish_round
from tender.frameworks.stages import rooms_of, stages_of
from tender.frameworks.words import phase_in_words
from tender.regimes.reference import CONDITIONS, EITHER, MARKS
from tests.evaluation.pages import faults
from tests.factories.accounts import a_provider_person
from tests.factories.drafting import changed
from tests.factories.evaluation import Evaluation, an_approver, declare_none
from tests.factories.exclusions import clear
from tests.factories.frameworks import a_draft_round, a_framework, a_procurement_lead, lot_ids, while_open
from tests.tender.reapplying.test_whole_way import fill_in, submit
from tests.web_client import sign_in

WHY = "It names no curriculum for this lot."
BEFORE = timedelta(days=23)


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


def a_draft_market(lead: Actor) -> Round:
    """A dynamic market's draft round with two lots, which opens tomorrow."""
    framework = a_framework(2, lead, regime="PA2023", kind="dynamic_market")
    draft = a_draft_round(lead=lead, framework=framework, closes_at=clock.now() + timedelta(days=22))
    assess(by=lead, round_id=draft.id, people="Whoever takes part", conflicts=[])
    return draft


def sentences(draft: Round, admits_by: str) -> list[str]:
    return [each.sentence for each in problems_of_pack(pack_of(draft.id), lots_of_round(draft.id), admits_by)]


def test_a_market_starts_from_conditions_and_is_published_without_marks(lead: Actor) -> None:
    draft = a_draft_market(lead)
    pack = pack_of(draft.id)
    assert pack.weighed == () and pack.scales == ()
    assert pack.question("curriculum").rule == "person_decides"
    assert "marks" not in pack.section("quality").introduction
    assert publish_round(by=lead, round_id=draft.id).state == "published"


def test_only_where_the_law_admits_by_conditions_may_marks_be_left_out(lead: Actor) -> None:
    draft = a_draft_market(lead)
    assert sentences(draft, CONDITIONS) == sentences(draft, EITHER) == []
    assert sentences(draft, MARKS) == ["No scored question is asked of lots 1 and 2. Each lot needs one."]


def test_a_lot_without_a_condition_would_let_everybody_in(lead: Actor) -> None:
    draft = a_draft_market(lead)
    first = lot_ids(draft)[0]
    for asked in pack_of(draft.id).conditions:
        changed(draft, asked.code, by=lead, per_lot=True, lots=(first,))
    assert sentences(draft, CONDITIONS) == [
        "Nothing decides who is admitted to lot 2: no question is a condition there."
    ]


def test_marks_in_a_market_are_worth_a_thought(lead: Actor) -> None:
    scored = pack_of(a_draft_round(lead=lead).id)
    times = {"opens_at": clock.now(), "closes_at": clock.now() + timedelta(1), "at": clock.now(), "lots": ()}

    def thoughts(admits_by: str) -> list[str]:
        found = problems_of(scored, **times, admits_by=admits_by)
        return [each.sentence for each in found if not each.stops]

    assert any("Ask a lawyer before marks keep anybody out" in each for each in thoughts(CONDITIONS))
    assert thoughts(EITHER) == thoughts(MARKS) == []


def applied(app: Flask, by: Actor, market: Round) -> int:
    """Apply for all lots on the pages; the application."""
    with clock.staged_at(while_open(market)):
        browser = sign_in(app.test_client(), by.email)
        started = browser.post(f"/opportunities/{market.id}/apply")
        application = int(re.findall(r"/applications/(\d+)", started.location)[0])
        lots = {"lots": [str(lot_id) for lot_id in lot_ids(market)]}
        assert browser.post(f"/applications/{application}/lots", data=lots).status_code == 303
        fill_in(browser, by, application)
        fill_in(browser, by, application)  # an answer may have brought up another question
        assert "Application submitted" in submit(browser, application)
    return application


def decide(browser: FlaskClient, market: Round, failed: tuple[int, int]) -> None:
    """Decide every referred condition on its page: fail the curriculum of one tender for one lot."""
    rows = db.session.execute(
        select(ConformityCheck.id, ConformityCheck.application_id, ConformityCheck.lot_id, Question.code)
        .join(Question, Question.id == ConformityCheck.question_id)
        .where(Question.round_id == market.id, ConformityCheck.result == "refer")
    ).all()
    for check_id, application_id, lot_id, code in rows:
        fails = code == "curriculum" and (application_id, lot_id) == failed
        said = {"result": "fail", "reason": WHY} if fails else {"result": "pass", "reason": "It is in order."}
        answer = browser.post(f"/rounds/{market.id}/conformity/{check_id}", data={**said, "version": "1"})
        assert answer.status_code == 303, answer.text


def seen(page: str) -> list[str]:
    return re.findall(r'name="seen" value="([^"]*)"', page)


def admitted(market: Round) -> set[tuple[int, int]]:
    """Who stands in the register, by provider and lot."""
    rows = db.session.execute(
        select(Standing.provider_id, Standing.lot_id).where(
            Standing.lot_id.in_(lot_ids(market)), Standing.state == "admitted"
        )
    )
    return {(provider, lot) for provider, lot in rows}


def text_of(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    assert not faults(answer.text, browser.application), address
    return answer.text


def test_from_publication_to_the_register_without_a_mark(app: Flask, session: Session) -> None:
    with clock.staged_at(clock.now() - BEFORE):
        lead = a_procurement_lead()
        market = a_draft_market(lead)
        browser = sign_in(app.test_client(), lead.email)
        check = text_of(browser, f"/rounds/{market.id}/publish")
        assert "Nothing is marked" in check and "Weights and minimum marks" not in check
        assert browser.post(f"/rounds/{market.id}/publish").status_code == 303
    assert "Nothing is marked" in text_of(app.test_client(), f"/opportunities/{market.id}")
    providers = [a_provider_person(), a_provider_person()]
    good, weak = [applied(app, by, market) for by in providers]
    first, second = lot_ids(market)

    browser = sign_in(app.test_client(), lead.email)
    assert browser.post(f"/rounds/{market.id}/open").status_code == 303
    evaluation = Evaluation(lead, market.id, [good, weak])
    declare_none(evaluation, lead)
    decide(browser, market, failed=(weak, second))
    assert "Conditions alone decide" in text_of(browser, f"/rounds/{market.id}/conformity")
    onward = browser.post(f"/rounds/{market.id}/start-marking")
    assert onward.location == f"/rounds/{market.id}/decisions"
    home = text_of(browser, "/")
    assert "outcomes to recommend" in home and "Name the panel" not in home and "hand out" not in home
    facts = round_for(lead, market.id)
    assert phase_in_words(facts) == "Being decided"
    assert "Outcomes recommended and approved" in {each.name for each in stages_of(facts)}
    assert {"Results", "Moderation", "Panel"}.isdisjoint(each.name for each in rooms_of(facts))
    computing = browser.post(f"/rounds/{market.id}/results")
    assert computing.status_code == 422 and "there is nothing to compute" in computing.text

    clear(evaluation)
    alone = text_of(browser, f"/rounds/{market.id}/decisions/{good}/{first}")
    assert 'value="admit"' in alone and ">Rank<" not in alone and "do not allow" not in alone
    for lot_id in (first, second):
        page = text_of(browser, f"/rounds/{market.id}/decisions?lot={lot_id}")
        assert "Every condition for this lot was met." in page and ">Rank<" not in page
        told = {"lot": str(lot_id), "seen": seen(page)}
        assert browser.post(f"/rounds/{market.id}/decisions", data=told).status_code == 303
    approver = an_approver(evaluation)
    browser = sign_in(app.test_client(), approver.email)
    for lot_id in (first, second):
        page = text_of(browser, f"/approvals?round={market.id}&lot={lot_id}")
        told = {"round": str(market.id), "lot": str(lot_id), "seen": seen(page)}
        assert browser.post("/approvals", data=told).status_code == 303

    browser = sign_in(app.test_client(), lead.email)
    letters = {row["provider_name"]: row["id"] for row in letters_of(market.id)}
    assert len(letters) == 2
    bodies = [text_of(browser, f"/rounds/{market.id}/letters?letter={place}") for place in (1, 2)]
    assert all("HOW WE DECIDED" in body and "marks and why" not in body for body in bodies)
    assert f"(lot 2): not met. {WHY}" in "".join(bodies)
    read = {"read": [str(letter) for letter in letters.values()]}
    browser.post(f"/rounds/{market.id}/letters/read", data=read)
    release = {"minutes": "0", "wait": "no", "before_notice": "y"}
    assert browser.post(f"/rounds/{market.id}/letters", data=release).status_code == 303
    ids = [by.organisation_id for by in providers]
    assert admitted(market) == {(ids[0], first), (ids[0], second), (ids[1], first)}
    assert "Joining a dynamic market is not the award" in text_of(browser, f"/rounds/{market.id}/awards")


def test_a_letter_about_a_new_decision_speaks_of_no_marks_where_there_are_none(lead: Actor) -> None:
    today = clock.today()
    told = Told(
        "Lot 1: Construction", "Do not admit", today, "admit", "It is met.", (), "an appeal", None, False
    )
    market, marked = a_draft_market(lead), a_draft_round()
    letters = [
        body_of(published_facts(round), "Robin Example", "Kiln Lane", told, today)
        for round in (market, marked)
    ]
    assert ["Your marks" in letter for letter in letters] == [False, True]
    assert "The conditions that we looked at" in letters[0]


def published_facts(round: Round) -> RoundFacts:
    return published_round(publish_round(by=a_procurement_lead(round), round_id=round.id).id)
