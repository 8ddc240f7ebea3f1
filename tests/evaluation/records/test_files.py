"""Record files: asked for once, built in pieces, fetched by those who may, tried again, swept."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from zipfile import ZipFile

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from config import Settings
from evaluation.records import building
from evaluation.records.access import HasConflict, NotAllLocked
from evaluation.records.building import KEPT_FOR, build_waiting, give_back_abandoned, sweep
from evaluation.records.disclosure_tables import DISCLOSURE
from evaluation.records.ledger import Whole, verify
from evaluation.records.models import RecordFile
from evaluation.records.pieces import MADE_AS
from evaluation.records.services import (
    KindMissing,
    NotReady,
    PurposeMissing,
    TooManyUnderWay,
    ask_for,
    link_to,
    try_again,
)
from evaluation.records.tables import WORKBOOK
from evaluation.reports.queries import NoReportYet
from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.audit.queries import trail_of
from portal.errors import NotFound
from portal.lifecycle import MoveRefused
from portal.storage.bucket import bucket, configure
from tests.factories.accounts import a_council, a_person
from tests.factories.evaluation import Evaluation, a_marking_evaluation, an_approver
from tests.factories.outcomes import an_agreed_evaluation


def asked(decided: Evaluation, kind: str = "ledger", by: Actor | None = None) -> int:
    return ask_for(round_id=decided.round_id, kind=kind, purpose="A claim.", by=by or decided.lead)


def row_of(session: Session, file_id: int) -> RecordFile:
    return session.get_one(RecordFile, file_id, populate_existing=True)


def content_of(row: RecordFile) -> bytes:
    assert row.key
    return b"".join(bucket().blocks(row.key))


@pytest.fixture
def store_away(settings: Settings) -> Iterator[None]:
    """No store answers."""
    configure(replace(settings, s3_endpoint_url="http://127.0.0.1:9"))
    yield
    configure(settings)


def test_a_ledger_is_built_sent_and_verifies(session: Session, decided: Evaluation) -> None:
    file_id = asked(decided)
    assert build_waiting(by=THE_PORTAL) == 1
    row = row_of(session, file_id)
    content = content_of(row)
    assert (row.state, row.size, row.sha256) == ("ready", len(content), sha256(content).hexdigest())
    assert isinstance(verify(io.BytesIO(content)), Whole)
    newest = trail_of("record_file", file_id)[0]
    assert (newest["action"], newest["details"]["sha256"]) == ("record_file.finish", row.sha256)


def test_a_disclosure_pack_holds_everything_and_its_index_names_each_hash(
    session: Session, decided: Evaluation
) -> None:
    file_id = asked(decided, "disclosure")
    build_waiting(by=THE_PORTAL)
    with ZipFile(io.BytesIO(content_of(row_of(session, file_id)))) as pack:
        assert pack.testzip() is None
        held = {name: pack.read(name) for name in pack.namelist()}
    index = csv.DictReader(io.StringIO(held.pop("index.csv").decode("utf-8-sig")))
    named = {row["File"]: (int(row["Bytes"]), row["SHA-256"]) for row in index}
    assert named == {name: (len(content), sha256(content).hexdigest()) for name, content in held.items()}
    tables = {f"{table.name}.csv" for table in (*DISCLOSURE, *WORKBOOK)}
    assert set(held) == {
        "read-me-first.txt",
        "clarification-files.csv",
        "score-ledger.jsonl",
        "evaluation.xlsx",
        "decision-report.pdf",
        *tables,
    }
    assert isinstance(verify(io.BytesIO(held["score-ledger.jsonl"])), Whole)


def test_before_the_results_there_is_a_pack_but_no_decision_report(session: Session) -> None:
    agreed = an_agreed_evaluation()
    with pytest.raises(NoReportYet):
        asked(agreed, "report")
    file_id = asked(agreed, "disclosure")
    build_waiting(by=THE_PORTAL)
    with ZipFile(io.BytesIO(content_of(row_of(session, file_id)))) as pack:
        assert "decision-report.pdf" not in pack.namelist()


def test_the_decision_report_is_made_beside_the_web_server(session: Session, decided: Evaluation) -> None:
    file_id = asked(decided, "report")
    build_waiting(by=THE_PORTAL)
    row = row_of(session, file_id)
    assert content_of(row).startswith(b"%PDF")
    assert link_to(round_id=decided.round_id, file_id=file_id, by=decided.person("auditor"))


def test_every_piece_is_counted(session: Session, decided: Evaluation) -> None:
    said: list[str] = []
    for kind, made_as in MADE_AS.items():
        file_id = asked(decided, kind)
        build_waiting(by=THE_PORTAL)
        row = row_of(session, file_id)
        assert (row.state, row.done, row.steps) == ("ready", made_as.steps, made_as.steps)
        said.append(kind)
    assert said


def test_what_is_asked_for_twice_is_made_once(session: Session, decided: Evaluation) -> None:
    assert asked(decided) == asked(decided)
    assert asked(decided) != asked(decided, "workbook")
    assert build_waiting(by=THE_PORTAL) == 2


def test_one_person_cannot_keep_the_worker_busy(session: Session, decided: Evaluation, monkeypatch) -> None:
    monkeypatch.setattr("evaluation.records.services.MOST_UNDER_WAY", 1)
    asked(decided)
    with pytest.raises(TooManyUnderWay):
        asked(decided, "workbook")


@pytest.mark.parametrize(("kind", "purpose", "refusal"), [
    ("", "", KindMissing), ("nonsense", "", KindMissing), ("disclosure", " ", PurposeMissing),
])  # fmt: skip
def test_what_is_asked_for_must_be_there_and_have_its_purpose(
    session: Session, decided: Evaluation, kind: str, purpose: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        ask_for(round_id=decided.round_id, kind=kind, purpose=purpose, by=decided.lead)


def test_an_approver_has_the_ledger_and_no_disclosure_pack(session: Session, decided: Evaluation) -> None:
    approver = an_approver(decided)
    with pytest.raises(KindMissing):
        asked(decided, "disclosure", approver)
    leads = asked(decided, "disclosure")
    build_waiting(by=THE_PORTAL)
    with pytest.raises(NotFound):
        link_to(round_id=decided.round_id, file_id=leads, by=approver)
    assert asked(decided, "ledger", approver)


def test_nobody_of_another_council_learns_that_there_is_a_file(session: Session, decided: Evaluation) -> None:
    file_id = asked(decided)
    stranger = a_person(a_council(), "procurement_lead")
    for action in (
        lambda: asked(decided, by=stranger),
        lambda: link_to(round_id=decided.round_id, file_id=file_id, by=stranger),
        lambda: try_again(round_id=decided.round_id, file_id=file_id, by=stranger),
    ):
        with pytest.raises(NotFound):
            action()


def test_nothing_is_given_before_every_evaluator_has_locked(session: Session) -> None:
    marking = a_marking_evaluation(1)
    with pytest.raises(NotAllLocked):
        asked(marking)


def test_whoever_declared_a_conflict_with_a_provider_of_the_round_has_no_record(session: Session) -> None:
    agreed = an_agreed_evaluation(({}, {}), evaluators=3, conflicts={0: 2})
    both = replace(agreed.evaluators[2], permissions=agreed.lead.permissions)
    with pytest.raises(HasConflict):
        asked(agreed, by=both)
    assert asked(agreed)


def test_a_link_is_given_only_to_a_file_that_is_ready_and_is_recorded(
    session: Session, decided: Evaluation
) -> None:
    file_id = asked(decided)
    with pytest.raises(NotReady):
        link_to(round_id=decided.round_id, file_id=file_id, by=decided.lead)
    build_waiting(by=THE_PORTAL)
    assert "X-Amz-Expires=60" in link_to(round_id=decided.round_id, file_id=file_id, by=decided.lead)
    read = session.execute(text("SELECT actor_id FROM audit_line WHERE action = 'record_file.read'"))
    assert read.scalars().all() == [decided.lead.person_id]


def test_a_store_that_does_not_answer_is_said_and_it_can_be_tried_again(
    session: Session, decided: Evaluation, store_away: None, settings: Settings
) -> None:
    file_id = asked(decided)
    build_waiting(by=THE_PORTAL)
    row = row_of(session, file_id)
    assert (row.state, row.failure) == ("failed", building.STORE_FAILED)
    configure(settings)
    try_again(round_id=decided.round_id, file_id=file_id, by=decided.lead)
    build_waiting(by=THE_PORTAL)
    assert row_of(session, file_id).state == "ready"
    with pytest.raises(MoveRefused):
        try_again(round_id=decided.round_id, file_id=file_id, by=decided.lead)


def test_a_fault_while_it_is_built_is_said_and_leaves_nothing_in_the_store(
    session: Session, decided: Evaluation
) -> None:
    file_id, other = asked(decided, "disclosure"), asked(decided)
    session.execute(text("ALTER TABLE box_opening RENAME COLUMN begun_at TO began_at"))
    session.commit()
    before = {key for key, _ in bucket().stored(building.PREFIX)}
    build_waiting(by=THE_PORTAL)
    row = row_of(session, file_id)
    assert (row.state, row.failure) == ("failed", building.BUILD_FAILED)
    made = row_of(session, other)
    assert made.state == "ready"
    assert {key for key, _ in bucket().stored(building.PREFIX)} - before == {made.key}
    assert list(bucket().unjoined(building.PREFIX)) == []


def test_what_a_dead_worker_left_waits_again_and_fails_the_third_time(
    session: Session, decided: Evaluation
) -> None:
    file_id = asked(decided)
    for attempt in range(1, 4):
        assert building._take(THE_PORTAL)
        assert give_back_abandoned(by=THE_PORTAL) == 0
        with clock.staged_at(clock.now() + building.DEAD_AFTER + timedelta(seconds=1)):
            assert give_back_abandoned(by=THE_PORTAL) == 1
        assert row_of(session, file_id).state == ("waiting" if attempt < 3 else "failed")


def test_a_worker_that_was_given_up_does_not_finish_what_another_has_begun(
    session: Session, decided: Evaluation
) -> None:
    file_id = asked(decided)
    late = building._take(THE_PORTAL)
    assert late
    with clock.staged_at(clock.now() + building.DEAD_AFTER + timedelta(seconds=1)):
        give_back_abandoned(by=THE_PORTAL)
    build_waiting(by=THE_PORTAL)
    first = row_of(session, file_id).key
    building._build(*late, by=THE_PORTAL)
    row = row_of(session, file_id)
    assert (row.key, row.attempts) == (first, 2)
    assert content_of(row)


def test_files_go_after_their_week_and_so_does_what_no_row_names(
    session: Session, decided: Evaluation
) -> None:
    file_id = asked(decided)
    build_waiting(by=THE_PORTAL)
    key = row_of(session, file_id).key or ""
    bucket().put("records/left-over", io.BytesIO(b"x"), "text/plain", "0" * 64)
    begun = bucket().begin_parts("records/never-joined", "text/plain")
    bucket().put_part("records/never-joined", begun, 1, b"x")
    assert sweep(by=THE_PORTAL) == 0
    assert bucket().exists(key) and bucket().exists("records/left-over")
    with clock.staged_at(clock.now() + KEPT_FOR + timedelta(minutes=1)):
        assert sweep(by=THE_PORTAL) == 1
    row = row_of(session, file_id)
    assert (row.state, row.key) == ("removed", None) and row.sha256
    assert list(bucket().stored(building.PREFIX)) == [] == list(bucket().unjoined(building.PREFIX))
