"""The hour before the close in half a minute, undisturbed: everybody is answered, and nothing is wrong."""

import time
from datetime import timedelta

import pytest

from tests.factories.accounts import a_school_person
from tests.rush.plan import Plan, Rush
from tests.storage.test_uploads import a_pdf_of
from tests.web_client import PASSWORD

PLAN = Plan(lasts=25, last_minutes=10, last_minute=4, autosave=4, page=4, after=2)
PROVIDERS, COLLEAGUES = 30, 15
TO_BEGIN = 5  # seconds


def a_paper(rng):
    """A PDF of its own content."""
    return a_pdf_of(rng.randint(50_000, 900_000))


@pytest.fixture(scope="module")
def rush(stage):
    """The rush, when it is over."""
    with stage.app.app_context():
        school = a_school_person().email
    searcher, visitor = stage.browser(), stage.browser()
    searcher.sign_in(school, PASSWORD)
    open_for = timedelta(seconds=PLAN.lasts + TO_BEGIN)
    subject = stage.round_with(PROVIDERS, colleagues=COLLEAGUES, open_for=open_for)
    closes_at = stage.closes_at(subject)
    assert time.time() < closes_at - PLAN.last_minutes, "the machine is too slow for this plan"
    started = Rush(stage, subject, PLAN, a_paper, onlookers=[searcher, visitor])
    started.run(closes_at)
    return started


def answers(rush):
    people = [*rush.subject.applicants, *rush.subject.colleagues]
    return [
        each for browser in [*(who.browser for who in people), *rush.onlookers] for each in browser.answers
    ]


def test_nobody_is_left_without_an_answer(rush):
    lost = [(kind, answer.status, answer.text[:200]) for kind, answer in answers(rush) if answer.lost]
    assert lost == []


def test_what_anybody_was_told_is_kept_once_and_nothing_else(rush):
    assert rush.stage.wrong(rush.subject) == []


def test_whoever_pressed_before_the_close_has_a_receipt_and_nobody_else(rush):
    closes_at = rush.stage.closes_at(rush.subject)
    pressed = {
        operation.application_id: operation.answers[0].sent_at
        for operation in rush.subject.journal.of("submit")
    }
    received = {operation.application_id for operation in rush.subject.journal.acknowledged("submit")}
    assert received <= {each for each, moment in pressed.items() if moment < closes_at}
    assert len(pressed) == PROVIDERS and len(received) > PROVIDERS / 2


def test_nothing_is_saved_after_the_close(rush):
    closes_at = rush.stage.closes_at(rush.subject)
    late = [each for each in rush.subject.journal.operations if each.answers[0].sent_at >= closes_at]
    assert late and not any(operation.acknowledged for operation in late)
