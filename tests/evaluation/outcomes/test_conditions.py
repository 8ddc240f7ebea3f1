"""Admission on conditions: hidden from schools until a person has noted that each is met."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.outcomes.assessment import Condition
from evaluation.outcomes.condition_queries import AskedCondition, condition_for, open_conditions
from evaluation.outcomes.condition_services import MetAlready, meet_condition
from evaluation.outcomes.waiting_queries import waiting_for
from portal import clock
from portal.accounts.access import Actor
from portal.directory.models import Standing
from portal.directory.queries import SearchCriteria, search
from portal.directory.services import NotAdmitted, require_admitted
from portal.errors import NotFound, Refusal
from portal.evidence.queries import newest_of
from portal.mail.models import Letter
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.accounts import a_council, a_person
from tests.factories.directory import reinstate_standing, suspend_standing
from tests.factories.evaluation import Evaluation
from tests.factories.evidence import an_evidence
from tests.factories.outcomes import (
    INSURANCE,
    a_computed_evaluation,
    a_conditional_admission,
    approve_all,
    provider_of,
    release_all,
)
from tests.web_client import sign_in

FIRE = Condition("The report of a fire inspection.", None, INSURANCE.due_on + timedelta(days=30))
HOW = "The certificate names £5 million and runs for a year."


@pytest.fixture(scope="module")
def released(build: Build) -> Evaluation:
    """A tender that is admitted on two conditions, and its letter is out."""

    def made() -> Evaluation:
        evaluation = a_computed_evaluation([{}, {}])
        a_conditional_admission(evaluation, 0, INSURANCE, FIRE)
        approve_all(evaluation)
        release_all(evaluation)
        return evaluation

    return build(made)


@pytest.fixture
def quality(released: Evaluation, session: Session) -> Iterator[Actor]:
    yield released.person("quality_officer")


def conditions(released: Evaluation) -> list[AskedCondition]:
    return open_conditions(released.lead)[0]


def standing(released: Evaluation, session: Session) -> Standing:
    return session.scalars(
        select(Standing)
        .where(Standing.application_id == released.applications[0])
        .execution_options(populate_existing=True)
    ).one()


def meet(condition: AskedCondition, by: Actor, how: str = HOW, document: UUID | None = None) -> bool:
    return meet_condition(condition_id=condition.id, how=how, document_id=document, by=by)


def in_vault(provider: Actor) -> UUID:
    """A document that a provider has just put into its vault."""
    an_evidence(provider)
    return newest_of(provider.organisation_id)[0][0].document_id


def found() -> int:
    return search(SearchCriteria(clock.today())).total


def test_whoever_is_admitted_on_conditions_is_in_the_register_and_not_in_the_search(
    session: Session, released: Evaluation
) -> None:
    assert standing(released, session).state == "conditional"
    assert found() == 1  # the other tender, admitted in full
    service = text("SELECT id FROM service WHERE standing_id = :id")
    with pytest.raises(NotAdmitted):
        require_admitted(session.scalar(service, {"id": standing(released, session).id}))


def test_the_letter_names_each_condition_and_its_day(session: Session, released: Evaluation) -> None:
    body = session.scalars(
        select(Letter.body).where(Letter.key.like(f"outcome:{released.applications[0]}:%"))
    )
    told = body.one()
    assert "on conditions. It meets every minimum." in told
    assert f": {INSURANCE.text}" in told
    assert "YOUR CONDITIONS" in told


def test_the_last_condition_that_is_met_admits_in_full(
    session: Session, released: Evaluation, quality: Actor
) -> None:
    first, last = conditions(released)
    assert not meet(first, quality)
    assert (standing(released, session).state, found()) == ("conditional", 1)
    assert meet(last, released.lead)
    assert (standing(released, session).state, found()) == ("admitted", 2)
    assert conditions(released) == []


def test_the_provider_is_told_of_each(session: Session, released: Evaluation, quality: Actor) -> None:
    for condition in conditions(released):
        meet(condition, quality)
    letters = session.scalars(select(Letter.body).where(Letter.subject_type == "admission_condition")).all()
    assert ["admitted in full" in body for body in sorted(letters, key=len)] == [False, True]


def test_a_condition_is_met_with_a_document_of_the_providers_vault(
    session: Session, released: Evaluation, quality: Actor
) -> None:
    provider = provider_of(released)
    own = in_vault(provider)
    condition = conditions(released)[0]
    for wrong in (uuid4(), in_vault(provider_of(released, 1))):
        with pytest.raises(Refusal) as refused:
            meet(condition, quality, document=wrong)
        assert refused.value.field == "document"
    meet(condition, quality, document=own)
    assert condition_for(quality, condition.id).document_id == own


def test_it_is_noted_once_and_what_a_colleague_noted_stands(
    session: Session, released: Evaluation, quality: Actor
) -> None:
    condition = conditions(released)[0]
    meet(condition, quality)
    assert not meet(condition, quality)
    with pytest.raises(MetAlready):
        meet(condition, released.lead, "Seen.")
    with pytest.raises(IntegrityError, match="admission_condition refuses"):
        session.execute(text("UPDATE admission_condition SET met_how = 'Other.' WHERE met_at IS NOT NULL"))


def test_saying_how_is_needed(session: Session, released: Evaluation, quality: Actor) -> None:
    with pytest.raises(Refusal) as refused:
        meet(conditions(released)[0], quality, how="  ")
    assert refused.value.field == "how"


def test_a_suspension_that_ends_does_not_lift_the_conditions(
    session: Session, released: Evaluation, quality: Actor
) -> None:
    held = standing(released, session)
    suspend_standing(standing_id=held.id, reason="A concern.", by=quality)
    reinstate_standing(standing_id=held.id, reason="Nothing found.", by=quality)
    assert (standing(released, session).state, found()) == ("conditional", 1)


def test_meeting_the_last_condition_does_not_lift_a_suspension(
    session: Session, released: Evaluation, quality: Actor
) -> None:
    held = standing(released, session)
    suspend_standing(standing_id=held.id, reason="A concern.", by=quality)
    for condition in conditions(released):
        meet(condition, quality)
    assert standing(released, session).state == "suspended"
    reinstate_standing(standing_id=held.id, reason="Nothing found.", by=quality)
    assert (standing(released, session).state, found()) == ("admitted", 2)


def test_an_overdue_condition_stays_open_and_asks_for_a_person(
    session: Session, released: Evaluation, quality: Actor
) -> None:
    with clock.staged_at(clock.now() + timedelta(days=45)):
        assert [each.overdue for each in conditions(released)] == [True, False]
        for person in (quality, released.lead):
            assert "1 condition of admission overdue" in [task.sentence for task in waiting_for(person).now]
        told = waiting_for(provider_of(released)).now
    assert standing(released, session).state == "conditional"
    assert f"A condition of your admission is open: {INSURANCE.text}" in [task.sentence for task in told]


def test_another_council_and_a_provider_find_none_of_it(
    session: Session, app: Flask, released: Evaluation
) -> None:
    stranger, condition = a_person(a_council("Elsewhere"), "quality_officer"), conditions(released)[0]
    assert open_conditions(stranger) == ([], 0)
    with pytest.raises(NotFound):
        condition_for(stranger, condition.id)
    with pytest.raises(NotFound):
        meet(condition, stranger)
    browser = sign_in(app.test_client(), provider_of(released).email)
    assert browser.get("/admission-conditions").status_code == 403


def test_the_pages_take_a_quality_officer_through(
    session: Session, app: Flask, released: Evaluation, quality: Actor
) -> None:
    own = in_vault(provider_of(released))
    browser = sign_in(app.test_client(), quality.email)
    page = browser.get("/admission-conditions").get_data(as_text=True)
    assert faults(page, app) == []
    address = f"/admission-conditions/{conditions(released)[0].id}"
    assert address in page
    assert faults(browser.get(address).get_data(as_text=True), app) == []
    silent = browser.post(address, data={"document": str(own)})
    assert silent.status_code == 422
    assert faults(silent.get_data(as_text=True), app) == []
    told = {"document": str(own), "how": HOW}
    assert browser.post(address, data=told).status_code == 303
    assert HOW in browser.get(address).get_data(as_text=True)


def test_the_list_costs_the_same_for_one_condition_and_for_two(
    session: Session, released: Evaluation, quality: Actor
) -> None:
    connection = session.connection()
    two = statements_of(connection, lambda: open_conditions(quality))
    meet(conditions(released)[0], quality)
    assert statements_of(connection, lambda: open_conditions(quality)) == two == 1
