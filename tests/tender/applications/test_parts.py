"""Submitting for the lots that are ready, while another still lacks something."""

import pytest

from portal.web.filters import plural
from tender.applications.answer_services import save_answer
from tender.applications.parts import ready_part, unready_lots
from tender.applications.queries import own_application_for, receipts_of, tender_of
from tender.applications.services import Incomplete, submit_application, withdraw_application
from tests.factories.applications import a_complete_draft
from tests.factories.frameworks import lot_ids
from tests.tender.applications.test_pages import page


@pytest.fixture
def lots(open_round):
    return lot_ids(open_round)


@pytest.fixture
def half(open_round, provider, lots):
    """A draft for two lots that lacks the places of the second."""
    draft = a_complete_draft(open_round, provider, lots)
    save(draft, provider, "places", "", lots[1])
    return draft


def save(draft, by, code, value, lot_id=None):
    item = tender_of(own_application_for(by, draft)).item(code, lot_id)
    save_answer(application_id=draft, code=code, lot_id=lot_id, value=value, version=item.version, by=by)


def submit(draft, by, **more):
    return submit_application(application_id=draft, declared=True, by=by, **more)


def manifest_of(draft, by):
    return receipts_of(own_application_for(by, draft))[0]["manifest"]


def test_the_ready_part_holds_nothing_of_a_lot_that_lacks_something(half, provider, lots):
    tender = tender_of(own_application_for(provider, half))
    part = ready_part(tender)
    assert (
        [lot.id for lot in unready_lots(tender)] == [lots[1]] == [*{*lots} - {lot.id for lot in part.chosen}]
    )
    assert [item.anchor for item in part.items] == [
        item.anchor for item in tender.items if item.lot_id != lots[1]
    ]


def test_what_is_asked_once_holds_up_every_lot(half, provider, lots):
    save(half, provider, "safeguarding", "")
    assert ready_part(tender_of(own_application_for(provider, half))) is None
    with pytest.raises(Incomplete):
        submit(half, provider, leave_out=[lots[1]])


def test_a_lot_that_lacks_something_is_left_out_in_one_step(half, provider, lots):
    with pytest.raises(Incomplete):
        submit(half, provider)
    submit(half, provider, leave_out=[lots[1]])
    manifest = manifest_of(half, provider)
    assert [lot["number"] for lot in manifest["lots"]] == ["1"]
    assert [lot["number"] for lot in manifest["left_out"]] == ["2"]
    assert {each["lot"] for each in manifest["answers"]} == {None, "1"}
    assert own_application_for(provider, half).lot_ids == {lots[0]}


def test_leaving_out_every_lot_submits_nothing(half, provider, lots):
    with pytest.raises(Incomplete):
        submit(half, provider, leave_out=lots)


def test_what_was_left_out_is_kept_and_comes_back_by_withdrawing(half, provider, lots):
    before = tender_of(own_application_for(provider, half)).items
    submit(half, provider, leave_out=[lots[1]])
    withdraw_application(application_id=half, by=provider)
    facts = own_application_for(provider, half)
    assert facts.lot_ids == {*lots} and tender_of(facts).items == before
    save(half, provider, "places", "9", lots[1])
    submit(half, provider)
    assert [lot["number"] for lot in manifest_of(half, provider)["lots"]] == ["1", "2"]


def test_the_page_offers_it_in_plain_words(half, provider, lots, browser):
    text = page(browser.get(f"/applications/{half}/check"))
    assert "Submit for lot 1 alone" in text and f'value="{lots[1]}"' in text
    assert plural(1, "thing") in text
    answer = browser.post(f"/applications/{half}/submit", data={"declared": "y", "leave_out": str(lots[1])})
    assert "Lot 2, not complete at the time" in page(browser.get(answer.location))


def test_the_check_page_says_at_its_top_that_the_ready_part_can_go(half, browser):
    text = page(browser.get(f"/applications/{half}/check"))
    assert text.index("submit that much now") < text.index("This is what evaluators will see")


def test_whoever_comes_back_is_told_which_lot_was_left_out(half, provider, lots, browser):
    submit(half, provider, leave_out=[lots[1]])
    assert "Not for lot 2</strong>, which was not complete" in page(browser.get(f"/applications/{half}"))
    assert "Without lot 2, not complete at the time" in page(browser.get("/"))
    withdraw_application(application_id=half, by=provider)
    assert "Not for lot" not in page(browser.get(f"/applications/{half}"))
