"""Interests, and the resemblances that ask somebody to think."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evaluation.assignments.conflict_queries import considerations_in
from evaluation.interests.queries import considerations, interests_of
from evaluation.interests.resemblance import alike_organisations, alike_people
from evaluation.interests.services import InterestRefused, declare_interest, take_interest_back
from portal import clock
from portal.errors import NotFound
from portal.profiles.models import ConnectedPerson
from tender.applications.models import Application
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import Evaluation, a_marking_evaluation
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """One tender handed out to two evaluators who have not declared."""
    return build(lambda: a_marking_evaluation(accepted=False))


def connected(session: Session, marking: Evaluation, name: str, kind: str = "director") -> int:
    provider = session.get_one(Application, marking.applications[0])
    session.add(
        ConnectedPerson(
            provider_id=provider.provider_id,
            kind=kind,
            name=name,
            nature="Director",
            saved_at=clock.now(),
            saved_by_id=provider.started_by_id,
        )
    )
    session.flush()
    return provider.provider_id


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Ada Quarrington", "Dr Ben Quarrington", True),
        ("Ada Quarrington", "Quarrington Ada", False),
        ("Zoë Ńowak", "Jan Nowak", True),
        ("Ada O'Dell", "B. ODell", True),
        ("", "Ben Quarrington", False),
    ],
)
def test_people_are_alike_by_their_last_names(one: str, other: str, alike: bool) -> None:
    assert alike_people(one, other) is alike


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Quayside School", "The Quayside Academy Trust", True),
        ("Quayside Primary School", "Canal Primary School", False),
        ("Primary School", "Quayside Primary School", False),
        ("Kiln Lane Workshop CIC", "Kiln Lane Workshop", True),
    ],
)
def test_organisations_are_alike_by_the_words_that_tell_them_apart(one: str, other: str, alike: bool) -> None:
    assert alike_organisations(one, other) is alike


def test_a_director_with_an_evaluators_last_name_is_shown(session: Session, marking: Evaluation) -> None:
    evaluator = marking.evaluators[0]
    connected(session, marking, f"Rowan {evaluator.name.split()[-1]}")
    ((found, part),) = [
        each
        for each in considerations_in(marking.round_id, marking.council.id)
        if each[0].person_id == evaluator.person_id
    ]
    assert "has the same last name" in found.sentence and part == "evaluator"


def test_moderators_and_whoever_decides_are_looked_at_too(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    approver = marking.person("approver")
    for person in (marking.moderator, approver, marking.lead):
        declare_interest(kind="trustee", organisation_name="Kiln Lane Workshop", by=person)
    connected(session, marking, "Kiln Lane Workshop CIC", "parent_or_subsidiary")
    found = {
        each.person_id: part
        for each, part in considerations_in(marking.round_id, marking.council.id)
        if "Kiln Lane" in each.sentence
    }
    assert found == {
        marking.moderator.person_id: "moderator",
        approver.person_id: "approver",
        marking.lead.person_id: "procurement lead",
    }
    sign_in(client, marking.lead.email)
    page = client.get(f"/rounds/{marking.round_id}/panel/proposal").text
    assert faults(page, app) == []
    assert f"{approver.name} is a trustee or director of Kiln Lane Workshop" in page and "(approver)" in page


def test_the_lead_too_declares_interests(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    sign_in(client, marking.lead.email)
    assert "/marking/interests" in client.get(f"/rounds/{marking.round_id}/declarations").text
    data = {"kind": "governor", "organisation_name": "Quayside School"}
    page = client.post("/marking/interests", data=data, follow_redirects=True).text
    assert "Quayside School" in page and faults(page, app) == []


def test_a_school_whose_governor_the_evaluator_is_is_shown(session: Session, marking: Evaluation) -> None:
    evaluator = marking.evaluators[0]
    declare_interest(kind="governor", organisation_name="Quayside School", by=evaluator)
    provider_id = connected(session, marking, "Quayside Academy Trust", "parent_or_subsidiary")
    (found,) = considerations({evaluator.person_id: evaluator.name}, [provider_id])
    assert found.sentence.startswith(f"{evaluator.name} is a governor of Quayside School; Quayside Academy")


def test_the_evaluator_is_asked_to_consider_before_declaring(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    evaluator = marking.evaluators[0]
    connected(session, marking, f"Rowan {evaluator.name.split()[-1]}")
    sign_in(client, evaluator.email)
    page = client.get(f"/marking/{marking.assignment().id}/declaration").get_data(as_text=True)
    assert "Please consider" in page
    assert "this may mean nothing" in page


def test_an_interest_is_kept_once_and_taken_back_by_its_owner_alone(
    session: Session, marking: Evaluation
) -> None:
    one, other = marking.evaluators
    for _ in range(2):
        declare_interest(kind="trustee", organisation_name="  Kiln   Lane Workshop ", by=one)
    (kept,) = interests_of(one)
    assert kept["organisation_name"] == "Kiln Lane Workshop"
    with pytest.raises(NotFound):
        take_interest_back(interest_id=kept["id"], by=other)
    take_interest_back(interest_id=kept["id"], by=one)
    assert interests_of(one) == []


@pytest.mark.parametrize(
    ("kind", "name"), [("friend", "X School"), ("governor", " "), ("governor", "x" * 201)]
)
def test_an_interest_that_says_nothing_is_refused(
    session: Session, marking: Evaluation, kind: str, name: str
) -> None:
    with pytest.raises(InterestRefused):
        declare_interest(kind=kind, organisation_name=name, by=marking.evaluators[0])


def test_interests_are_added_and_removed_on_their_page(
    client: FlaskClient, session: Session, marking: Evaluation, app
) -> None:
    sign_in(client, marking.evaluators[0].email)
    assert client.post("/marking/interests", data={"kind": "governor"}).status_code == 422
    data = {"kind": "governor", "organisation_name": "Quayside School"}
    page = client.post("/marking/interests", data=data, follow_redirects=True).get_data(as_text=True)
    assert "Quayside School" in page
    assert faults(page, app) == []
    (kept,) = interests_of(marking.evaluators[0])
    client.post(f"/marking/interests/{kept['id']}/take-back")
    assert interests_of(marking.evaluators[0]) == []
