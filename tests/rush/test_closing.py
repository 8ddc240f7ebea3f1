"""The closing time over HTTP: fifty presses at once, more time while people write, and both clock changes."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from portal import clock
from portal.database import db
from portal.web.filters import uk_datetime
from tender.applications.models import Receipt
from tender.deadline.services import extend
from tender.frameworks.models import Round
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import a_procurement_lead, lot_ids
from tests.rush.plan import at_work
from tests.storage.test_uploads import a_pdf_of
from tests.tender.applications.test_closing_edges import a_round_that_closes
from tests.web_client import sign_in

PRESSES = 50
READERS = 80  # more than there are threads
MILLISECOND, HOUR = timedelta(milliseconds=1), timedelta(hours=1)
CLOCK_CHANGES = [
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 1:30am for the first time
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # and for the second
    datetime(2027, 3, 28, 0, 59, 59, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 0, tzinfo=UTC),  # 2am; there is no 1am
]


def checked(who):
    """What the check page of a complete application sends."""
    page = who.browser.get(f"{who.home}/check")
    return {"declared": "y", "key": page.field("key"), "contents": page.field("contents"), "leave_out": ""}


@pytest.mark.parametrize("keys", ["one key", "a key each"])
def test_fifty_presses_at_once_give_one_receipt(stage, keys):
    subject = stage.round_with(1)
    who = subject.applicants[0]
    for place in who.files:
        who.upload(place, a_pdf_of(20_000), in_parts=False)
    fields = checked(who)

    def press(number):
        key = fields["key"] if keys == "one key" else uuid4().hex
        return who.browser.post(f"{who.home}/submit", "submit", **fields | {"key": key})

    with ThreadPoolExecutor(PRESSES) as pool:
        answers = list(pool.map(press, range(PRESSES)))
    assert {(answer.status, answer.headers["Location"]) for answer in answers} == {
        (303, f"{who.home}/receipt")
    }
    with stage.app.app_context():
        numbers = db.session.scalars(
            select(Receipt.number).where(Receipt.application_id == who.application_id)
        ).all()
        db.session.remove()
    assert len(numbers) == 1


def test_more_time_reaches_everybody_who_is_at_work_and_nobody_is_refused_meanwhile(stage):
    subject = stage.round_with(4, open_for=timedelta(seconds=12))
    closes_at = stage.closes_at(subject)
    until = clock.now().replace(microsecond=0) + HOUR

    def write_past_the_first_close(who):
        while time.time() < closes_at + 1:
            assert who.save().acknowledged
            time.sleep(0.2)
        assert uk_datetime(until) in who.browser.get(who.home).text.replace("\u00a0", " ")

    with at_work(subject.applicants, write_past_the_first_close):
        time.sleep(max(0, closes_at - time.time() - 2))
        with stage.app.app_context():
            lead = a_procurement_lead(db.session.get_one(Round, subject.id))
            more = {"reason": "The portal was slow.", "portal_url": PORTAL_URL}
            extend(round_id=subject.id, closes_at=until, by=lead, **more)
            db.session.remove()
    assert stage.wrong(subject) == []


def test_whoever_pressed_in_time_is_not_late_for_having_stood_in_a_queue(stage):
    subject = stage.round_with(2, open_for=timedelta(seconds=20))
    closes_at, (who, late) = stage.closes_at(subject), subject.applicants
    for each in subject.applicants:
        for place in each.files:
            each.upload(place, a_pdf_of(20_000), in_parts=False)
    assert time.time() < closes_at - 3, "the machine is too slow for this"
    browsers = [stage.browser() for _ in range(READERS)]
    fields = {each.home: checked(each) for each in subject.applicants}

    def press(each):
        return each.browser.post(f"{each.home}/submit", "submit", **fields[each.home])

    with stage.app.app_context(), ThreadPoolExecutor(READERS + 2) as pool:
        with db.engine.begin() as held:
            time.sleep(closes_at - 2 - time.time())
            held.execute(text("LOCK TABLE round IN ACCESS EXCLUSIVE MODE"))  # no thread gets on
            reading = [pool.submit(browser.get, "/opportunities") for browser in browsers]
            time.sleep(closes_at - 0.5 - time.time())
            in_time = pool.submit(press, who)
            late.browser.open_line()
            time.sleep(closes_at + 0.5 - time.time())
            too_late = pool.submit(press, late)
            time.sleep(0.5)
            assert not any(each.done() for each in (*reading, in_time, too_late))
        assert in_time.result().headers.get("Location") == f"{who.home}/receipt"
        assert too_late.result().status == 422


@pytest.mark.parametrize("late", [-MILLISECOND, timedelta(0), MILLISECOND], ids=str)
@pytest.mark.parametrize("closes_at", CLOCK_CHANGES, ids=str)
def test_at_both_clock_changes_the_page_takes_what_came_before_the_close_and_nothing_else(
    client, session, closes_at, late
):
    subject, provider = a_round_that_closes(closes_at), a_provider_person()
    draft = a_complete_draft(subject, provider, lot_ids(subject))
    with clock.staged_at(closes_at + late):
        sign_in(client, provider.email)
        answer = client.post(f"/applications/{draft}/submit", data={"declared": "y"})
    assert answer.status_code == (303 if late < timedelta(0) else 422)
