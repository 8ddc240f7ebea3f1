"""Lists of agreements: a school's, a provider's, and the council's placements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.agreements.access import placed_and_read_by, readable_by
from portal.agreements.last_days import IN_FORCE, counts, last_day
from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.agreements.queries import joined, provider, school
from portal.call_offs.models import CallOff
from portal.commissioning.models import Referral
from portal.database import db
from portal.directory.models import Service
from portal.directory.offer import session_names
from portal.directory.statuses import STATUSES, Status, status_on
from portal.web.pagination import SIZE, offset_of
from tender.frameworks.models import Framework, Lot


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """An agreement in a list, with what the version says that counts: the one in force, else the last that
    the reader may see. `status` is what the provider's standing is worth today, a key of `STATUSES`."""

    id: int
    reference: str
    state: str
    school_name: str
    provider_name: str
    service_title: str
    lot_number: str
    lot_title: str
    framework_title: str
    status: str
    year_group: int
    starts_on: date
    ends_on: date
    sessions: list[str]
    session_hours: Decimal
    signed_at: datetime | None
    closed_on: date | None
    opened: str | None

    @property
    def hours(self) -> Decimal:
        """Hours a week."""
        return len(self.sessions) * self.session_hours

    @property
    def session_names(self) -> str:
        """The half days in words."""
        return session_names(self.sessions)

    @property
    def last_day(self) -> date:
        """The last day as it stands."""
        return self.closed_on if self.state == "ended" and self.closed_on else self.ends_on

    @property
    def stage(self) -> str:
        """Where it is, as a code of `STAGES`."""
        return stage_of(self.state, self.starts_on, self.last_day)

    @property
    def on_register(self) -> Status:
        """The provider's standing in words."""
        return STATUSES[self.status]

    @property
    def worries(self) -> bool:
        """Whether the provider's standing is not open, and the placement goes on or is yet to come."""
        return self.status != "admitted" and self.stage not in ("over", "cancelled")


STAGES = {
    "draft": ("Being written", "yellow"),
    "signing": ("Out for signing", "blue"),
    "to_come": ("Agreed, to start", "green"),
    "in_force": ("In force", "green"),
    "ending": ("Ends early", "orange"),
    "over": ("Over", "grey"),
    "cancelled": ("Cancelled", "grey"),
}
"""The words of a stage, and the colour of its tag."""


def stage_of(state: str, starts_on: date, last_day: date) -> str:
    """Where an agreement is today: its state, and what follows from its days."""
    if state not in ("in_force", "ended"):
        return state
    if last_day < clock.today():
        return "over"
    if state == "ended":
        return "ending"
    return "to_come" if starts_on > clock.today() else "in_force"


def agreements_for(viewer: Actor, page: int) -> tuple[list[AgreementLine], int]:
    """A page of the agreements of the viewer's school or provider, the newest first; and how many."""
    if not viewer.may("agreement:read"):
        return [], 0
    own = or_(
        PlacementAgreement.school_id == viewer.organisation_id,
        PlacementAgreement.provider_id == viewer.organisation_id,
    )
    statement = _lines(hide_drafts=viewer.organisation_kind == "provider").where(readable_by(viewer), own)
    return _page(statement.order_by(PlacementAgreement.id.desc()), page)


def placements(
    viewer: Actor, *, words: str = "", lot_id: int | None = None, state: str = "", page: int = 1
) -> tuple[list[AgreementLine], int]:
    """A page of the placements that the viewer's council reads, those that begin last first; and how many."""
    return _page(_placements(viewer, words, lot_id, state), page)


def every_placement(viewer: Actor, *, words: str, lot_id: int | None, state: str) -> Iterator[AgreementLine]:
    """All placements of that choice, for a file."""
    for row in db.session.execute(_placements(viewer, words, lot_id, state)):
        yield AgreementLine(**{name: value for name, value in row._asdict().items() if name != "total"})


def figures_for(viewer: Actor) -> Sequence[Row[Any]]:
    """How much is placed today under the frameworks of the viewer's council, by lot and provider.

    `lot_number`, `lot_title`, `framework`, `provider`; `in_force` and `to_come`; `half_days` and `hours` a
    week of those in force; `schools`. What is over is left out. One statement.
    """
    if not viewer.may("placement:count"):
        return ()
    today = clock.today()
    counts = _first_day() <= today
    half_days = func.cardinality(AgreementVersion.sessions)
    return db.session.execute(
        joined(
            select(
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
                Framework.title.label("framework"),
                provider.name.label("provider"),
                func.count().filter(counts).label("in_force"),
                func.count().filter(~counts).label("to_come"),
                func.coalesce(func.sum(half_days).filter(counts), 0).label("half_days"),
                func.coalesce(func.sum(half_days * AgreementVersion.session_hours).filter(counts), 0).label(
                    "hours"
                ),
                func.count(PlacementAgreement.school_id.distinct()).label("schools"),
            ).select_from(PlacementAgreement)
        )
        .join(AgreementVersion, IN_FORCE)
        .where(Framework.council_id == viewer.organisation_id, last_day() >= today)
        .group_by(Lot.id, Framework.id, provider.id, provider.name)
        .order_by(Framework.title, Lot.id, provider.name, provider.id)
    ).all()


def lots_with_placements(viewer: Actor) -> list[tuple[int, str]]:
    """The lots (id, name) under which the viewer's council has placements."""
    rows = db.session.execute(
        joined(
            select(Lot.id, Lot.number, Lot.title, Framework.title.label("framework")).select_from(
                PlacementAgreement
            )
        )
        .where(placed_and_read_by(viewer))
        .distinct()
        .order_by(Framework.title, Lot.id)
    )
    return [(row.id, f"Lot {row.number}: {row.title} ({row.framework})") for row in rows]


def _placements(viewer: Actor, words: str, lot_id: int | None, state: str) -> Select[Any]:
    statement = _lines().where(placed_and_read_by(viewer))
    if words.strip():
        pattern = "%" + words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        statement = statement.where(
            or_(
                school.name.ilike(pattern),
                provider.name.ilike(pattern),
                PlacementAgreement.reference.ilike(pattern),
            )
        )
    if lot_id is not None:
        statement = statement.where(Lot.id == lot_id)
    if state != "all":
        over = last_day() < clock.today()
        statement = statement.where(over if state == "over" else ~over)
    return statement.order_by(_first_day().desc(), PlacementAgreement.id.desc())


def _first_day() -> ColumnElement[Any]:
    """The first day of the placement: the first version's that both signed, else the one's that is read."""
    agreed = aliased(AgreementVersion)
    first = (
        select(func.min(agreed.starts_on))
        .where(agreed.agreement_id == PlacementAgreement.id, counts(agreed))
        .correlate(PlacementAgreement)
        .scalar_subquery()
    )
    return func.coalesce(first, AgreementVersion.starts_on)


def _lines(*, hide_drafts: bool = False) -> Select[Any]:
    """Agreements with the version that counts for the reader."""
    opened = (
        select(AgreementVersion.state)
        .where(AgreementVersion.agreement_id == PlacementAgreement.id)
        .where(AgreementVersion.state.in_(("offered",) if hide_drafts else ("draft", "offered")))
        .correlate(PlacementAgreement)
        .scalar_subquery()
    )
    last = (
        select(func.max(AgreementVersion.number))
        .where(AgreementVersion.agreement_id == PlacementAgreement.id)
        .correlate(PlacementAgreement)
    )
    if hide_drafts:
        last = last.where(AgreementVersion.offered_at.is_not(None))
    counts = func.coalesce(PlacementAgreement.version_in_force, last.scalar_subquery())
    return (
        joined(
            select(
                PlacementAgreement.id,
                PlacementAgreement.reference,
                PlacementAgreement.state,
                school.name.label("school_name"),
                provider.name.label("provider_name"),
                Service.title.label("service_title"),
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
                Framework.title.label("framework_title"),
                status_on(clock.today(), provider).label("status"),
                Referral.year_group,
                _first_day().label("starts_on"),
                AgreementVersion.ends_on,
                AgreementVersion.sessions,
                AgreementVersion.session_hours,
                AgreementVersion.agreed_at.label("signed_at"),
                PlacementAgreement.closed_on,
                opened.label("opened"),
                func.count().over().label("total"),
            ).select_from(PlacementAgreement)
        )
        .join(Referral, Referral.id == CallOff.referral_id)
        .join(
            AgreementVersion,
            (AgreementVersion.agreement_id == PlacementAgreement.id) & (AgreementVersion.number == counts),
        )
    )


def _page(statement: Select[Any], page: int) -> tuple[list[AgreementLine], int]:
    rows: Sequence[Any] = db.session.execute(statement.limit(SIZE).offset(offset_of(page))).all()
    lines = [
        AgreementLine(**{name: value for name, value in row._asdict().items() if name != "total"})
        for row in rows
    ]
    return lines, (rows[0].total if rows else 0)
