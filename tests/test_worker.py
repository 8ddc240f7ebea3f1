"""The worker: every job goes on, whatever becomes of one round or of another job."""

from threading import Event, Thread

import pytest

from portal.accounts.access import THE_PORTAL
from portal.evidence.reminders import REMINDERS
from portal.worker import JOBS, Job, all_jobs, run_once, run_until


def failing(settings, by) -> None:
    raise OSError("the mail server is away")


@pytest.mark.parametrize("job", [*JOBS, REMINDERS], ids=lambda job: job.name)
def test_each_job_does_a_round(app, session, job):
    assert run_once(app, job, by=THE_PORTAL)


def test_a_job_of_a_higher_room_is_done_too(app):
    assert REMINDERS in all_jobs()


def test_a_round_that_fails_is_outlived(app):
    assert not run_once(app, Job("fail", failing, pause=0), by=THE_PORTAL)


def test_a_job_that_fails_or_hangs_delays_no_other(app):
    rounds, stopped = [], Event()
    jobs = (
        Job("fail", failing, pause=0.01),
        Job("hang", lambda settings, by: stopped.wait(20), pause=0.01),
        Job("count", lambda settings, by: rounds.append(by), pause=0.01),
    )
    worker = Thread(target=run_until, args=(stopped, app), kwargs={"by": THE_PORTAL, "jobs": jobs})
    worker.start()
    while len(rounds) < 3:
        stopped.wait(0.01)
    stopped.set()
    worker.join(10)
    assert not worker.is_alive()
