"""What a council's officer sends twice is done once: the forms of the tender, pressed twice as they came."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.models import Organisation
from tender.documents.services import remove
from tender.frameworks.opening_services import open_box
from tender.frameworks.queries import openings_of, pack_of
from tender.intakes.services import plan_intakes
from tender.packs.transfer import exported
from tests.factories.accounts import a_council, a_person
from tests.factories.applications import a_file
from tests.factories.clarifications import a_question, a_round_with_questions
from tests.factories.documents import a_round_document
from tests.factories.drafting import added
from tests.factories.frameworks import (
    a_closed_round,
    a_draft_round,
    a_framework,
    a_procurement_lead,
    a_published_round,
    lot_ids,
)
from tests.factories.packs import prepare, publish
from tests.tender.frameworks.test_pages import round_fields, typed_in
from tests.tender.test_idempotence import contents_of_the_database
from tests.web_client import sign_in

WORDS = {"title": "First aid", "text": "Is somebody trained?", "judged_as": "information"}
SCALE = {"name": "Two bands", "bands": "0 None: Nothing of it.\n1 All: All of it."}
LOT = {"number": "9", "title": "Outdoor", "largest_group": "6", "reason": "The market asked for it."}


def moment(name, at):
    local = clock.london(at)
    parts = {"day": local.day, "month": local.month, "year": local.year, "time": f"{local:%H:%M}"}
    return {f"{name}-{part}": str(value) for part, value in parts.items()}


@pytest.fixture
def lead(session: Session):
    return a_procurement_lead(a_council())


@pytest.fixture
def browser(client, lead):
    return sign_in(client, lead.email)


def errors_on(answers):
    return [re.findall(r"govuk-error-message.*?</p>", answer.text, re.S) for answer in answers]


def pressed_twice(browser, session, address, page=None, **changed):
    """Send the form of a page twice as it came, with some fields changed; compare all that is kept."""
    page = browser.get(page or address)
    sent = {**(typed_in(page.text) if page.status_code == 200 else {}), **changed}
    answers, kept = [], []
    for _ in range(2):
        files = {name: (value(), "paper.pdf") for name, value in sent.items() if callable(value)}
        answers.append(browser.post(address, data={**sent, **files}, content_type="multipart/form-data"))
        kept.append(contents_of_the_database(session))
    assert kept[0] == kept[1]
    assert [answer.status_code for answer in answers] == [303, 303], errors_on(answers)
    return answers[0]


DRAFT = {
    "/edit": {"how_to_apply": "Answer everything."},
    "/publish": {},
    "/conflicts": {"people": "Ola Quist: marks", "found": "none"},
    "/timetable/plan": {},
    "/intakes/plan": {"answer_within": "10"},
    "/pack/weights": {"outcomes-minimum": "1"},
    "/pack/sections": {"title": "Travel", "introduction": "How children come."},
    "/pack/sections/safety": {"title": "Safe children"},
    "/pack/scales": SCALE,
    "/pack/sections/safety/questions/yes_no": WORDS,
    "/pack/questions/outcomes": {"text": "Asked in other words?"},
    "/pack/questions/outcomes/duplicate": {},
    "/pack/questions/free/remove": {},
    "/documents": {"title": "Terms", "kind": "contract", "file": lambda: a_file()["stream"]},
}


@pytest.mark.parametrize("address", DRAFT)
def test_what_is_done_to_a_draft_is_done_once(browser, lead, session, address):
    draft = a_draft_round(lead=lead)
    added(draft, "yes_no", by=lead, code="free")
    pressed_twice(browser, session, f"/rounds/{draft.id}{address}", **DRAFT[address])


@pytest.mark.parametrize("what", ["questions/outcomes", "sections/safety"])
def test_a_double_click_moves_by_one_place(browser, lead, session, what):
    draft = a_draft_round(lead=lead)
    page = browser.get(f"/rounds/{draft.id}/pack").text
    address = page.partition(f'formaction="/rounds/{draft.id}/pack/{what}/move')[2].partition('"')[0]
    before = [each.code for each in pack_of(draft.id).questions]
    pressed_twice(browser, session, f"/rounds/{draft.id}/pack/{what}/move{address}", to="down")
    assert [each.code for each in pack_of(draft.id).questions] != before


def test_a_pack_is_copied_once(browser, lead, session):
    source, draft = a_published_round(lead=lead), a_draft_round(lead=lead)
    added(draft, "yes_no", by=lead)
    pressed_twice(browser, session, f"/rounds/{draft.id}/pack/copy", source=str(source.id), sure="y")
    codes = [[each.code for each in pack_of(each.id).questions] for each in (source, draft)]
    assert codes[0] == codes[1]


def test_a_framework_s_lot_is_added_and_changed_once(browser, lead, session):
    framework = a_framework(lead=lead)
    published = a_published_round(lead=lead, framework=framework)
    pressed_twice(browser, session, f"/frameworks/{framework.id}/lots/new", **LOT)
    lot = f"/frameworks/{framework.id}/lots/{lot_ids(published)[0]}"
    pressed_twice(browser, session, lot, largest_group="4", reason="Rooms are small.")


PUBLISHED = {
    "/extend": {"reason": "Uploads failed.", "whom": "everyone"},
    "/documents": {"title": "Terms", "kind": "contract", "file": lambda: a_file()["stream"]},
    "/conflicts": {"people": "Ola Quist: marks", "found": "none"},
    "/amendment/questions/ico_number": {"text": "Asked in other words?"},
    "/amendment/sections/safety/questions/yes_no": WORDS,
    "/amendment/questions/ico_number/withdraw": {},
    "/amendment/questions/ico_number/restore": {},
    "/amendment/discard": {},
}


@pytest.mark.parametrize("address", PUBLISHED)
def test_what_is_done_to_a_published_round_is_done_once(browser, lead, session, address):
    published = a_published_round(lead=lead)
    prepare(published, "urn", lead, text="Which number?")
    later = moment("closes_at", published.closes_at.replace(second=0, microsecond=0) + timedelta(days=1))
    sent = PUBLISHED[address] | (later if address == "/extend" else {})
    pressed_twice(browser, session, f"/rounds/{published.id}{address}", **sent)


def test_a_version_is_published_once(browser, lead, session):
    published = a_published_round(lead=lead)
    prepare(published, "urn", lead, text="Which number?")
    pressed_twice(browser, session, f"/rounds/{published.id}/amendment/publish", reason="It was unclear.")
    prepare(published, "urn", lead, text="Which number, please?")
    assert publish(published, lead) == 3


def test_a_paper_s_new_version_is_added_once(browser, lead, session):
    paper = a_round_document(a_published_round(lead=lead), lead)
    sent = {"reason": "The hours were wrong.", "file": lambda: a_file("pdf")["stream"]}
    pressed_twice(browser, session, f"/round-documents/{paper}/replace", **sent)


def test_a_paper_is_taken_out_of_a_draft_once(browser, lead, session):
    paper = a_round_document(a_draft_round(lead=lead), lead)
    pressed_twice(browser, session, f"/round-documents/{paper}/remove")


def test_what_a_colleague_elsewhere_took_out_is_not_there_for_a_stranger(browser, session):
    other = a_procurement_lead()
    paper = a_round_document(a_draft_round(lead=other), other)
    remove(round_document_id=paper, by=other)
    assert browser.post(f"/round-documents/{paper}/remove").status_code == 404


@pytest.mark.parametrize("two", [False, True])
def test_a_box_is_opened_once(browser, lead, session, two):
    closed = a_closed_round(lead=lead, framework=a_framework(lead=lead, opened_by_two=two))
    pressed_twice(browser, session, f"/rounds/{closed.id}/open")


@pytest.mark.parametrize("how", ["publish", "private"])
def test_a_question_is_answered_once(browser, lead, session, how):
    asked = a_question(a_round_with_questions(lead))
    sent = {"how": how, "text": "Is lunch included?", "answer": "No.", "reason": "It names a price."}
    browser.post(f"/clarifications/{asked}", data=sent)
    once = contents_of_the_database(session)
    assert browser.post(f"/clarifications/{asked}", data=sent).location == f"/clarifications/{asked}"
    assert contents_of_the_database(session) == once


def test_intakes_are_added_once_and_the_first_reason_to_answer_later_stands(browser, lead, session):
    draft = a_draft_round(lead=lead)
    plan_intakes(by=lead, round_id=draft.id, always_open=True, answer_within=10, answer_at_most=15)
    browser.post(f"/rounds/{draft.id}/publish")
    cut_off = clock.now().replace(second=0, microsecond=0) + timedelta(days=90)
    address = f"/rounds/{draft.id}/intakes"
    pressed_twice(browser, session, address, **moment("cut_offs-0", cut_off))
    pressed_twice(browser, session, f"/rounds/{draft.id}/answer-later", reason="Two referees were ill.")


def test_a_draft_round_is_set_up_once(browser, lead, session):
    framework = a_framework(lead=lead)
    fields = round_fields(browser, framework)
    pressed_twice(browser, session, f"/frameworks/{framework.id}/rounds/new", **fields)


def test_a_pack_from_a_file_waits_once_and_is_taken_over_once(browser, lead, session):
    source, draft = a_published_round(lead=lead), a_draft_round(lead=lead)
    added(draft, "yes_no", by=lead)
    _, saved = exported(lead, source.id)
    here = f"/rounds/{draft.id}/pack/import"
    pressed_twice(browser, session, here, file=lambda: io.BytesIO(saved.encode()))
    pressed_twice(browser, session, f"{here}/check")
    pressed_twice(browser, session, f"{here}/discard")
    assert len(pack_of(draft.id).questions) == len(pack_of(source.id).questions)


def test_what_is_empty_is_removed_once(browser, lead, session):
    draft = a_draft_round(lead=lead)
    browser.post(f"/rounds/{draft.id}/pack/sections", data={"title": "Travel", "introduction": ""})
    pressed_twice(browser, session, f"/rounds/{draft.id}/pack/sections/travel/remove")
    browser.post(f"/rounds/{draft.id}/pack/scales", data=SCALE)
    unused = pack_of(draft.id).scales[-1].id
    pressed_twice(browser, session, f"/rounds/{draft.id}/pack/scales/{unused}/remove")


def test_the_second_person_opens_a_box_once(client, lead, session):
    closed = a_closed_round(lead=lead, framework=a_framework(lead=lead, opened_by_two=True))
    open_box(by=lead, round_id=closed.id)
    (opening,) = openings_of(closed.id)
    approver = a_person(session.get_one(Organisation, lead.organisation_id), "approver")
    browser = sign_in(client, approver.email)
    pressed_twice(browser, session, f"/rounds/{closed.id}/openings/{opening['id']}/confirm")
