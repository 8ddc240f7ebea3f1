"""Reading one answer for moderation, what its agreed mark was before, and what waits for a moderator.

As on the agenda: nothing before the application is complete, nothing about a provider with whom the viewer
declared a conflict.
"""

from collections.abc import Sequence

from sqlalchemy import RowMapping, ScalarSelect, any_, case, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from evaluation.assignments.conflict_queries import conflicts_of
from evaluation.assignments.declaration_queries import declared_by
from evaluation.assignments.models import PanelMember
from evaluation.conformity.answer_queries import counts
from evaluation.moderation.models import AgendaItem, AgreedMark, Attendance, Meeting, UnlockedMark
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from portal.tasks import Task, Waiting
from portal.web.filters import plural
from tender.applications.access import DECLARES_FIRST
from tender.applications.closed_queries import NotDeclaredYet
from tender.applications.models import Answer, Application
from tender.frameworks.models import Framework, Lot, Question, Round
from tender.frameworks.queries import known_options


def item_for(viewer: Actor, answer_id: int) -> RowMapping:
    """One answer of a complete application with its agreed mark, if any. Raises `NotFound`, `NotDeclaredYet`.

    Columns: those of the question, the answer's value, provider_name, lot, round_id, round_number,
    round_state, framework_title, turn (see `AgendaItem`), and of the agreed mark points, reason, agreed_at,
    moderator_name, meeting_id, met_at (the beginning of that meeting) and met (who was there); version is
    that of the newest agreed mark, an unlocked one included, 0 for none; declared is whether the viewer has
    declared on the provider.
    """
    moderator = aliased(Person)
    unlocked = (
        select(func.max(UnlockedMark.version)).where(UnlockedMark.answer_id == answer_id).scalar_subquery()
    )
    row = (
        db.session.execute(
            select(
                Answer.id,
                Answer.value,
                Question.title,
                Question.text,
                Question.how_judged,
                Question.kind,
                known_options(),
                Question.shape,
                Question.weight,
                Question.minimum,
                Question.scale_id,
                Question.id.label("question_id"),
                Application.id.label("application_id"),
                AgendaItem.turn,
                Organisation.name.label("provider_name"),
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
                Round.id.label("round_id"),
                Round.number.label("round_number"),
                Round.state.label("round_state"),
                Framework.title.label("framework_title"),
                AgreedMark.points,
                AgreedMark.reason,
                func.coalesce(AgreedMark.version, unlocked, 0).label("version"),
                AgreedMark.agreed_at,
                moderator.name.label("moderator_name"),
                AgreedMark.meeting_id,
                Meeting.started_at.label("met_at"),
                _who_met(AgreedMark).label("met"),
                declared_by(viewer).label("declared"),
            )
            .join(AgendaItem, AgendaItem.answer_id == Answer.id)
            .join(Question, Question.id == Answer.question_id)
            .join(Application, Application.id == Answer.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .join(Round, Round.id == Application.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .outerjoin(Lot, Lot.id == Answer.lot_id)
            .outerjoin(AgreedMark, AgreedMark.answer_id == Answer.id)
            .outerjoin(moderator, moderator.id == AgreedMark.moderator_id)
            .outerjoin(Meeting, Meeting.id == AgreedMark.meeting_id)
            .where(
                Answer.id == answer_id,
                counts(None, Answer.application_id, Answer.lot_id),
                Answer.application_id.not_in(conflicts_of(viewer)),
                Framework.council_id == viewer.organisation_id,
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    if viewer.may(*DECLARES_FIRST) and not row["declared"]:
        raise NotDeclaredYet(row["round_id"])  # as `refuse_undeclared`, without a statement of its own
    return row


def _who_met(mark: type[AgreedMark] | type[UnlockedMark]) -> ScalarSelect[str]:
    """The names of the panel's members who were there when a mark was agreed in a meeting, in one text; of a
    mark that is older than that this was kept, of all who were at the meeting."""
    there = case(
        (mark.present.is_not(None), Attendance.person_id == any_(mark.present)), else_=Attendance.present
    )
    return (
        select(func.string_agg(Person.name, aggregate_order_by(literal(", "), Person.name)))
        .join(Attendance, Attendance.person_id == Person.id)
        .where(Attendance.meeting_id == mark.meeting_id, there)
        .correlate_except(Attendance, Person)
        .scalar_subquery()
    )


def history_of(answer_id: int) -> Sequence[RowMapping]:
    """What an answer's agreed mark was before it was unlocked, newest first. Who may ask is the caller's to
    check. Columns: version, points, reason, moderator_name, agreed_at, why, unlocked_by, unlocked_at,
    meeting_id, met_at, met."""
    moderator, unlocker = aliased(Person), aliased(Person)
    return (
        db.session.execute(
            select(
                UnlockedMark.version,
                UnlockedMark.points,
                UnlockedMark.reason,
                moderator.name.label("moderator_name"),
                UnlockedMark.agreed_at,
                UnlockedMark.why,
                unlocker.name.label("unlocked_by"),
                UnlockedMark.unlocked_at,
                UnlockedMark.meeting_id,
                Meeting.started_at.label("met_at"),
                _who_met(UnlockedMark).label("met"),
            )
            .join(moderator, moderator.id == UnlockedMark.moderator_id)
            .join(unlocker, unlocker.id == UnlockedMark.unlocked_by_id)
            .outerjoin(Meeting, Meeting.id == UnlockedMark.meeting_id)
            .where(UnlockedMark.answer_id == answer_id)
            .order_by(UnlockedMark.version.desc())
        )
        .mappings()
        .all()
    )


def waiting_for(viewer: Actor) -> Waiting:
    """For a moderator: answers of their rounds that are ready to be agreed."""
    if not viewer.may("tender:moderate"):
        return Waiting()
    rows = db.session.execute(
        select(Round.id, Round.number, Framework.title, func.count().label("ready"))
        .join(PanelMember, PanelMember.round_id == Round.id)
        .join(Framework, Framework.id == Round.framework_id)
        .join(AgendaItem, AgendaItem.round_id == Round.id)
        .join(Question, Question.id == AgendaItem.question_id)
        .where(
            PanelMember.person_id == viewer.person_id,
            PanelMember.role == "moderator",
            Round.state == "marking",
            Framework.council_id == viewer.organisation_id,
            ~AgendaItem.agreed,
            counts(None, AgendaItem.application_id, AgendaItem.lot_id),
            AgendaItem.application_id.not_in(conflicts_of(viewer)),
        )
        .group_by(Round.id, Round.number, Framework.title)
        .order_by(Round.id)
    ).mappings()
    return Waiting(
        now=tuple(
            Task(
                f"{plural(row['ready'], 'agreed mark')} to make in round {row['number']} of {row['title']}",
                "Open the agenda",
                "moderation.agenda",
                {"round_id": row["id"]},
            )
            for row in rows
        )
    )
