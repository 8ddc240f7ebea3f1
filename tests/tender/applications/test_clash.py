"""Two people save one answer: both texts side by side, and nothing lost whatever is chosen."""

import pytest
from sqlalchemy import select

from tender.applications.answer_services import save_answer
from tender.applications.models import AnswerVersion
from tender.applications.queries import own_item_for
from tests.counting import counted
from tests.factories.frameworks import lot_ids
from tests.tender.applications.test_pages import JSON, page, question
from tests.tender.applications.test_services import colleague

THEIRS, MINE = "We ring before nine.", "We ring\r\nbefore\x01 ten."
MINE_KEPT = "We ring\nbefore ten."


@pytest.fixture
def clash(browser, draft, provider, session):
    """What the browser is shown when a colleague's text was there first."""
    editor = colleague(session, provider, "editor")
    save_answer(application_id=draft, code="safeguarding", value=THEIRS, version=0, by=editor)
    return page(browser.post(question(draft, "safeguarding"), data={"value": MINE, "version": "0"}), 409)


def standing(draft, provider):
    return own_item_for(provider, draft, "safeguarding", None).value


def settle(browser, draft, **sent):
    data = {"value": MINE, "version": "1", "then": "stay", **sent}
    answer = browser.post(question(draft, "safeguarding"), data=data)
    assert answer.location == question(draft, "safeguarding")


def kept(session):
    return set(session.scalars(select(AnswerVersion.value)))


def test_both_texts_stand_side_by_side_with_their_differences_in_words(clash):
    assert clash.count("(only here: </span>nine.") == 1 and clash.count("(only here: </span>ten.") == 1
    assert "\x01" not in clash, "what cannot be kept is not sent back either"
    assert "Nothing is lost." in clash and "closes at" in clash


def test_either_text_can_be_kept_and_the_other_stays_a_version(clash, browser, draft, provider, session):
    settle(browser, draft, settle="theirs")
    assert standing(draft, provider) == THEIRS
    settle(browser, draft, version="3")
    assert standing(draft, provider) == MINE_KEPT
    assert kept(session) == {THEIRS, MINE_KEPT}


def test_whoever_saved_it_on_another_page_is_not_told_of_a_stranger(browser, draft, provider):
    save_answer(application_id=draft, code="safeguarding", value=THEIRS, version=0, by=provider)
    told = page(browser.post(question(draft, "safeguarding"), data={"value": MINE, "version": "0"}), 409)
    assert "You saved another version on another page" in told and "Keep what I saved there" in told


def test_one_text_can_be_made_of_both(clash, browser, draft, provider, session):
    settle(browser, draft, value="We ring before half past nine.")
    assert standing(draft, provider) == "We ring before half past nine."
    assert THEIRS in kept(session)


def test_somebody_who_saves_once_more_is_shown_too(clash, browser, draft, provider):
    save_answer(application_id=draft, code="safeguarding", value="And again.", version=1, by=provider)
    answer = browser.post(
        question(draft, "safeguarding"), data={"value": MINE, "version": "1", "settle": "theirs"}
    )
    assert "And again." in page(answer, 409)
    assert standing(draft, provider) == "And again."


def test_settling_costs_no_more_than_any_page(clash, browser, draft):
    with counted() as made:
        settle(browser, draft, settle="theirs")
    assert len(made) <= 12


def test_choices_clash_in_words_and_are_sent_again_whole(browser, draft, provider, open_round, session):
    editor, lot_id = colleague(session, provider, "editor"), lot_ids(open_round)[0]
    place = {"application_id": draft, "code": "key_stages", "lot_id": lot_id}
    item = own_item_for(provider, draft, "key_stages", lot_id)
    (first, words), (second, _), (third, _) = item.asked.options[:3]
    save_answer(**place, value=[first], version=0, by=editor)
    data = {"value": [second, third], "version": "0"}
    text = page(browser.post(question(draft, "key_stages", lot_id), data=data), 409)
    assert words in text
    for value in (second, third):
        assert text.count(f'<input type="hidden" name="value" value="{value}">') == 2


def test_the_pages_script_is_told_who_saved(browser, draft, provider, session):
    editor = colleague(session, provider, "editor")
    save_answer(application_id=draft, code="safeguarding", value=THEIRS, version=0, by=editor)
    answer = browser.post(question(draft, "safeguarding"), data={"value": MINE, "version": "0"}, headers=JSON)
    assert answer.status_code == 409 and editor.name in answer.json["message"]
