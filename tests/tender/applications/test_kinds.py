"""Questions of every kind and under conditions, on the pages of an application and at its submission."""

import pytest
from sqlalchemy import select, text

from tender.applications.answer_services import save_answer
from tender.applications.models import Answer, Receipt
from tender.applications.queries import own_application_for, tender_of
from tender.applications.services import choose_lots, submit_application
from tender.applications.values import sha256_of
from tender.frameworks.default_pack import PackQuestion
from tests.counting import counted
from tests.factories.applications import a_complete_draft, a_draft
from tests.factories.frameworks import a_published_round, lot_ids
from tests.tender.applications.test_pages import item, page, question

COLUMNS = [["role", "Role", "short_text"], ["people", "People", "number"], ["since", "Since", "date"]]
GROUPS = [["one", "one to one"], ["six", "a group of six"]]
INFORMATION = {"section": "listing", "judged_as": "information"}
ASKING = (
    PackQuestion(
        "team", title="Your team", text="Who works for you?", kind="table", **INFORMATION,
        shape={"columns": COLUMNS, "least_rows": 2, "most_rows": 5},
    ),
    PackQuestion(
        "rates", title="Your rates", text="What do you charge?", kind="rate_card", per_lot=True,
        section="price", judged_as="condition", rule="at_most_ceiling",
        shape={"units": ["day", "hour"], "group_sizes": GROUPS, "transport": True},
    ),
    PackQuestion(
        "since", title="Open since", text="When did you open?", kind="date", required=False, **INFORMATION,
        shape={"latest": "2026-12-31"},
    ),
    PackQuestion(
        "ratio", title="Children for each adult", text="On an average day?", kind="number", required=False,
        **INFORMATION, shape={"most": "12.5", "places": 2},
    ),
    PackQuestion(
        "cover", title="Your cover", text="Upload it.", kind="file", accepted=("pdf",), max_bytes=10_000_000,
        required=False, **INFORMATION,
        shape={"document_type": "public_liability", "needs_expiry": True, "least_cover": "5000000"},
    ),
    PackQuestion(
        "boarding", title="Boarding", text="Do children sleep there?", kind="yes_no", lots=("2",),
        **INFORMATION,
    ),
)  # fmt: skip
TYPED = {"value-0-role": "Tutor", "value-0-people": "1,200", "value-0-since-day": "6",
         "value-0-since-month": "3", "value-0-since-year": "2026"}  # fmt: skip
ROW = {"role": "Tutor", "people": "1200", "since": "2026-03-06"}


@pytest.fixture
def open_round(session):
    return a_published_round(2, asking=ASKING)


def asked(draft, by):
    return {each.asked.code for each in tender_of(own_application_for(by, draft)).items}


def test_a_table_is_typed_row_by_row_and_drawn_again(browser, draft, provider):
    address = question(draft, "team")
    text = page(browser.get(address))
    assert 'name="value-2-role"' in text and 'name="value-3-role"' not in text
    answer = browser.post(address, data={**TYPED, "version": "0", "then": "list"})
    assert answer.status_code == 303
    assert item(draft, provider, "team").value == [ROW]
    text = page(browser.get(address))
    assert 'name="value-0-people" type="text" value="1200"' in text
    assert "Your answer is too short: it has 1 row and needs at least 2." in text


def test_a_number_takes_decimals_where_its_question_says_so(browser, draft, provider, open_round):
    address = question(draft, "ratio")
    assert "up to 2 decimal places" in page(browser.get(f"/opportunities/{open_round.id}"))
    too_fine = browser.post(address, data={"value": "3.125", "version": "0"})
    assert "must have at most 2 decimal places" in page(too_fine, 422)
    assert browser.post(address, data={"value": "3.50", "version": "0", "then": "list"}).status_code == 303
    kept = item(draft, provider, "ratio")
    assert (kept.value, kept.lines) == ("3.5", ("3.5",))
    assert 'value="3.5"' in page(browser.get(f"{address}?change=yes"))


def test_a_row_more_keeps_what_was_typed_and_is_offered_up_to_the_most(browser, draft, provider):
    address = question(draft, "team")
    answer = browser.post(address, data={**TYPED, "version": "0", "then": "row"})
    assert answer.location == f"{address}?rows=4#value-3"
    assert item(draft, provider, "team").value == [ROW]
    assert "Add a row" in page(browser.get(answer.location))
    text = page(browser.get(f"{address}?rows=5"))
    assert 'name="value-4-role"' in text and "Add a row" not in text


def test_a_wrong_cell_names_its_row_and_loses_nothing(browser, draft, provider):
    typed = {**TYPED, "value-1-role": "Mentor", "value-1-people": "a few", "version": "0"}
    text = page(browser.post(question(draft, "team"), data=typed), 422)
    assert "People in row 2 must be a whole number, such as 12." in text
    assert 'href="#value-1-people"' in text and 'value="a few"' in text and 'value="Tutor"' in text
    assert item(draft, provider, "team").version == 0


def test_more_rows_than_there_can_be_are_not_read(browser, draft, provider):
    typed = {f"value-{n}-role": "Tutor" for n in range(200)}
    browser.post(question(draft, "team"), data={**typed, "version": "0"})
    assert len(item(draft, provider, "team").value) == 5


def test_a_rate_card_is_typed_by_unit_and_group_size(browser, draft, open_round, provider):
    lot_id = lot_ids(open_round)[0]
    address = question(draft, "rates", lot_id)
    text = page(browser.get(address))
    for words in ("A day", "An hour", "one to one", "Transport for one child, there and back", "£120 a day"):
        assert words in text
    typed = {"value-0-day.one": "£130", "value-0-day.six": "60", "value-0-transport": "9.5", "version": "0"}
    answer = browser.post(address, data={**typed, "then": "next"})
    assert answer.location == address
    kept = {"day.one": "130.00", "day.six": "60.00", "transport": "9.50"}
    assert item(draft, provider, "rates", lot_id).value == kept
    text = page(browser.get(address))
    assert "Still to fill: An hour, one to one; An hour, a group of six." in text
    assert "A price of yours is above that" in text


def test_a_wrong_price_names_unit_and_group_size(browser, draft, open_round):
    address = question(draft, "rates", lot_ids(open_round)[0])
    text = page(browser.post(address, data={"value-0-hour.six": "cheap", "version": "0"}), 422)
    assert "An hour, a group of six must be an amount in pounds" in text and 'value="cheap"' in text


def test_an_answer_out_of_range_is_kept_and_to_be_put_right(browser, draft, provider):
    address = question(draft, "since")
    assert "31 December 2026 or earlier." in page(browser.get(address))
    typed = {"value-day": "1", "value-month": "1", "value-year": "2027", "version": "0", "then": "next"}
    assert browser.post(address, data=typed).location == address
    assert item(draft, provider, "since").value == "2027-01-01"
    assert "out of range. It must be 31 December 2026 or earlier." in page(browser.get(address))
    assert "To put right" in page(browser.get(f"/applications/{draft}"))
    assert "“Open since” is out of range" in page(browser.get(f"/applications/{draft}/check"))


def test_a_document_question_says_what_it_needs(browser, draft):
    text = page(browser.get(question(draft, "cover")))
    assert "Public liability insurance" in text and "£5,000,000" in text and "valid until" in text


def test_an_answer_brings_up_the_question_that_depends_on_it(browser, draft, provider):
    assert "exclusion_detail" not in asked(draft, provider)
    answer = browser.post(
        question(draft, "exclusion"), data={"value": "some", "version": "0", "then": "next"}
    )
    assert answer.location == question(draft, "exclusion_detail")
    page(browser.get(answer.location))
    assert question(draft, "exclusion_detail") in page(browser.get(f"/applications/{draft}"))


def test_what_is_no_longer_asked_is_kept_and_left_out_everywhere(browser, open_round, provider, session):
    words = "In 2019 a director was fined."
    draft = a_complete_draft(
        open_round, provider, lot_ids(open_round)[:1], {"exclusion": "some", "exclusion_detail": words}
    )
    save_answer(application_id=draft, code="exclusion", value="none", version=1, by=provider)
    assert "exclusion_detail" not in asked(draft, provider)
    assert words not in page(browser.get(f"/applications/{draft}/check"))
    save_answer(application_id=draft, code="exclusion_detail", value="", version=1, by=provider)
    assert tender_of(own_application_for(provider, draft)).missing == ()
    save_answer(application_id=draft, code="exclusion_detail", value=words, version=2, by=provider)
    submit_application(application_id=draft, declared=True, by=provider)
    manifest = session.scalars(select(Receipt.manifest)).one()
    assert "exclusion_detail" not in {each["question"] for each in manifest["answers"]}
    assert words in session.scalars(select(Answer.value).where(Answer.application_id == draft)).all()


def test_the_page_of_what_is_no_longer_asked_leads_to_the_list_and_says_why(browser, draft, provider):
    answer = browser.get(question(draft, "exclusion_detail"))
    assert answer.location == f"/applications/{draft}"
    assert "is not asked of you" in page(browser.get(answer.location))
    assert browser.get(question(draft, "no_such_question")).status_code == 404


def test_what_was_typed_for_a_question_that_went_meanwhile_is_kept(browser, draft, provider, session):
    browser.post(question(draft, "exclusion_detail"), data={"value": "Typed before.", "version": "0"})
    save_answer(application_id=draft, code="exclusion", value="some", version=0, by=provider)
    assert item(draft, provider, "exclusion_detail").value == "Typed before."


def test_a_question_for_one_lot_is_asked_when_that_lot_is_chosen(open_round, provider):
    first, second = lot_ids(open_round)
    draft = a_draft(open_round, provider, [first])
    assert "boarding" not in asked(draft, provider) and "registered_school" not in asked(draft, provider)
    choose_lots(application_id=draft, lot_ids=[first, second], by=provider)
    assert "boarding" in asked(draft, provider)


def test_a_withdrawn_question_is_asked_of_nobody(browser, draft, provider, session):
    assert "boarding" in {each.code for each in ASKING} and "since" in asked(draft, provider)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE question SET withdrawn_in = 2 WHERE code = 'since'"))
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.commit()
    assert "since" not in asked(draft, provider)
    assert browser.get(question(draft, "since")).status_code == 404
    assert browser.post(question(draft, "since"), data={"version": "0"}).status_code == 404


def test_tables_and_rate_cards_are_read_as_tables_and_stand_in_the_manifest(
    browser, open_round, provider, session
):
    team = [{"role": "Cook", "people": "2", "since": ""}] * 2
    draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1], {"team": team})
    text = page(browser.get(f"/applications/{draft}/check"))
    assert ">Cook</th>" in text and ">one to one</th>" in text and ">£95.50</td>" in text
    submit_application(application_id=draft, declared=True, by=provider)
    manifest = session.scalars(select(Receipt.manifest)).one()
    digests = {each["question"]: each["sha256"] for each in manifest["answers"]}
    assert digests["team"] == sha256_of(team)


def test_a_table_costs_as_many_statements_as_any_other_question(browser, draft):
    with counted() as reading:
        page(browser.get(question(draft, "team")))
    with counted() as saving:
        browser.post(question(draft, "team"), data={**TYPED, "version": "0", "then": "row"})
    assert len(reading) <= 7 and len(saving) <= 8
