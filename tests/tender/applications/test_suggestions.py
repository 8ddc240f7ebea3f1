"""Answer once: earlier answers and the profile are offered again, and saved by nobody but a person."""

import pytest
from sqlalchemy import select, text, update

from portal.database import transaction
from portal.profiles.exclusion_services import declare, fingerprint
from portal.profiles.queries import grounds_of
from portal.profiles.services import record_share_code
from tender.applications.models import Application
from tender.applications.queries import own_application_for, own_item_for
from tender.applications.suggestions import suggested_answer
from tender.frameworks.models import Question
from tests.counting import counted
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_submitted_application
from tests.factories.evidence import a_profile
from tests.factories.frameworks import a_published_round, lot_ids

SAID = "We ring home before half past nine, and write down what we heard and what we did."


def suggested(draft, by, code="safeguarding", lot_id=None):
    facts = own_application_for(by, draft)
    return suggested_answer(by, facts, own_item_for(by, draft, code, lot_id))


@pytest.fixture
def before(provider):
    """An application that the provider submitted to another framework's round."""
    return a_submitted_application(earlier := a_published_round(1), lot_ids(earlier), provider)


def ask_otherwise(before, **values):
    """Let the question that was answered before have been asked otherwise."""
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        its_round = select(Application.round_id).where(Application.id == before).scalar_subquery()
        asked = (Question.round_id == its_round, Question.code == "safeguarding")
        session.execute(update(Question).where(*asked).values(**values))


def call_it(code):
    """Let the question be one that the profile knows."""
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(update(Question).where(Question.code == "safeguarding").values(code=code))


def test_an_earlier_answer_is_offered_with_its_day(draft, provider, before):
    found = suggested(draft, provider)
    assert found.value == SAID
    assert found.sentence.startswith("From your application of ")
    assert "Check that it still holds" in found.sentence


def test_it_is_drawn_into_the_form_and_not_saved(draft, provider, before, browser, session):
    page = browser.get(f"/applications/{draft}/questions/safeguarding").get_data(as_text=True)
    assert SAID in page and "Not saved yet." in page
    assert own_item_for(provider, draft, "safeguarding", None).version == 0


def test_a_question_that_is_worded_otherwise_takes_no_earlier_answer(draft, provider, before):
    ask_otherwise(before, text="Asked in other words.")
    assert suggested(draft, provider) is None


def test_another_providers_answer_is_offered_to_nobody(draft, provider):
    earlier = a_published_round(1)
    a_submitted_application(earlier, lot_ids(earlier), a_provider_person())
    assert suggested(draft, provider) is None


def test_an_answer_that_is_saved_is_not_replaced(draft, provider, before, browser):
    browser.post(f"/applications/{draft}/questions/safeguarding", data={"value": "Mine.", "version": "0"})
    assert suggested(draft, provider) is None


def test_the_share_code_comes_from_the_profile_and_not_from_an_old_application(draft, provider, before):
    call_it("share_code")
    assert suggested(draft, provider, "share_code") is None
    record_share_code(code="hdj2123f", by=provider)
    found = suggested(draft, provider, "share_code")
    assert found.value == "hdj2123f" and f"by {provider.name}" in found.sentence


def test_exclusion_grounds_come_from_the_standing_declaration_alone(draft, provider, before):
    assert suggested(draft, provider, "exclusion") is None
    law = own_application_for(provider, draft).legal_regime
    seen = fingerprint(grounds_of(provider.organisation_id), law)
    declare(law=law, confirmed=True, seen=seen, by=provider)
    assert suggested(draft, provider, "exclusion").value == "none"
    assert suggested(draft, provider, "exclusion_detail") is None


def test_a_question_that_names_a_field_of_the_profile_takes_it(draft, provider, before):
    call_it("legal_form")
    assert suggested(draft, provider, "legal_form") is None
    a_profile(provider)
    assert suggested(draft, provider, "legal_form").value == "Charitable incorporated organisation"


def test_a_suggestion_costs_one_statement(draft, provider, before):
    facts = own_application_for(provider, draft)
    item = own_item_for(provider, draft, "safeguarding", None)
    with counted() as made:
        suggested_answer(provider, facts, item)
    assert len(made) == 1
