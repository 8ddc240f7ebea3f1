"""What happens beside the web server: letters go out, documents are scanned, leftovers are swept, and what
higher rooms want done again and again.

One process (`portal work`), a thread for each job, so that a mail server that hangs delays no scan. Several
such processes may run: jobs take their rows with SKIP LOCKED.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread

from flask import Flask

from config import Settings
from portal.audit.services import Doer
from portal.database import db
from portal.mail.services import deliver_waiting
from portal.storage.scanning import scan_waiting
from portal.storage.services import sweep_orphans
from portal.storage.uploads import sweep_uploads

log = logging.getLogger("portal.worker")
HOUR = 60 * 60
DAY = 24 * HOUR


@dataclass(frozen=True)
class Job:
    """Something to be done again and again: `pause` seconds lie between its rounds, `delay` before the first.

    `run` is called inside an application context, with the settings and with who does it.
    """

    name: str
    run: Callable[[Settings, Doer], object]
    pause: float
    delay: float = 0


JOBS = (
    Job("deliver letters", lambda settings, by: deliver_waiting(settings, by=by), pause=1),
    Job("scan documents", lambda settings, by: scan_waiting(by=by), pause=1),
    # Not at once: a worker that is restarted over and over would list the whole bucket each time.
    Job("sweep uploads", lambda settings, by: sweep_uploads(), pause=HOUR, delay=600),
    Job("sweep orphans", lambda settings, by: sweep_orphans(), pause=DAY, delay=600),
)


_further: list[Job] = []


def also(job: Job) -> None:
    """Let every worker do a job of a higher room, which this one may not import."""
    if job not in _further:
        _further.append(job)


def all_jobs() -> tuple[Job, ...]:
    """What a worker does: the jobs of this room's neighbours, and those of higher rooms."""
    return (*JOBS, *_further)


def run_once(app: Flask, job: Job, *, by: Doer) -> bool:
    """Do one round of a job and say whether it went well; an outage is logged and outlived."""
    try:
        with app.app_context():
            try:
                job.run(app.config["PORTAL"], by)
            finally:
                db.session.remove()
    except Exception:  # Whatever it is, the next round may succeed; what waits is kept in the database.
        log.exception("%s: failed, and is tried again", job.name)
        return False
    return True


def run_until(stopped: Event, app: Flask, *, by: Doer, jobs: Sequence[Job] | None = None) -> None:
    """Do every job (`all_jobs`) again and again, each in a thread of its own, until `stopped` is set."""
    jobs = jobs or all_jobs()
    threads = [Thread(target=_repeat, args=(stopped, app, job, by), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    while not stopped.is_set():  # in short steps: a signal interrupts only a thread that runs
        time.sleep(0.2)
        dead = [job.name for job, thread in zip(jobs, threads, strict=True) if not thread.is_alive()]
        if dead and not stopped.is_set():
            raise RuntimeError(f"A job ended by itself: {', '.join(dead)}")


def _repeat(stopped: Event, app: Flask, job: Job, by: Doer) -> None:
    stopped.wait(job.delay)
    while not stopped.is_set():
        run_once(app, job, by=by)
        stopped.wait(job.pause)
