"""Reading the conditions of admissions: those that are open, and one with what its provider can show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select

from evaluation.outcomes.models import AdmissionCondition, ConditionExtension, Decision
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.directory.models import Standing
from portal.errors import NotFound
from portal.evidence.document_types import type_name
from portal.evidence.queries import VaultVersion, offered_by
from portal.tasks import GoingOn, Task
from portal.web.filters import plural, uk_date
from tender.applications.models import Application
from tender.frameworks.models import Framework, Lot, Round

PAGE = 50


@dataclass(frozen=True, slots=True)
class AskedCondition:
    """A condition of an admission that has been told to its provider, and how it stands today.

    `due_on` is the day that counts now, `approved_due_on` the one that was approved with the decision.
    """

    id: int
    text: str
    evidence_type: str | None
    due_on: date
    approved_due_on: date
    met_at: datetime | None
    met_by: str | None
    met_how: str
    document_id: UUID | None
    provider_id: int
    provider_name: str
    lot_number: str
    lot_title: str
    round_id: int
    round_number: int
    framework_title: str
    framework_ends_on: date
    standing: str | None

    @property
    def lot_name(self) -> str:
        """'Lot 6: Creative and media'."""
        return f"Lot {self.lot_number}: {self.lot_title}"

    @property
    def round_name(self) -> str:
        """'Round 4 of Manchester Alternative Education Provision'."""
        return f"Round {self.round_number} of {self.framework_title}"

    @property
    def overdue(self) -> bool:
        """Whether its day has passed and it is not met."""
        return self.met_at is None and self.due_on < clock.today()

    @property
    def moved(self) -> bool:
        """Whether more time was given for it."""
        return self.due_on != self.approved_due_on

    @property
    def wanted(self) -> str:
        """'Public liability insurance'; empty where no kind of document is named."""
        return type_name(self.evidence_type) if self.evidence_type else ""


@dataclass(frozen=True, slots=True)
class MoreTime:
    """A later day that was given for a condition, and why."""

    was_due_on: date
    due_on: date
    reason: str
    given_at: datetime
    given_by: str


# The day by which a condition is to be met: the latest that was given, or the one that was approved.
_DUE_ON = func.coalesce(
    select(func.max(ConditionExtension.due_on))
    .where(ConditionExtension.condition_id == AdmissionCondition.id)
    .correlate(AdmissionCondition)
    .scalar_subquery(),
    AdmissionCondition.due_on,
)


def _asked(*further: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            AdmissionCondition.id,
            AdmissionCondition.text,
            AdmissionCondition.evidence_type,
            _DUE_ON.label("due_on"),
            AdmissionCondition.due_on.label("approved_due_on"),
            AdmissionCondition.met_at,
            Person.name.label("met_by"),
            AdmissionCondition.met_how,
            AdmissionCondition.document_id,
            Organisation.id,
            Organisation.name,
            Lot.number,
            Lot.title,
            Round.id,
            Round.number,
            Framework.title,
            Framework.ends_on,
            Standing.state,
            *further,
        )
        .join(Decision, and_(Decision.id == AdmissionCondition.decision_id, Decision.state == "released"))
        .join(Application, Application.id == Decision.application_id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .join(Lot, Lot.id == Decision.lot_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .outerjoin(Standing, and_(Standing.provider_id == Application.provider_id, Standing.lot_id == Lot.id))
        .outerjoin(Person, Person.id == AdmissionCondition.met_by_id)
    )


def _of_council(viewer: Actor) -> ColumnElement[bool]:
    return Framework.council_id == viewer.organisation_id


def open_conditions(viewer: Actor, *, skip: int = 0) -> tuple[list[AskedCondition], int]:
    """One page of the open conditions of the viewer's council, what is due first at the top; and how many
    there are."""
    rows = db.session.execute(
        _asked(func.count().over().label("total"))
        .where(_of_council(viewer), AdmissionCondition.met_at.is_(None))
        .order_by(_DUE_ON, Organisation.name, AdmissionCondition.id)
        .limit(PAGE)
        .offset(skip)
    ).all()
    return [AskedCondition(*row[:-1]) for row in rows], (rows[0].total if rows else 0)


def condition_for(viewer: Actor, condition_id: int) -> AskedCondition:
    """One condition of the viewer's council, once its provider was told. Raises `NotFound`."""
    row = db.session.execute(
        _asked().where(_of_council(viewer), AdmissionCondition.id == condition_id)
    ).one_or_none()
    if row is None or not viewer.may("condition:meet"):
        raise NotFound
    return AskedCondition(*row)


def more_time_of(condition_id: int) -> list[MoreTime]:
    """Every later day that was given for a condition, the first one first."""
    rows = db.session.execute(
        select(
            ConditionExtension.was_due_on,
            ConditionExtension.due_on,
            ConditionExtension.reason,
            ConditionExtension.given_at,
            Person.name,
        )
        .join(Person, Person.id == ConditionExtension.given_by_id)
        .where(ConditionExtension.condition_id == condition_id)
        .order_by(ConditionExtension.due_on)
    )
    return [MoreTime(*row) for row in rows]


def moved_since(viewer: Actor, application_id: int) -> list[AskedCondition]:
    """The open conditions of the viewer's own application that were given more time after its letter."""
    rows = db.session.execute(
        _asked()
        .where(
            Application.id == application_id,
            Application.provider_id == viewer.organisation_id,
            AdmissionCondition.met_at.is_(None),
            AdmissionCondition.due_on < _DUE_ON,
        )
        .order_by(Lot.position, AdmissionCondition.position)
    ).all()
    return [AskedCondition(*row) for row in rows]


def documents_for(condition: AskedCondition) -> list[VaultVersion]:
    """What the provider's vault offers for it, documents of the kind that is wanted first."""
    return offered_by(condition.provider_id, condition.evidence_type)


def tasks_of(viewer: Actor) -> tuple[list[Task], list[GoingOn]]:
    """What open conditions ask of a council's people, and of a provider's: one statement, or none."""
    if viewer.organisation_kind == "provider":
        return _for_provider(viewer), []
    if not viewer.may("condition:meet"):
        return [], []
    late, waiting = db.session.execute(
        select(
            func.count().filter(clock.today() > _DUE_ON),
            func.count().filter(clock.today() <= _DUE_ON),
        )
        .join(Decision, and_(Decision.id == AdmissionCondition.decision_id, Decision.state == "released"))
        .join(Application, Application.id == Decision.application_id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(_of_council(viewer), AdmissionCondition.met_at.is_(None))
    ).one()
    now = []
    if late:
        sentence = f"{plural(late, 'condition')} of admission overdue"
        detail = "Schools do not see these providers until every condition is met."
        now.append(Task(sentence, "See them", "conditions.index", detail=detail))
    words = f"{plural(waiting, 'condition')} of admission to be met"
    return now, [GoingOn(words, "waiting", "conditions.index")] if waiting else []


def has_open_conditions() -> ColumnElement[bool]:
    """Whether a condition of an application's admissions is open, in a statement over `Application`."""
    return (
        select(AdmissionCondition.id)
        .join(Decision, and_(Decision.id == AdmissionCondition.decision_id, Decision.state == "released"))
        .where(Decision.application_id == Application.id, AdmissionCondition.met_at.is_(None))
        .correlate(Application)
        .exists()
    )


def _for_provider(viewer: Actor) -> list[Task]:
    rows: Sequence[Any] = db.session.execute(
        _asked()
        .where(Application.provider_id == viewer.organisation_id, AdmissionCondition.met_at.is_(None))
        .add_columns(Application.id.label("application_id"))
        .order_by(_DUE_ON, AdmissionCondition.id)
        .limit(10)
    ).all()
    asked = [(AskedCondition(*row[:-1]), row.application_id) for row in rows]
    return [
        Task(
            f"A condition of your admission is open: {each.text}",
            "Read your letter",
            "release.letter",
            {"application_id": application_id},
            due_at=datetime.combine(each.due_on, time(23, 59), clock.LONDON),
            detail=f"{each.lot_name}. Due by {uk_date(each.due_on, weekday=True)}"
            + (f", no longer by {uk_date(each.approved_due_on)}." if each.moved else "."),
        )
        for each, application_id in asked
    ]
