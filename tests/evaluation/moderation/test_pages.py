"""The pages of moderation."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.moderation.models import AgreedMark
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import (
    AGREED,
    REASON,
    Evaluation,
    a_locked_evaluation,
    agree_all,
    declare_none,
)
from tests.web_client import sign_in

GOOD = {"points": "3", "reason": AGREED, "version": "0"}


@pytest.fixture(scope="module")
def locked(build: Build) -> Evaluation:
    """One tender that two evaluators locked, two points apart."""
    return build(lambda: a_locked_evaluation(points=lambda evaluator, _: 2 + 2 * evaluator))


@pytest.fixture
def moderator(client: FlaskClient, locked: Evaluation) -> FlaskClient:
    """The browser of the moderator."""
    return sign_in(client, locked.moderator.email)


def item(locked: Evaluation) -> str:
    return f"/moderation/{locked.answers()[0]}"


def agenda(locked: Evaluation) -> str:
    return f"/rounds/{locked.round_id}/moderation"


def test_marks_stand_side_by_side_with_names_and_reasons(
    moderator: FlaskClient, session: Session, app: Flask, locked: Evaluation
) -> None:
    page = moderator.get(item(locked)).get_data(as_text=True)
    assert faults(page, app) == []
    for place, points in ((0, 2), (1, 4)):
        assert f"{locked.evaluators[place].name}: {points}" in page
    assert page.count(REASON) == 2


def test_original_marks_the_agreed_mark_and_the_differences_stand_side_by_side(
    moderator: FlaskClient, session: Session, app: Flask, locked: Evaluation
) -> None:
    moderator.post(item(locked), data={**GOOD, "points": "4"})
    page = moderator.get(item(locked)).get_data(as_text=True)
    assert faults(page, app) == []
    assert "Agreed: 4" in page
    assert "This is 2 below the agreed mark." in page
    assert "This is the agreed mark." in page
    assert "Save and go on to the next" not in page


def test_a_mark_is_unlocked_with_a_reason_and_agreed_again(
    moderator: FlaskClient, session: Session, app: Flask, locked: Evaluation
) -> None:
    moderator.post(item(locked), data=GOOD)
    asked = moderator.get(f"{item(locked)}/unlock").get_data(as_text=True)
    assert faults(asked, app) == []
    assert "Results that were computed have to be computed again" in asked
    refused = moderator.post(f"{item(locked)}/unlock", data={"version": "1", "why": " "})
    assert refused.status_code == 422
    assert "Say why this mark has to be agreed again" in refused.get_data(as_text=True)
    why = "A document had not been read."
    done = moderator.post(f"{item(locked)}/unlock", data={"version": "1", "why": why}, follow_redirects=True)
    page = done.get_data(as_text=True)
    assert faults(page, app) == []
    assert why in page
    assert "results computed before have to be computed again" in page
    assert moderator.post(item(locked), data={**GOOD, "points": "5", "version": "1"}).status_code == 303
    assert session.scalars(select(AgreedMark)).one().version == 2


def test_an_agreed_mark_leads_to_the_next_of_the_agenda(
    moderator: FlaskClient, session: Session, locked: Evaluation
) -> None:
    answer = moderator.post(item(locked), data=GOOD)
    assert answer.status_code == 303
    assert answer.location.startswith("/moderation/")
    assert session.scalars(select(AgreedMark)).one().points == 3


def test_the_agenda_is_in_order_at_every_stage(
    moderator: FlaskClient, session: Session, app: Flask, locked: Evaluation
) -> None:
    page = moderator.get(agenda(locked)).get_data(as_text=True)
    assert faults(page, app) == []
    assert "0 of 6 answers agreed, 6 ready to be agreed" in page
    agree_all(locked)
    done = moderator.get(agenda(locked)).get_data(as_text=True)
    assert faults(done, app) == []
    assert "Every answer of this round has its agreed mark" in done
    everything = moderator.get(f"{agenda(locked)}?show=all").get_data(as_text=True)
    assert everything.count("Agreed: 3") == 6


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"reason": ""}, "Give the panel&#39;s reason"),
        ({"reason": REASON}, "only repeats or joins"),
        ({"points": ""}, "Choose the agreed mark"),
        ({"points": "6"}, "0 to 5"),
    ],
)
def test_bad_input_is_told_and_what_was_typed_stays(
    moderator: FlaskClient, session: Session, app: Flask, locked: Evaluation, typed: dict[str, str], told: str
) -> None:
    answer = moderator.post(item(locked), data={**GOOD, **typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert typed.get("reason", AGREED) in page
    assert faults(page, app) == []


def test_another_moderators_mark_is_shown_beside_what_was_typed(
    moderator: FlaskClient, session: Session, locked: Evaluation
) -> None:
    moderator.post(item(locked), data=GOOD)
    mine = {**GOOD, "points": "4", "reason": "The panel found the evidence stronger than I did."}
    page = moderator.post(item(locked), data=mine).get_data(as_text=True)
    assert AGREED in page
    assert mine["reason"] in page
    assert moderator.post(item(locked), data={**mine, "version": "1"}).status_code == 422
    moderator.post(f"{item(locked)}/unlock", data={"version": "1", "why": "I found more evidence."})
    assert moderator.post(item(locked), data={**mine, "version": "1"}).status_code == 303


@pytest.mark.parametrize("role", ["moderator", "approver", "auditor"])
def test_others_read_and_agree_nothing(
    client: FlaskClient, session: Session, app: Flask, locked: Evaluation, role: str
) -> None:
    person = locked.person(role)
    if role != "auditor":
        declare_none(locked, person)
    sign_in(client, person.email)
    page = client.get(item(locked)).get_data(as_text=True)
    assert "Only a moderator of this round" in page
    assert faults(page, app) == []
    assert client.post(item(locked), data=GOOD).status_code in (403, 422)
    assert session.scalars(select(AgreedMark)).all() == []
