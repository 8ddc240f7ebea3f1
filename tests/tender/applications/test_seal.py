"""Before the tender box is opened nobody at the council reads a word of any application; a draft, never."""

import pytest

from portal import clock
from portal.accounts.models import Organisation
from portal.accounts.permissions import ROLES
from portal.database import db
from portal.errors import NotFound
from tender.applications import queries
from tender.applications.item_queries import items_of_submitted
from tender.applications.services import choose_lots, submit_application
from tender.frameworks.models import Framework
from tender.frameworks.opening_services import open_box
from tests.factories.accounts import a_person, a_provider_person
from tests.factories.applications import (
    a_complete_draft,
    a_draft,
    a_submitted_application,
    an_opened_round_with,
)
from tests.factories.evaluation import Evaluation, declare_none
from tests.factories.frameworks import a_closed_round, a_published_round, lot_ids, while_open
from tests.web_client import sign_in

NAME = "Brookside Youth Trust"
WORDS = "half past nine"
READERS = {"procurement_lead", "moderator", "approver", "auditor"}
COUNCIL = sorted(ROLES["council"])
NOT_THERE = 999_999


def council_member(subject, role):
    council_id = db.session.get_one(Framework, subject.framework_id).council_id
    return a_person(db.session.get_one(Organisation, council_id), role)


def addresses(application_id, document_id="00000000-0000-0000-0000-000000000001", lot_id=1):
    pages = ("", "/lots", "/check", "/tender", "/receipt", "/withdraw", "/questions/safeguarding")
    pages += (f"/lots/{lot_id}/questions/places", f"/documents/{document_id}")
    return [f"/applications/{application_id}{page}" for page in pages]


def document_of(application_id, by):
    items = queries.tender_of(queries.own_application_for(by, application_id)).items
    return next(item.files[0].id for item in items if item.files)


def open_but_submitted(by):
    subject = a_published_round(2)
    return subject, a_submitted_application(subject, lot_ids(subject), by)


def closed_and_shut(by):
    subject = a_closed_round(2)
    return subject, a_submitted_application(subject, lot_ids(subject), by)


def opened_but_never_submitted(by):
    subject = a_closed_round(2)
    application_id = a_complete_draft(subject, by, lot_ids(subject))
    open_box(by=council_member(subject, "procurement_lead"), round_id=subject.id)
    return subject, application_id


@pytest.mark.parametrize("stage", [open_but_submitted, closed_and_shut, opened_but_never_submitted])
@pytest.mark.parametrize("role", COUNCIL)
def test_a_sealed_application_looks_to_the_council_as_if_it_were_not_there(client, session, stage, role):
    provider = a_provider_person(NAME)
    subject, sealed = stage(provider)
    sign_in(client, council_member(subject, role).email)
    document_id = document_of(sealed, provider)
    for address, nothing in zip(
        addresses(sealed, document_id), addresses(NOT_THERE, document_id), strict=True
    ):
        answer, to_nothing = client.get(address), client.get(nothing)
        assert answer.status_code == to_nothing.status_code in (403, 404), address
        page = answer.get_data(as_text=True)
        assert NAME not in page and WORDS not in page, address


@pytest.mark.parametrize("role", COUNCIL)
def test_the_council_finds_no_name_on_its_pages_before_the_opening(client, session, role):
    subject, _ = closed_and_shut(a_provider_person(NAME))
    sign_in(client, council_member(subject, role).email)
    for address in ("/", "/opportunities", f"/opportunities/{subject.id}", f"/rounds/{subject.id}"):
        assert NAME not in client.get(address).get_data(as_text=True), address


@pytest.mark.parametrize("stage", [open_but_submitted, closed_and_shut])
def test_the_council_side_queries_refuse_by_themselves(session, stage):
    subject, sealed = stage(a_provider_person(NAME))
    with pytest.raises(NotFound):
        queries.sealed_applications(subject.id)
    with pytest.raises(NotFound):
        queries.answers_of(sealed)
    assert list(items_of_submitted(subject.id, lambda asked: True)) == []


def test_once_it_is_open_the_council_side_query_of_answers_gives_them(session):
    subject, [application_id] = an_opened_round_with(a_provider_person(NAME))
    assert {one for one, _ in items_of_submitted(subject.id, lambda asked: True)} == {application_id}


def test_only_numbers_are_known_before_the_opening(session):
    subject, _ = open_but_submitted(a_provider_person())
    a_draft(subject, a_provider_person())
    counted = queries.counts([subject.id])[subject.id]
    assert (counted.started, counted.submitted) == (2, 1)


@pytest.mark.parametrize("role", COUNCIL)
def test_after_the_opening_those_who_read_tenders_read_it_and_no_others(client, session, role):
    subject, [application_id] = an_opened_round_with(a_provider_person(NAME))
    member = council_member(subject, role)
    if role in READERS - {"auditor"}:
        declare_none(Evaluation(member, subject.id, [application_id]), member)
    sign_in(client, member.email)
    answer = client.get(f"/applications/{application_id}/tender")
    assert (answer.status_code == 200) is (role in READERS)
    page = answer.get_data(as_text=True)
    assert (NAME in page and WORDS in page) is (role in READERS)


def test_an_opened_round_lists_its_submitted_applications_and_no_draft(session):
    first, second, unsent = a_provider_person("Ashgrove"), a_provider_person("Birchwood"), a_provider_person()
    subject = a_closed_round(2)
    a_draft(subject, unsent, lot_ids(subject))
    for provider in (second, first):
        a_submitted_application(subject, lot_ids(subject)[:1], provider)
    open_box(by=council_member(subject, "procurement_lead"), round_id=subject.id)
    listed = queries.sealed_applications(subject.id)
    assert [row["provider_name"] for row in listed] == ["Ashgrove", "Birchwood"]
    assert all(row["lot_ids"] == lot_ids(subject)[:1] and row["receipt_number"] for row in listed)


def test_another_council_never_reads(client, session):
    _, [application_id] = an_opened_round_with(a_provider_person(NAME))
    elsewhere = a_published_round()
    sign_in(client, council_member(elsewhere, "procurement_lead").email)
    assert {client.get(address).status_code for address in addresses(application_id)} <= {403, 404}


@pytest.mark.parametrize("stage", [open_but_submitted, closed_and_shut, opened_but_never_submitted])
def test_another_provider_finds_nothing(client, session, stage):
    provider = a_provider_person(NAME)
    _, application_id = stage(provider)
    sign_in(client, a_provider_person().email)
    for address in addresses(application_id, document_of(application_id, provider)):
        answer = client.get(address)
        assert answer.status_code in (403, 404), address
        assert NAME not in answer.get_data(as_text=True)


def test_what_is_in_an_opened_application_but_not_applied_for_stays_unread(client, session):
    provider, subject = a_provider_person(NAME), a_closed_round(2)
    first, second = lot_ids(subject)
    application_id = a_complete_draft(subject, provider, [first, second], {"summary": "Only for this lot"})
    with clock.staged_at(while_open(subject)):
        choose_lots(application_id=application_id, lot_ids=[first], by=provider)
        submit_application(application_id=application_id, declared=True, by=provider)
    lead = council_member(subject, "procurement_lead")
    open_box(by=lead, round_id=subject.id)
    _, tender = queries.answers_of(application_id)
    assert {item.lot_id for item in tender.items} == {None, first}
