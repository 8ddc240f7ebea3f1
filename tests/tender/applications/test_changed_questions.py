"""An answer to a question that has changed since is marked until it is saved again or confirmed."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.errors import NotFound
from tender.applications.answer_services import confirm_answer, save_answer
from tender.applications.contents import Item
from tender.applications.models import Receipt
from tender.applications.queries import own_item_for
from tender.frameworks.models import Round
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_submitted_application
from tests.factories.frameworks import a_published_round, lot_ids
from tests.factories.packs import reword
from tests.web_client import sign_in


@pytest.fixture
def provider(session: Session) -> Actor:
    return a_provider_person()


@pytest.fixture
def published(session: Session) -> Round:
    return a_published_round(1)


@pytest.fixture
def application_id(published: Round, provider: Actor) -> int:
    return a_complete_draft(published, provider, lot_ids(published))


def item(application_id: int, provider: Actor, code: str = "ico_number") -> Item:
    return own_item_for(provider, application_id, code, None)


def test_only_the_answer_to_the_changed_question_is_marked(
    application_id: int, published: Round, provider: Actor
) -> None:
    reword(published, "ico_number")
    assert item(application_id, provider).changed_since_answered
    assert not item(application_id, provider, "insurance").changed_since_answered


@pytest.mark.parametrize("value", ["ZA123456", "ZA654321"])
def test_saving_again_takes_the_mark_away_whatever_is_saved(
    application_id: int, published: Round, provider: Actor, value: str
) -> None:
    reword(published, "ico_number")
    before = item(application_id, provider)
    with clock.staged_at(clock.now() + timedelta(minutes=1)):
        save_answer(
            application_id=application_id, code="ico_number", value=value, version=before.version, by=provider
        )
    after = item(application_id, provider)
    assert not after.changed_since_answered
    assert (after.value, after.version) == (value, before.version + 1)


@pytest.mark.parametrize("code", ["ico_number", "safeguarding_policy"])
def test_an_answer_that_still_fits_is_confirmed_as_it_is(
    application_id: int, published: Round, provider: Actor, code: str
) -> None:
    reword(published, code)
    before = item(application_id, provider, code)
    with clock.staged_at(clock.now() + timedelta(minutes=1)):
        confirm_answer(application_id=application_id, code=code, by=provider)
    after = item(application_id, provider, code)
    assert before.changed_since_answered and not after.changed_since_answered
    assert (after.value, after.files) == (before.value, before.files)


def test_confirming_an_answer_whose_question_did_not_change_saves_nothing(
    application_id: int, provider: Actor
) -> None:
    before = item(application_id, provider)
    confirm_answer(application_id=application_id, code="ico_number", by=provider)
    assert item(application_id, provider).version == before.version


def test_nobody_confirms_for_another_provider(application_id: int, published: Round) -> None:
    reword(published, "ico_number")
    with pytest.raises(NotFound):
        confirm_answer(application_id=application_id, code="ico_number", by=a_provider_person())


def test_the_pages_lead_from_the_mark_to_the_difference_and_take_the_confirmation(
    client: FlaskClient, application_id: int, published: Round, provider: Actor
) -> None:
    reword(published, "ico_number")
    sign_in(client, provider.email)
    here = f"/applications/{application_id}"
    assert client.get(here).text.count("The question has changed since you answered.") == 1
    page = client.get(f"{here}/questions/ico_number").text
    assert f"/opportunities/{published.id}/versions/2#change-ico_number" in page
    with clock.staged_at(clock.now() + timedelta(minutes=1)):
        assert client.post(f"{here}/questions/ico_number/confirm").status_code == 303
    assert "The question has changed since you answered." not in client.get(here).text


def test_a_receipt_names_the_version_that_was_answered(session: Session, published: Round) -> None:
    reword(published, "ico_number")
    application_id = a_submitted_application(published, lot_ids(published))
    receipt = session.scalars(select(Receipt).where(Receipt.application_id == application_id)).one()
    assert receipt.manifest["pack_version"] == 2
