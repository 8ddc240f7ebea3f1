"""Reading the conditions of admissions: those that are open, and one with what its provider can show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select

from evaluation.outcomes.models import AdmissionCondition, Decision
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
    """A condition of an admission that has been told to its provider, and how it stands today."""

    id: int
    text: str
    evidence_type: str | None
    due_on: date
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
    def wanted(self) -> str:
        """'Public liability insurance'; empty where no kind of document is named."""
        return type_name(self.evidence_type) if self.evidence_type else ""


def _asked(*further: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            AdmissionCondition.id,
            AdmissionCondition.text,
            AdmissionCondition.evidence_type,
            AdmissionCondition.due_on,
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
        .order_by(AdmissionCondition.due_on, Organisation.name, AdmissionCondition.id)
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
            func.count().filter(AdmissionCondition.due_on < clock.today()),
            func.count().filter(AdmissionCondition.due_on >= clock.today()),
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
        .order_by(AdmissionCondition.due_on, AdmissionCondition.id)
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
            detail=f"{each.lot_name}. Due by {uk_date(each.due_on, weekday=True)}.",
        )
        for each, application_id in asked
    ]
