"""Reading assessment summaries: a round's, with how much of them is written, and one tender's, criterion by
criterion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, Select, and_, any_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from evaluation.assignments.conflict_queries import conflicts_of
from evaluation.conformity.answer_queries import markable_answers
from evaluation.conformity.queries import lots_with_standing
from evaluation.moderation.models import AgreedMark
from evaluation.summaries.models import AssessmentSummary, SummaryText
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from portal.tasks import Task, Waiting
from portal.web.filters import plural
from tender.applications.closed_queries import refuse_undeclared, round_with_tenderers
from tender.applications.models import Answer, Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Lot, Question, Round, Scale, ScaleBand

PAGE = 50
WRITTEN_IN = ("marking", "decided", "released", "terminated")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a round's summaries is there: criteria, those covered, those as the portal drafted them
    (covered only where no higher mark exists); tenders, and those whose summary is ready; and how many of the
    criteria are prices that a formula scores: the letter itself covers them, with price, lowest and
    formula."""

    criteria: int
    covered: int
    as_drafted: int
    tenders: int
    ready: int
    prices: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing lacks: every criterion covered, every summary approved."""
        return self.covered == self.criteria and self.ready == self.tenders


@dataclass(frozen=True, slots=True)
class Explained:
    """A criterion of a tender: its agreed mark and reason, and the newest text about it.

    `next_*` describe the band above, where there is one.
    """

    answer_id: int
    title: str
    lot_number: str | None
    weight: Decimal
    highest: int
    points: int | None
    label: str | None
    reason: str | None
    mark_version: int | None
    next_points: int | None
    next_label: str | None
    next_descriptor: str | None
    version: int | None
    explanation: str | None
    not_higher: str | None
    drafted: bool | None
    text_mark_version: int | None
    written_by: str | None
    written_by_id: int | None
    written_at: datetime | None

    @property
    def covered(self) -> bool:
        """Whether there is a text about the mark as it stands, and a person's word why it is no higher: what
        the portal drafted of that are the scale's words alone, until somebody edits or confirms them."""
        return self.fits and not (self.drafted and self.not_higher)

    @property
    def fits(self) -> bool:
        """Whether the text is about the mark as it stands."""
        return self.mark_version is not None and self.mark_version == self.text_mark_version

    @property
    def at_the_top(self) -> bool:
        """Whether no higher mark exists."""
        return self.next_points is None

    @property
    def name(self) -> str:
        """'Curriculum (lot 3)'."""
        return self.title + (f" (lot {self.lot_number})" if self.lot_number else "")


def newest_texts() -> Select[Any]:
    """Select of the newest text of each answer."""
    return (
        select(SummaryText)
        .ext(distinct_on(SummaryText.answer_id))
        .order_by(SummaryText.answer_id, SummaryText.version.desc())
    )


def round_for(viewer: Actor, round_id: int) -> RoundFacts:
    """A round of the viewer's council that is or was marked. Raises `NotFound` for any other, and
    `NotDeclaredYet`."""
    facts = round_with_tenderers(viewer, round_id)
    if facts.state not in WRITTEN_IN:
        raise NotFound
    return facts


def _per_tender(round_id: int) -> Select[Any]:
    answers = markable_answers(round_id).subquery()
    text = newest_texts().subquery()
    fits = AgreedMark.version == text.c.mark_version
    covers = and_(fits, or_(~text.c.drafted, text.c.not_higher == ""))
    return (
        select(
            answers.c.application_id,
            func.count().label("criteria"),
            func.count().filter(covers).label("covered"),
            func.count().filter(fits, text.c.drafted).label("as_drafted"),
        )
        .outerjoin(AgreedMark, AgreedMark.answer_id == answers.c.id)
        .outerjoin(text, text.c.answer_id == answers.c.id)
        .group_by(answers.c.application_id)
    )


def coverage_of(round_id: int) -> Coverage:
    """How much of a round's summaries is there, in one statement."""
    tender = _per_tender(round_id).subquery()
    ready = and_(AssessmentSummary.state == "approved", tender.c.covered == tender.c.criteria)
    row = db.session.execute(
        select(
            func.coalesce(func.sum(tender.c.criteria), 0),
            func.coalesce(func.sum(tender.c.covered), 0),
            func.coalesce(func.sum(tender.c.as_drafted), 0),
            func.count(),
            func.count().filter(ready),
            select(func.count()).select_from(_prices_of(round_id).subquery()).scalar_subquery(),
        )
        .select_from(tender)
        .outerjoin(AssessmentSummary, AssessmentSummary.application_id == tender.c.application_id)
    ).one()
    criteria, covered, as_drafted, tenders, ready_ones, prices = map(int, row)
    return Coverage(criteria + prices, covered + prices, as_drafted, tenders, ready_ones, prices)


def _prices_of(round_id: int) -> Select[Any]:
    """Select of the prices that a formula scores, one for each tender and lot that stands."""
    lots = lots_with_standing(round_id).subquery()
    return (
        select(lots.c.application_id, lots.c.lot_id, Question.id)
        .join(Question, Question.round_id == round_id)
        .where(
            lots.c.stands,
            Question.judged_as == "priced",
            Question.withdrawn_in.is_(None),
            or_(func.cardinality(Question.lots) == 0, lots.c.lot_id == any_(Question.lots)),
        )
    )


def unready_tenders(round_id: int) -> set[int]:
    """The applications with marked answers whose summary is not ready: no letter is written to them yet."""
    tender = _per_tender(round_id).subquery()
    rows = db.session.execute(
        select(tender.c.application_id, tender.c.criteria == tender.c.covered, AssessmentSummary.state)
        .select_from(tender)
        .outerjoin(AssessmentSummary, AssessmentSummary.application_id == tender.c.application_id)
    )
    return {application for application, covered, state in rows if not covered or state != "approved"}


def summaries_of(round_id: int, *, skip: int = 0) -> tuple[Sequence[RowMapping], int]:
    """One page of a round's marked tenders with their summaries, by provider, and how many there are.

    application_id, provider_name, state, version, offered_by_id, criteria, covered, as_drafted.
    """
    tender = _per_tender(round_id).subquery()
    rows = (
        db.session.execute(
            select(
                tender,
                Organisation.name.label("provider_name"),
                func.coalesce(AssessmentSummary.state, "draft").label("state"),
                func.coalesce(AssessmentSummary.version, 0).label("version"),
                AssessmentSummary.offered_by_id,
                func.count().over().label("of_all"),
            )
            .select_from(tender)
            .join(Application, Application.id == tender.c.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .outerjoin(AssessmentSummary, AssessmentSummary.application_id == tender.c.application_id)
            .order_by(Organisation.name, tender.c.application_id)
            .limit(PAGE)
            .offset(skip)
        )
        .mappings()
        .all()
    )
    return rows, (rows[0]["of_all"] if rows else 0)


def criteria_of(round_id: int, application_id: int) -> list[Explained]:
    """One tender's criteria in the order asked, in one statement."""
    answers = markable_answers(round_id).subquery()
    text, above, ladder = newest_texts().subquery(), aliased(ScaleBand), aliased(ScaleBand)
    better = (
        select(func.min(ladder.points))
        .where(ladder.scale_id == AgreedMark.scale_id, ladder.points > AgreedMark.points)
        .correlate(AgreedMark)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Answer.id,
            Question.title,
            Lot.number,
            Question.weight,
            Scale.highest,
            AgreedMark.points,
            ScaleBand.label,
            AgreedMark.reason,
            AgreedMark.version,
            above.points,
            above.label,
            above.descriptor,
            text.c.version,
            text.c.explanation,
            text.c.not_higher,
            text.c.drafted,
            text.c.mark_version,
            Person.name,
            text.c.written_by_id,
            text.c.written_at,
        )
        .select_from(answers)
        .join(Answer, Answer.id == answers.c.id)
        .join(Question, Question.id == Answer.question_id)
        .join(Scale, Scale.id == Question.scale_id)
        .outerjoin(Lot, Lot.id == Answer.lot_id)
        .outerjoin(AgreedMark, AgreedMark.answer_id == Answer.id)
        .outerjoin(
            ScaleBand,
            and_(ScaleBand.scale_id == AgreedMark.scale_id, ScaleBand.points == AgreedMark.points),
        )
        .outerjoin(above, and_(above.scale_id == AgreedMark.scale_id, above.points == better))
        .outerjoin(text, text.c.answer_id == Answer.id)
        .outerjoin(Person, Person.id == text.c.written_by_id)
        .where(answers.c.application_id == application_id)
        .order_by(Question.position, Lot.position, Answer.id)
    )
    return [Explained(*row) for row in rows]


def summary_for(viewer: Actor, round_id: int, application_id: int) -> RowMapping:
    """One tender's summary: provider_name, state, version, return_reason, who offered and approved it, when.

    Raises `NotFound`, also where the viewer declared a conflict, and `NotDeclaredYet`.
    """
    offered, approved = aliased(Person), aliased(Person)
    row = (
        db.session.execute(
            select(
                Application.id.label("application_id"),
                Organisation.name.label("provider_name"),
                func.coalesce(AssessmentSummary.state, "draft").label("state"),
                func.coalesce(AssessmentSummary.version, 0).label("version"),
                func.coalesce(AssessmentSummary.return_reason, "").label("return_reason"),
                AssessmentSummary.offered_at,
                AssessmentSummary.offered_by_id,
                offered.name.label("offered_by"),
                AssessmentSummary.approved_at,
                approved.name.label("approved_by"),
            )
            .join(Organisation, Organisation.id == Application.provider_id)
            .outerjoin(AssessmentSummary, AssessmentSummary.application_id == Application.id)
            .outerjoin(offered, offered.id == AssessmentSummary.offered_by_id)
            .outerjoin(approved, approved.id == AssessmentSummary.approved_by_id)
            .where(
                Application.id == application_id,
                Application.round_id == round_id,
                Application.state == "submitted",
                Application.id.not_in(conflicts_of(viewer)),
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    refuse_undeclared(viewer, [application_id])
    return row


def history_of(application_id: int) -> Mapping[int, Sequence[RowMapping]]:
    """Every version of a tender's texts by answer, the newest first: version, explanation, not_higher, who
    and when."""
    rows = db.session.execute(
        select(
            SummaryText.answer_id,
            SummaryText.version,
            SummaryText.explanation,
            SummaryText.not_higher,
            SummaryText.drafted,
            SummaryText.written_at,
            Person.name,
        )
        .join(Answer, Answer.id == SummaryText.answer_id)
        .join(Person, Person.id == SummaryText.written_by_id)
        .where(Answer.application_id == application_id)
        .order_by(SummaryText.answer_id, SummaryText.version.desc())
    ).mappings()
    found: dict[int, list[RowMapping]] = {}
    for row in rows:
        found.setdefault(row["answer_id"], []).append(row)
    return found


def waiting_for(viewer: Actor) -> Waiting:
    """For the approver: summaries that wait for them. What the lead has to write, outcomes tell."""
    if not viewer.may("outcome:approve"):
        return Waiting()
    rows = db.session.execute(
        select(Round.id, Round.number, Framework.title, func.count().label("waiting"))
        .select_from(AssessmentSummary)
        .join(Application, Application.id == AssessmentSummary.application_id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            Framework.council_id == viewer.organisation_id,
            AssessmentSummary.state == "offered",
            AssessmentSummary.offered_by_id != viewer.person_id,
        )
        .group_by(Round.id, Framework.id)
        .order_by(Round.id)
    )
    return Waiting(
        tuple(
            Task(
                f"{plural(row.waiting, 'assessment summary', 'assessment summaries')} to approve in round "
                f"{row.number} of {row.title}",
                "Read them",
                "summaries.index",
                {"round_id": row.id},
            )
            for row in rows
        )
    )
