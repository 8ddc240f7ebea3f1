"""Database, store and mail go away while people work: what can go on goes on, what cannot says so at once,
and when the service is back nobody has to restart or repair anything."""

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from mailbox import Maildir

import pytest
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.database import db, transaction
from portal.engine import CONNECT_TIMEOUT_SECONDS, engine_options
from portal.mail.models import Letter
from portal.storage.models import Document
from tests.rush.kills import a_whole_application, unacknowledged
from tests.rush.plan import at_work
from tests.storage.test_uploads import a_pdf_of

AT_ONCE = 1  # second, whatever is away; a page took 0.12 at most on a machine that was three times too busy
NOT_UPLOADED = 3  # seconds until eleven at once are told that the store is down; one that hangs: 12
BACK = 10  # seconds


@contextmanager
def away(service):
    """The service is killed, and there again after the block."""
    service.kill(signal.SIGQUIT if service.folder.name == "postgres" else signal.SIGKILL)
    try:
        yield
    finally:
        service.start()


@contextmanager
def frozen(service):
    """The service takes connections and answers nothing, until the block ends."""
    process = service.process
    process.suspend()
    try:
        yield
    finally:
        process.resume()


@pytest.fixture
def who(stage):
    """One applicant with a draft."""
    return stage.round_with(1).applicants[0]


def documents(stage):
    with stage.app.app_context():
        number = db.session.scalar(select(func.count()).select_from(Document))
        db.session.remove()
    return number


def test_a_crash_of_the_database_loses_nothing_and_doubles_nothing(stage):
    subject, crashes, gone_for = stage.round_with(8), 0, 0.0
    with at_work(subject.applicants, a_whole_application) as busy:
        while busy():
            # It starts slowly on a crowded machine: it is there as long as it was gone, or nobody gets on.
            time.sleep(max(0.7, gone_for))
            began = time.monotonic()
            with away(stage.database):
                crashes += 1
            gone_for = time.monotonic() - began
    assert crashes > 1
    assert stage.wrong(subject) == [] and unacknowledged(subject) == []
    answers = [each for who in subject.applicants for each in who.browser.answers]
    assert any(answer.status == 503 for _, answer in answers)
    assert [each for each in answers if each[1].lost and each[1].status != 503] == []


def test_a_connection_that_breaks_when_all_is_done_spoils_no_answer(stage):
    with stage.app.app_context():
        mine = db.session.scalar(text("SELECT pg_backend_pid()"))
        with db.engine.connect() as other:
            assert other.scalar(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})


def test_without_database_a_page_says_so_at_once_and_the_first_request_afterwards_is_answered(stage, who):
    with away(stage.database):
        for browser in (stage.browser(), who.browser):
            answer = browser.get("/opportunities")
            assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
            assert "<h1" in answer.text and answer.seconds < AT_ONCE
    assert stage.browser().get("/opportunities").status == 200
    assert who.save().acknowledged


@pytest.mark.parametrize("gone", [away, frozen], ids=["killed", "hanging"])
def test_without_store_people_write_and_read_and_are_told_what_was_not_uploaded(stage, gone):
    subject = stage.round_with(12)
    one, *others = subject.applicants
    before = documents(stage)
    for each in others:
        each.patience = 0
    with gone(stage.store), ThreadPoolExecutor(len(others)) as pool:
        given = [
            pool.submit(each.upload, each.files[0], a_pdf_of(100_000), in_parts=False) for each in others
        ]
        time.sleep(0.3)
        answers = [one.save().answers[0], one.browser.get(one.home), one.browser.get(one.home)]
        assert [(answer.status, answer.seconds < AT_ONCE) for answer in answers] == [(200, True)] * 3, answers
        for each in given:
            answer = each.result().answers[0]
            assert answer.status == 422 and "was not uploaded. Try again" in answer.text
            assert gone is frozen or answer.seconds < NOT_UPLOADED
        announced = others[0].upload(others[0].files[0], a_pdf_of(100_000), in_parts=True)
        assert announced.answers[0].status == 503
    assert documents(stage) == before
    assert stage.answers_within(BACK) < BACK
    for number, each in enumerate(others):
        each.patience = 20
        assert each.upload(each.files[0], a_pdf_of(50_000 + number), in_parts=number % 2 == 0).acknowledged
    assert stage.wrong(subject) == []


@contextmanager
def full(folder):
    """The disk of the folder is full, until the block ends."""
    if not folder.is_mount():
        pytest.skip("this user may not mount a small disk")
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        for _ in range(1024):
            file.write(bytes(1024 * 1024))
    try:
        yield
    finally:
        ballast.unlink()


@pytest.mark.parametrize("in_parts", [False, True], ids=["by the form", "in parts"])
@pytest.mark.parametrize("disk", ["documents", "temporary files"])
def test_a_full_disk_takes_no_file_and_says_so_and_has_no_need_of_repair(stage, who, disk, in_parts):
    before, who.patience = documents(stage), 0
    with full(stage.store.folder if disk == "documents" else stage.spool):
        answer = who.upload(who.files[0], a_pdf_of(900_000), in_parts=in_parts).answers[0]
        assert answer.status in (422, 500, 503) and not answer.headers.get("Location"), answer
        assert in_parts or "was not uploaded" in answer.text or "was not kept" in answer.text
        assert who.save().acknowledged
    assert documents(stage) == before
    who.patience = 20
    assert who.upload(who.files[0], a_pdf_of(900_000), in_parts=in_parts).acknowledged


@contextmanager
def silent(port=0):
    """Something takes connections there and says nothing; the block is given its port."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        yield listening.getsockname()[1]


def test_a_database_that_takes_a_connection_and_says_nothing_is_given_up():
    with silent() as port:
        engine = create_engine(f"postgresql+psycopg://nobody@127.0.0.1:{port}/none", **engine_options())
        began = time.monotonic()
        with pytest.raises(OperationalError):
            engine.connect()
        assert time.monotonic() - began < CONNECT_TIMEOUT_SECONDS * 2


def letters_about(stage, number):
    """The letters in the mailbox whose title names a receipt."""
    kept = Maildir(stage.mail.folder, create=False)
    return [letter for letter in kept if number in str(letter["Subject"])]


def a_submission(who):
    for place in who.files:
        who.upload(place, a_pdf_of(20_000), in_parts=False)
    return who.submit()


@pytest.mark.parametrize("hangs", [False, True], ids=["away", "hanging"])
def test_without_mail_a_submission_takes_no_longer_and_its_letter_comes_later_and_once(stage, who, hangs):
    stage.mail.stop()
    listening = silent(int(stage.portal.environment["SMTP_PORT"])) if hangs else nullcontext()
    with listening:
        submission = a_submission(who)
        assert submission.acknowledged and submission.answers[0].seconds < AT_ONCE
        time.sleep(1.5)
    stage.mail.start()
    number = submission.told
    deadline = time.monotonic() + 30
    while not letters_about(stage, number):
        with stage.app.app_context(), transaction() as session:
            session.execute(
                update(Letter).where(Letter.state == "queued").values(next_attempt_at=clock.now())
            )
        assert time.monotonic() < deadline
        time.sleep(0.5)
    time.sleep(1.5)
    assert len(letters_about(stage, number)) == 1
