"""Workers and the database die at work: whatever somebody was told is kept, and whatever they send again is
there once."""

import random
import time

from tests.rush.plan import at_work
from tests.storage.test_uploads import a_pdf_of

WORKER_IS_BACK = 2  # seconds


def a_whole_application(who):
    """Texts and documents by turns, and the submission in the end, each until it is acknowledged."""
    for number, place in enumerate(who.files):
        for _ in range(3):
            who.save()
        who.upload(place, a_pdf_of(who.rng.randint(1_000, 600_000)), in_parts=number % 2 == 0)
    who.submit(presses=2)


def unacknowledged(subject):
    return [each for each in subject.journal.operations if not each.acknowledged]


def test_killed_workers_lose_nothing_and_double_nothing(stage):
    subject, chance, killed = stage.round_with(8), random.Random(3), 0
    with at_work(subject.applicants, a_whole_application) as busy:
        while busy():
            time.sleep(chance.uniform(0.1, 0.7))
            for worker in stage.workers()[: chance.choice((1, 1, 1, 2))]:
                worker.kill()
                killed += 1
            time.sleep(1.5)
    assert killed >= 2  # on a quick machine they are done soon
    assert stage.wrong(subject) == [] and unacknowledged(subject) == []


def test_a_killed_worker_is_back_soon(stage):
    for worker in stage.workers():
        worker.kill()
    assert stage.answers_within(20, "/healthz") < WORKER_IS_BACK
