"""Reading how far the applications of a round are: no names, no content, no order that tells who is who."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Text, case, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal import clock
from portal.accounts.access import Actor
from portal.audit.models import AuditLine
from portal.clock import london
from portal.database import MOST_APART, clocks_apart, db
from portal.storage.models import Document
from portal.web.pagination import SIZE, offset_of
from tender.applications.holding import REASONS
from tender.applications.item_queries import lacking_of
from tender.applications.models import Answer, AnswerFile, Application, ApplicationLot, ExtendedApplication
from tender.frameworks.facts import Detail, RoundFacts
from tender.frameworks.models import Extension

LAST_DAY = timedelta(hours=24)
REFUSED = {"application.refuse_submit": "Submitting", "application.refuse_change": "Saving or uploading"}
_COUNTED = ("saved", "submitted", "refused", "late", "failed")


@dataclass(frozen=True, slots=True)
class Line:
    """One application. `letter` names it on this page alone; `lacking` is None once it is submitted."""

    letter: str
    state: str
    last_saved_at: datetime | None
    lacking: int | None


@dataclass(frozen=True, slots=True)
class Hour:
    """What happened in one hour of the last day, where anything did."""

    begins_at: datetime
    saved: int
    submitted: int
    refused: int
    late: int
    failed: int


@dataclass(frozen=True, slots=True)
class Refused:
    """What was refused in the last day for one reason: how often, an application counted once a minute, and
    to how many applications."""

    what: str
    why: str
    times: int
    applications: int


@dataclass(frozen=True, slots=True)
class Board:
    """How a round is doing at one moment. `clocks_apart` is None unless our clock and the database's differ
    by more than is well (`MOST_APART`)."""

    started: int
    submitted: int
    last_saved_at: datetime | None
    being_scanned: int
    infected: int
    lines: Sequence[Line]
    hours: Sequence[Hour]
    refused: Sequence[Refused]
    clocks_apart: timedelta | None


def board_of(facts: RoundFacts, page: int = 1) -> Board:
    """The board with one page of its lines. The caller got `facts` by `frameworks.queries.round_for`."""
    saved = (
        select(Answer.application_id, func.max(Answer.saved_at).label("last_saved_at"))
        .join(Application, Application.id == Answer.application_id)
        .where(Application.round_id == facts.id)
        .group_by(Answer.application_id)
        .subquery()
    )
    totals = db.session.execute(
        select(
            func.count(),
            func.count().filter(Application.state == "submitted"),
            func.max(saved.c.last_saved_at),
        )
        .select_from(Application)
        .outerjoin(saved, saved.c.application_id == Application.id)
        .where(Application.round_id == facts.id)
    ).one()
    lots = select(ApplicationLot.lot_id).where(ApplicationLot.application_id == Application.id)
    rows = db.session.execute(
        select(
            Application.id,
            Application.state,
            saved.c.last_saved_at,
            func.array(lots.correlate(Application).scalar_subquery()).label("lot_ids"),
        )
        .outerjoin(saved, saved.c.application_id == Application.id)
        .where(Application.round_id == facts.id)
        # An order that neither the time of starting nor a name decides, and that stays.
        .order_by(func.md5(Application.reference))
        .limit(SIZE)
        .offset(offset_of(page))
    ).all()
    lacking = lacking_of({row.id: row.lot_ids for row in rows if row.state == "draft"})
    scanned = _scans(facts.id)
    return Board(
        started=totals[0],
        submitted=totals[1],
        last_saved_at=totals[2],
        being_scanned=scanned.get("waiting", 0),
        infected=scanned.get("infected", 0),
        lines=[
            Line(letter_of(place), row.state, row.last_saved_at, lacking.get(row.id))
            for place, row in enumerate(rows, start=offset_of(page))
        ],
        hours=_hours(facts.id),
        refused=_refused(facts.id),
        clocks_apart=apart if abs(apart := clocks_apart()) > MOST_APART else None,
    )


def letter_of(place: int) -> str:
    """'A' for 0, 'Z' for 25, 'AA' for 26."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _scans(round_id: int) -> dict[str, int]:
    """How many documents of the round's applications are in each state of scanning."""
    rows = db.session.execute(
        select(Document.scan_state, func.count())
        .join(AnswerFile, AnswerFile.document_id == Document.id)
        .join(Answer, Answer.id == AnswerFile.answer_id)
        .join(Application, Application.id == Answer.application_id)
        .where(Application.round_id == round_id)
        .group_by(Document.scan_state)
    )
    return {state: count for state, count in rows}


def _hours(round_id: int) -> list[Hour]:
    """Those of the last 24 hours in which something happened, the newest first, in one statement: how many
    saved, submitted, were refused, and met a failure."""
    since = clock.now() - LAST_DAY
    saves = (
        select(literal("saved").label("what"), Answer.saved_at.label("at"))
        .join(Application, Application.id == Answer.application_id)
        .where(Application.round_id == round_id, Answer.saved_at > since)
    )
    submissions = select(literal("submitted"), Application.submitted_at).where(
        Application.round_id == round_id, Application.submitted_at > since
    )
    noted = select(
        case(
            {"application.refuse_submit": "refused", "application.refuse_change": "late"},
            value=AuditLine.action,
            else_="failed",
        ),
        AuditLine.at,
    ).where(*_lines_of(round_id, "application.fail_upload", *REFUSED))
    happened = union_all(saves, submissions, noted).subquery()
    hour = func.date_trunc("hour", happened.c.at)
    counted: dict[tuple[datetime, str], int] = {
        (begins_at, what): count
        for begins_at, what, count in db.session.execute(
            select(hour, happened.c.what, func.count()).group_by(hour, happened.c.what)
        )
    }
    return [
        Hour(london(at), **{what: counted.get((at, what), 0) for what in _COUNTED})
        for at in sorted({at for at, _ in counted}, reverse=True)
    ]


def _refused(round_id: int) -> list[Refused]:
    """What was refused in the last 24 hours, the most frequent first."""
    reason = AuditLine.details["reason"].astext
    rows = db.session.execute(
        select(AuditLine.action, reason, func.count(), func.count(AuditLine.subject_id.distinct()))
        .where(*_lines_of(round_id, *REFUSED))
        .group_by(AuditLine.action, reason)
        .order_by(func.count().desc(), AuditLine.action, reason)
    )
    return [Refused(REFUSED[action], REASONS[why], *counts) for action, why, *counts in rows]


def _lines_of(round_id: int, *actions: str) -> tuple[ColumnElement[bool], ...]:
    """Which lines of the last 24 hours are of these actions and of the round's applications."""
    of_round = select(cast(Application.id, Text)).where(Application.round_id == round_id)
    return (
        AuditLine.action.in_(actions),
        AuditLine.subject_type == "application",
        AuditLine.at > clock.now() - LAST_DAY,
        AuditLine.subject_id.in_(of_round),
    )


@dataclass(frozen=True, slots=True)
class NamedExtension:
    """More time for some applicants: how many, until when, and why. Nobody's name."""

    applicants: int
    closes_at: datetime
    reason: str


def _named(facts: RoundFacts, viewer: Actor) -> ScalarSelect[Any]:
    applicants = (
        select(func.count())
        .where(ExtendedApplication.extension_id == Extension.id)
        .correlate(Extension)
        .scalar_subquery()
    )
    told = func.jsonb_build_array(applicants, Extension.closes_at, Extension.reason)
    return (
        select(func.jsonb_agg(aggregate_order_by(told, Extension.id.desc())))
        .where(Extension.round_id == facts.id, ~Extension.for_everyone)
        .scalar_subquery()
    )


def _told(facts: RoundFacts, found: Sequence[Any] | None) -> object:
    return [NamedExtension(count, datetime.fromisoformat(at), reason) for count, at, reason in found or ()]


# For the public page of a round: that some have more time, as everyone is told.
ON_OPPORTUNITY = Detail("named_extensions", _named, _told)
