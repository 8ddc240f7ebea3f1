"""Workers and the database die at work: whatever somebody was told is kept, and whatever they send again is
there once."""

import random

from tests.rush.kills import kill_workers_meanwhile, unacknowledged

WORKER_IS_BACK = 2  # seconds


def test_killed_workers_lose_nothing_and_double_nothing(stage):
    subject = stage.round_with(8)
    assert kill_workers_meanwhile(stage, subject, random.Random(3)) >= 2  # a quick machine is done soon
    assert stage.wrong(subject) == [] and unacknowledged(subject) == []


def test_a_killed_worker_is_back_soon(stage):
    for worker in stage.workers():
        worker.kill()
    assert stage.answers_within(20, "/healthz") < WORKER_IS_BACK
