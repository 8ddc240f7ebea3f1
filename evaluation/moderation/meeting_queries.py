"""Reading moderation meetings: the one that runs, a round's meetings, and what was agreed in one."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, false, func, select, true, union_all
from sqlalchemy.orm import aliased

from evaluation.assignments.conflict_queries import conflicts_of
from evaluation.assignments.models import PanelMember
from evaluation.moderation.models import AgreedMark, Attendance, Meeting, UnlockedMark
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from tender.applications.closed_queries import refuse_undeclared_in
from tender.applications.models import Answer, Application
from tender.frameworks.models import Framework, Lot, Question, Round

MEETINGS_A_PAGE = 20
MARKS_A_PAGE = 30
_STARTER, _ENDER = aliased(Person), aliased(Person)


def running_meeting(round_id: int) -> int | None:
    """The id of the meeting of this round that has begun and not ended."""
    row = running_now(round_id)
    return row["id"] if row else None


def running_now(round_id: int) -> RowMapping | None:
    """The meeting of this round that has begun and not ended: id, started_at."""
    return (
        db.session.execute(
            select(Meeting.id, Meeting.started_at).where(
                Meeting.round_id == round_id, Meeting.ended_at.is_(None)
            )
        )
        .mappings()
        .one_or_none()
    )


def panel_members(round_id: int) -> Sequence[RowMapping]:
    """The panel as it is, by name: person_id, name, role."""
    return (
        db.session.execute(
            select(PanelMember.person_id, Person.name, PanelMember.role)
            .join(Person, Person.id == PanelMember.person_id)
            .where(PanelMember.round_id == round_id)
            .order_by(Person.name, Person.id)
        )
        .mappings()
        .all()
    )


def meetings_of(round_id: int, *, skip: int = 0) -> tuple[Sequence[RowMapping], int]:
    """One page of a round's meetings, the newest first; and how many there are.

    Columns: id, started_at, ended_at, starter_name, present (the names), agreed (marks, unlocked ones too).
    """
    present = (
        select(func.array_agg(Person.name))
        .join(Attendance, Attendance.person_id == Person.id)
        .where(Attendance.meeting_id == Meeting.id, Attendance.present)
        .correlate(Meeting)
        .scalar_subquery()
    )
    agreed = sum(
        select(func.count()).where(table.meeting_id == Meeting.id).correlate(Meeting).scalar_subquery()
        for table in (AgreedMark, UnlockedMark)
    )
    rows = (
        db.session.execute(
            select(
                Meeting.id,
                Meeting.started_at,
                Meeting.ended_at,
                _STARTER.name.label("starter_name"),
                present.label("present"),
                agreed.label("agreed"),
                func.count().over().label("total"),
            )
            .join(_STARTER, _STARTER.id == Meeting.started_by_id)
            .where(Meeting.round_id == round_id)
            .order_by(Meeting.started_at.desc(), Meeting.id.desc())
            .limit(MEETINGS_A_PAGE)
            .offset(skip)
        )
        .mappings()
        .all()
    )
    return rows, (rows[0]["total"] if rows else 0)


def present_at(meeting_id: int | None) -> list[int] | None:
    """The ids of the panel's members who are at a meeting now, by what its moderator noted last; None without
    one."""
    if meeting_id is None:
        return None
    there = select(Attendance.person_id).where(Attendance.meeting_id == meeting_id, Attendance.present)
    return list(db.session.scalars(there.order_by(Attendance.person_id)))


def meeting_for(viewer: Actor, meeting_id: int) -> RowMapping:
    """A meeting of the viewer's own council, whose page names tenderers. Raises `NotFound`, `NotDeclaredYet`.

    Columns: id, round_id, round_number, framework_title, started_at, starter_name, ended_at, ender_name,
    observers, absent_views, version.
    """
    row = (
        db.session.execute(
            select(
                Meeting.id,
                Meeting.round_id,
                Round.number.label("round_number"),
                Framework.title.label("framework_title"),
                Meeting.started_at,
                _STARTER.name.label("starter_name"),
                Meeting.ended_at,
                _ENDER.name.label("ender_name"),
                Meeting.observers,
                Meeting.absent_views,
                Meeting.version,
            )
            .join(Round, Round.id == Meeting.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .join(_STARTER, _STARTER.id == Meeting.started_by_id)
            .outerjoin(_ENDER, _ENDER.id == Meeting.ended_by_id)
            .where(Meeting.id == meeting_id, Framework.council_id == viewer.organisation_id)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    refuse_undeclared_in(viewer, row["round_id"])
    return row


def attendance_of(meeting_id: int) -> Sequence[RowMapping]:
    """The panel at a meeting, by name: person_id, name, role, present."""
    return (
        db.session.execute(
            select(Attendance.person_id, Person.name, Attendance.role, Attendance.present)
            .join(Person, Person.id == Attendance.person_id)
            .where(Attendance.meeting_id == meeting_id)
            .order_by(Person.name, Person.id)
        )
        .mappings()
        .all()
    )


def agreed_in(viewer: Actor, meeting_id: int, *, skip: int = 0) -> tuple[Sequence[RowMapping], int]:
    """One page of the marks agreed in a meeting, in the order of time; and how many there are.

    Nothing about a provider with whom the viewer declared a conflict. Columns: answer_id, title,
    provider_name, lot_number, points, reason, agreed_at, stands (false where it was unlocked since).
    """
    marks = union_all(
        *(
            select(
                table.answer_id, table.points, table.reason, table.agreed_at, stands.label("stands")
            ).where(table.meeting_id == meeting_id)
            for table, stands in ((AgreedMark, true()), (UnlockedMark, false()))
        )
    ).subquery()
    rows = (
        db.session.execute(
            select(
                marks,
                Question.title,
                Organisation.name.label("provider_name"),
                Lot.number.label("lot_number"),
                func.count().over().label("total"),
            )
            .join(Answer, Answer.id == marks.c.answer_id)
            .join(Question, Question.id == Answer.question_id)
            .join(Application, Application.id == Answer.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .outerjoin(Lot, Lot.id == Answer.lot_id)
            .where(Answer.application_id.not_in(conflicts_of(viewer)))
            .order_by(marks.c.agreed_at, marks.c.answer_id)
            .limit(MARKS_A_PAGE)
            .offset(skip)
        )
        .mappings()
        .all()
    )
    return rows, (rows[0]["total"] if rows else 0)
