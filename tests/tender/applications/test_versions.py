"""Every version of an answer: kept by the database, read and put back by the provider's own people."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.errors import NotFound
from portal.personal_data.subject_access import about_person
from tender.applications.answer_services import SavedMeanwhile, attach_document, save_answer
from tender.applications.erasure import erase_application
from tender.applications.models import AnswerVersion
from tender.applications.queries import own_item_for
from tender.applications.version_services import VersionGone, keep_theirs, put_back
from tender.frameworks.opening_services import open_box
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_draft, a_file, a_submitted_application, an_opened_round_with
from tests.factories.evaluation import Evaluation, declare_none
from tests.factories.frameworks import a_procurement_lead, lot_ids
from tests.tender.applications.test_pages import page, question
from tests.tender.applications.test_services import colleague
from tests.web_client import sign_in

NOW = clock.now()


def save(draft, by, value, version, *, after=timedelta(0), code="safeguarding"):
    with clock.staged_at(NOW + after):
        return save_answer(application_id=draft, code=code, value=value, version=version, by=by).version


def kept(session):
    """(version, value) of every version kept."""
    rows = session.execute(select(AnswerVersion.version, AnswerVersion.value).order_by(AnswerVersion.version))
    return [tuple(row) for row in rows]


def test_typing_on_anywhere_in_the_text_replaces_ones_own_newest_version(draft, provider, session):
    save(draft, provider, "We ring.", 0)
    save(draft, provider, "We ring home.", 1)
    save(draft, provider, "First of all: We ring home.", 2)
    assert kept(session) == [(3, "First of all: We ring home.")]


@pytest.mark.parametrize("later", ["We write home.", "We ring", "", "home We ring."])
def test_words_that_go_stay_in_a_version(draft, provider, session, later):
    save(draft, provider, "We ring home.", 0)
    save(draft, provider, later, 1)
    assert kept(session) == [(1, "We ring home."), (2, later)]


def test_a_pause_and_another_person_make_a_new_version(draft, provider, session):
    save(draft, provider, "One", 0)
    save(draft, provider, "One two", 1, after=timedelta(minutes=10))
    save(draft, colleague(session, provider, "editor"), "One two three", 2, after=timedelta(minutes=11))
    assert [version for version, _ in kept(session)] == [1, 2, 3]


def test_a_saved_choice_is_a_version_and_documents_are_not(draft, provider, session):
    save(draft, provider, "yes", 0, code="insurance")
    save(draft, provider, "no", 1, code="insurance")
    attach_document(application_id=draft, code="finance", by=provider, **a_file())
    assert kept(session) == [(1, "yes"), (2, "no")]


def test_an_earlier_version_is_put_back_as_a_new_one(draft, provider, session):
    save(draft, provider, "What stood first.", 0)
    save(draft, provider, "What stood then.", 1)
    put_back(application_id=draft, code="safeguarding", earlier=1, version=2, by=provider)
    assert kept(session)[2:] == [(3, "What stood first.")]
    with pytest.raises(SavedMeanwhile):
        put_back(application_id=draft, code="safeguarding", earlier=2, version=2, by=provider)
    with pytest.raises(VersionGone):
        put_back(application_id=draft, code="safeguarding", earlier=9, version=3, by=provider)
    with pytest.raises(NotFound):
        put_back(application_id=draft, code="safeguarding", earlier=1, version=3, by=a_provider_person())


def test_keeping_what_a_colleague_saved_keeps_ones_own_text_beneath_it(draft, provider, session):
    save(draft, colleague(session, provider, "editor"), "Theirs.", 0)
    keep_theirs(application_id=draft, code="safeguarding", value="Mine.", version=1, by=provider)
    assert kept(session) == [(1, "Theirs."), (2, "Mine."), (3, "Theirs.")]


def test_the_page_shows_who_said_what_and_puts_it_back(browser, draft, provider, session):
    editor = colleague(session, provider, "editor")
    save(draft, editor, "We ring home before nine.", 0)
    save(draft, provider, "We ring home.", 1)
    address = f"{question(draft, 'safeguarding')}/versions"
    text = page(browser.get(address))
    assert editor.name in text and provider.name in text
    assert "(only here: </span>" in text and "before nine" in text
    answer = browser.post(address, data={"version": "2", "earlier": "1"})
    assert answer.location == question(draft, "safeguarding")
    assert "before nine" in page(browser.get(answer.location))


def test_a_page_of_versions_that_is_out_of_date_puts_nothing_back(browser, draft, provider):
    save(draft, provider, "One.", 0)
    save(draft, provider, "Two.", 1)
    answer = browser.post(
        f"{question(draft, 'safeguarding')}/versions", data={"version": "1", "earlier": "1"}
    )
    assert "saved another version of this answer" in page(answer, 409)
    assert own_item_for(provider, draft, "safeguarding", None).value == "Two."


def test_nobody_else_reads_versions_whatever_the_round(client, open_round, provider, session):
    draft = a_draft(open_round, provider, lot_ids(open_round)[:1])
    save(draft, provider, "Ours.", 0)
    stranger = sign_in(client, a_provider_person().email)
    assert stranger.get(f"{question(draft, 'safeguarding')}/versions").status_code == 404


def test_the_council_reads_no_versions_even_after_the_opening(client, provider, session):
    opened, [application_id] = an_opened_round_with(provider)
    person = a_procurement_lead(opened)
    declare_none(Evaluation(person, opened.id, [application_id]), person)
    lead = sign_in(client, person.email)
    assert lead.get(f"/applications/{application_id}/tender").status_code == 200
    assert lead.get(f"{question(application_id, 'safeguarding')}/versions").status_code == 403


def test_a_submitted_application_shows_its_versions_and_offers_nothing_to_put_back(
    browser, open_round, provider
):
    application_id = a_submitted_application(open_round, lot_ids(open_round)[:1], provider)
    text = page(browser.get(f"{question(application_id, 'safeguarding')}/versions"))
    assert "the only one" in text and "Put version" not in text


@pytest.mark.parametrize("submitted", [True, False])
def test_erasure_leaves_no_version(open_round, provider, session, submitted):
    made = a_submitted_application if submitted else lambda round, lots, by: a_draft(round, by, lots)
    application_id = made(open_round, lot_ids(open_round)[:1], provider)
    if not submitted:
        save(application_id, provider, "Soon gone.", 0)
    assert kept(session)
    erase_application(application_id, by=provider)
    assert kept(session) == []


def test_versions_count_among_what_is_held_on_a_person(draft, provider, open_round):
    save(draft, provider, "Mine.", 0)
    with clock.staged_at(open_round.closes_at + timedelta(hours=1)):
        open_box(by=a_procurement_lead(open_round), round_id=open_round.id)
    held = about_person(provider.email)
    assert "answer version" in {row["record"] for row in held["records"]}
