"""From a refusal, or from the lots on which one stands, to the next receipt: what is typed again."""

import re
from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.development.headless.papers import boxes_of
from tender.applications.carrying_queries import OF_THAT_DAY
from tender.applications.queries import own_application_for, receipts_of, tender_of
from tender.frameworks.framework_services import add_lot
from tender.frameworks.models import Framework, Round
from tender.frameworks.services import LotDetails
from tests.factories.applications import a_file, an_answer
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import a_released_evaluation, provider_of
from tests.tender.frameworks.test_pages import typed_in
from tests.tender.reapplying.conftest import the_next_round
from tests.web_client import sign_in

SAFEGUARDING = "Safeguarding and safer recruitment"
Typed = Sequence[tuple[str, int | None]]


def fill_in(browser: FlaskClient, by: Actor, draft: int, rewritten: Typed = ()) -> Typed:
    """Answer on its page what still lacks an answer, and write `rewritten` anew; where it typed."""
    asked = {(item.asked.code, item.lot_id): item for item in tender_of(own_application_for(by, draft)).items}
    to_do = [place for place, item in asked.items() if not item.answered and item.must_be_answered]
    for code, lot_id in (*rewritten, *to_do):
        item = asked[code, lot_id]
        address = f"/applications/{draft}{f'/lots/{lot_id}' if lot_id else ''}/questions/{code}"
        sent = {**typed_in(browser.get(f"{address}?change=yes").text), **boxes_of(an_answer(item))}
        if (code, lot_id) in rewritten:
            sent["value"] += " Now also on Fridays."
        if item.asked.kind == "file":
            file = a_file(item.asked.accepted[0])
            sent["value"] = (file["stream"], file["filename"])
        answer = browser.post(address, data=sent, content_type="multipart/form-data")
        assert answer.status_code == 303, (code, answer.text)
    return [*rewritten, *to_do]


def submit(browser: FlaskClient, draft: int) -> str:
    """Send the declaration of the check page; the page of the receipt."""
    sent = typed_in(browser.get(f"/applications/{draft}/check").text) | {"declared": "y"}
    answer = browser.post(f"/applications/{draft}/submit", data=sent)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.location).text


def of_that_day(by: Actor, draft: int) -> Typed:
    """What speaks of the day on which it is said, and so is given anew by everybody."""
    items = tender_of(own_application_for(by, draft)).items
    anew = [each for each in items if each.asked.kind == "declaration" or each.asked.code in OF_THAT_DAY]
    return [(each.asked.code, each.lot_id) for each in anew]


def test_from_a_refusal_to_the_next_receipt_only_what_failed_is_written_again(
    browser: FlaskClient, refused: Actor, before: int, following: Round
) -> None:
    assert f"/applications/{before}/again" in browser.get("/").text
    started = browser.post(f"/applications/{before}/carry-over")
    draft = int(started.location.rpartition("/")[2])
    assert "Put right first" in browser.get(started.location).text
    typed = fill_in(browser, refused, draft, rewritten=[("safeguarding", None)])
    assert sorted(typed, key=str) == sorted([("safeguarding", None), *of_that_day(refused, draft)], key=str)
    assert re.search(r"AP-\d{4}-\w{4}-\w{4}", submit(browser, draft))
    facts = own_application_for(refused, draft)
    versions = {each["title"]: each["version"] for each in receipts_of(facts)[0]["manifest"]["answers"]}
    assert [title for title, version in versions.items() if version > 1] == [SAFEGUARDING]


@pytest.fixture
def more(session: Session) -> tuple[Actor, int, Round]:
    """A provider that stands on the one lot there was, its application, and a round that has another."""
    released = a_released_evaluation()
    framework = session.get_one(Framework, released.round.framework_id)
    details = LotDetails("2", "Construction")
    add_lot(by=released.lead, framework_id=framework.id, details=details, reason="Schools asked for it.")
    return provider_of(released), released.applications[0], the_next_round(released)


def test_for_another_lot_nothing_is_repeated_but_what_that_lot_asks(
    client: FlaskClient, more: tuple[Actor, int, Round]
) -> None:
    by, before, following = more
    _, second = lot_ids(following)
    browser = sign_in(client, by.email)
    draft = int(browser.post(f"/applications/{before}/carry-over").location.rpartition("/")[2])
    assert "You are admitted to this lot already" in browser.get(f"/applications/{draft}/lots").text
    assert browser.post(f"/applications/{draft}/lots", data={"lots": str(second)}).status_code == 303
    typed = fill_in(browser, by, draft)
    assert {lot_id for _, lot_id in typed} == {None, second}
    assert [place for place in typed if place[1] is None] == of_that_day(by, draft)
    assert "Application submitted" in submit(browser, draft)
    assert own_application_for(by, draft).lot_ids == {second}
