"""Workers that are killed while people are at work."""

import random
import time
from collections.abc import Callable
from contextlib import suppress

from psutil import NoSuchProcess

from tests.rush.applicants import Applicant
from tests.rush.plan import at_work
from tests.rush.stage import RoundOfRush, Stage
from tests.storage.test_uploads import a_pdf_of


def a_whole_application(who: Applicant) -> None:
    """Texts and documents by turns, and the submission in the end, each until it is acknowledged."""
    for number, place in enumerate(who.files):
        for _ in range(3):
            who.save()
        who.upload(place, a_pdf_of(who.rng.randint(1_000, 600_000)), in_parts=number % 2 == 0)
    who.submit(presses=2)


def kill_workers_meanwhile(stage: Stage, subject: RoundOfRush, chance: random.Random) -> int:
    """Let everybody make a whole application while workers are killed at random; how many were killed."""
    killed = 0
    with at_work(subject.applicants, a_whole_application) as busy:
        while busy():
            time.sleep(chance.uniform(0.1, 0.7))
            for worker in stage.workers()[: chance.choice((1, 1, 1, 2))]:
                with suppress(NoSuchProcess):  # it went by itself meanwhile, which is no kill
                    worker.kill()
                    killed += 1
            _until_somebody_gets_on(subject, busy)
    return killed


def _until_somebody_gets_on(subject: RoundOfRush, busy: Callable[[], bool], longest: float = 20) -> None:
    """Or nobody is ever done: on a busy machine a worker takes its time to come back."""
    time.sleep(1.5)
    done, until = _acknowledged(subject), time.monotonic() + longest
    while busy() and _acknowledged(subject) == done and time.monotonic() < until:
        time.sleep(0.1)


def _acknowledged(subject: RoundOfRush) -> int:
    return sum(each.acknowledged for each in subject.journal.operations)


def unacknowledged(subject: RoundOfRush) -> list:
    """What nobody was told to be kept although they tried again and again."""
    return [each for each in subject.journal.operations if not each.acknowledged]
