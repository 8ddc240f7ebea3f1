"""Reading referrals: only the school that sent one and the provider that received it see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.commissioning.lifecycle import REFERRAL
from portal.commissioning.models import Referral
from portal.commissioning.need_profile import NeedProfile
from portal.database import db
from portal.directory.models import Service, Standing
from portal.directory.offer import need_names
from portal.directory.queries import live_condition
from portal.errors import NotFound
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import uk_date, uk_datetime

ANSWERS_ARE_NEWS = timedelta(days=7)
PAGE_SIZE = 20
_MOST_LISTED = 10
_School = aliased(Organisation)
_Provider = aliased(Organisation)
_Sender = aliased(Person)
_Answerer = aliased(Person)


@dataclass(frozen=True, slots=True)
class ReferralLine:
    """A referral in a list."""

    id: int
    reference: str
    state: str
    year_group: int
    days_a_week: int
    start_wanted_on: date
    start_on: date | None
    sent_at: datetime
    urgent: bool
    answer_by: datetime | None
    answered_at: datetime | None
    school_id: int
    school_name: str
    service_id: int
    service_title: str
    provider_id: int
    provider_name: str

    @property
    def late(self) -> bool:
        """Whether it is not answered and its window is over."""
        return self.state == "sent" and self.answer_by is not None and self.answer_by <= clock.now()

    @property
    def age(self) -> int:
        """Whole days since it was sent."""
        return (clock.today() - clock.london(self.sent_at).date()).days


@dataclass(frozen=True, slots=True)
class ReferralFacts(ReferralLine):
    """A referral with all that the two of them may read."""

    needs: list[str]
    need_summary: str
    strengths: str
    what_has_worked: str
    transport: str
    sender_name: str
    sender_email: str
    answerer_name: str | None
    answerer_email: str | None
    withdrawn_at: datetime | None
    decline_reason: str
    answer_note: str
    service_live: bool
    moves: frozenset[str]

    @property
    def need_names(self) -> str:
        """The child's needs in words."""
        return need_names(self.needs)


def referral_for(viewer: Actor, referral_id: int) -> ReferralFacts:
    """A referral with the moves open to the viewer. Raises `NotFound` for anyone but the two of them."""
    lines = tuple(ReferralLine.__dataclass_fields__)
    texts = [
        name for name in ReferralFacts.__dataclass_fields__ if hasattr(Referral, name) and name not in lines
    ]
    statement = (
        _lines()
        .add_columns(
            *(getattr(Referral, name) for name in texts),
            _Sender.name.label("sender_name"),
            _Sender.email.label("sender_email"),
            _Answerer.name.label("answerer_name"),
            _Answerer.email.label("answerer_email"),
            live_condition(clock.today()).label("service_live"),
        )
        .join(Standing, Standing.id == Service.standing_id)
        .join(_Sender, _Sender.id == Referral.sent_by_id)
        .outerjoin(_Answerer, _Answerer.id == Referral.answered_by_id)
        .where(Referral.id == referral_id, _readable_by(viewer))
    )
    found = db.session.execute(statement).one_or_none()
    if found is None:
        raise NotFound()
    row = found._asdict()
    if row["school_id"] == viewer.organisation_id:
        own = {"withdraw"} if viewer.may("referral:send") else set()
    else:
        own = {"accept", "decline"}
    return ReferralFacts(**row, moves=REFERRAL.open_from(row["state"]) & own)


def profile_for(viewer: Actor, referral_id: int) -> tuple[NeedProfile, UUID]:
    """What the viewer's school wrote for a referral of its own, and its request. Raises `NotFound`."""
    names = [each.name for each in fields(NeedProfile)]
    row = db.session.execute(
        select(*(getattr(Referral, name) for name in names), Referral.request_id).where(
            Referral.id == referral_id, Referral.school_id == viewer.organisation_id
        )
    ).one_or_none()
    if row is None or not viewer.may("referral:send"):
        raise NotFound()
    return NeedProfile(*row[:-1]), row.request_id


def referrals_for(viewer: Actor, page: int) -> tuple[list[ReferralLine], int]:
    """A page of what the viewer's school sent or provider received, and how many in all.

    Those without an answer stand first, the oldest of them at the top; then the newest.
    """
    waiting_since = case((Referral.state == "sent", Referral.sent_at))
    statement = (
        _lines()
        .add_columns(func.count().over().label("total"))
        .where(_readable_by(viewer))
        .order_by(waiting_since.asc().nulls_last(), Referral.sent_at.desc(), Referral.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    rows = [row._asdict() for row in db.session.execute(statement)]
    if not rows:
        return [], _count(viewer) if page > 1 else 0
    total = [row.pop("total") for row in rows][0]
    return [ReferralLine(**row) for row in rows], total


def waiting_for(viewer: Actor) -> Waiting:
    """For providers: referrals to answer, oldest first. For schools: this week's answers, answers that are
    overdue, and what is out."""
    statement = waiting_statement(viewer)
    return (
        waiting_of(viewer, [row._asdict() for row in db.session.execute(statement)])
        if statement is not None
        else Waiting()
    )


def waiting_statement(viewer: Actor) -> Select[Any] | None:
    """The referrals of which a home page speaks, for whoever reads them together with something else; None
    for whoever has none."""
    if not viewer.may("referral:answer", "referral:read"):
        return None
    open_or_new = [Referral.state == "sent"]
    if viewer.may("referral:read"):
        open_or_new.append(Referral.answered_at > clock.now() - ANSWERS_ARE_NEWS)
    return (
        _lines()
        .where(_readable_by(viewer), or_(*open_or_new))
        .order_by(Referral.sent_at, Referral.id)
        .limit(5 * _MOST_LISTED)
    )


def waiting_of(viewer: Actor, rows: Iterable[Mapping[str, Any]]) -> Waiting:
    """What a home page says of the rows of `waiting_statement`."""
    lines = [ReferralLine(**row) for row in rows]
    if viewer.may("referral:answer"):
        return Waiting(now=tuple(_to_answer(line) for line in lines[:_MOST_LISTED]))
    out = [line for line in lines if line.state == "sent" and not line.late]
    news = [line for line in lines if line not in out]
    return Waiting(
        now=tuple(_overdue(line) if line.late else _answer(line) for line in news[:_MOST_LISTED]),
        going_on=tuple(_waiting(line) for line in out[:_MOST_LISTED]),
    )


def _to_answer(line: ReferralLine) -> Task:
    return Task(
        sentence=f"{line.school_name} asks for a place for a child in year {line.year_group}"
        f" at {line.service_title}.",
        verb="Read and answer",
        endpoint="commissioning.show",
        values={"referral_id": line.id},
        due_at=None if line.late else line.answer_by,
        detail=("Emergency. " if line.urgent else "")
        + f"Referral {line.reference}, sent on {uk_date(line.sent_at)}."
        + f" Wanted from {uk_date(line.start_wanted_on)}."
        + (f" Your answer was due by {uk_datetime(line.answer_by)}." if line.late else ""),
    )


def _answer(line: ReferralLine) -> Task:
    yes = f"can take the child from {uk_date(line.start_on)}" if line.start_on else "cannot take the child"
    return Task(
        sentence=f"{line.provider_name} {yes}: referral {line.reference}, year {line.year_group}.",
        verb="Read the answer",
        endpoint="commissioning.show",
        values={"referral_id": line.id},
        detail=f"Answered on {uk_date(line.answered_at)}.",
    )


def _overdue(line: ReferralLine) -> Task:
    return Task(
        sentence=f"{line.provider_name} has not answered: referral {line.reference}, year {line.year_group}.",
        verb="Wait, or ask others",
        endpoint="commissioning.show",
        values={"referral_id": line.id},
        detail=("Emergency. " if line.urgent else "")
        + (f"The answer was due by {uk_datetime(line.answer_by)}." if line.answer_by else ""),
    )


def _waiting(line: ReferralLine) -> GoingOn:
    return GoingOn(
        sentence=f"Referral {line.reference}, year {line.year_group}, to {line.provider_name}",
        state="waiting",
        endpoint="commissioning.show",
        values={"referral_id": line.id},
        detail=f"Sent on {uk_date(line.sent_at)}."
        + (f" To be answered by {uk_datetime(line.answer_by)}." if line.answer_by else ""),
    )


def _readable_by(viewer: Actor) -> ColumnElement[bool]:
    """The rule of this noun: the school that sent it, and the provider that it was sent to."""
    mine: list[ColumnElement[bool]] = []
    if viewer.may("referral:read"):
        mine.append(Referral.school_id == viewer.organisation_id)
    if viewer.may("referral:answer"):
        mine.append(Service.provider_id == viewer.organisation_id)
    return or_(*mine) if mine else false()


def _count(viewer: Actor) -> int:
    statement = (
        select(func.count())
        .select_from(Referral)
        .join(Service, Service.id == Referral.service_id)
        .where(_readable_by(viewer))
    )
    return db.session.scalar(statement) or 0


def _lines() -> Select[Any]:
    names = [name for name in ReferralLine.__dataclass_fields__ if hasattr(Referral, name)]
    return (
        select(
            *(getattr(Referral, name) for name in names),
            _School.name.label("school_name"),
            Service.title.label("service_title"),
            Service.provider_id,
            _Provider.name.label("provider_name"),
        )
        .join(Service, Service.id == Referral.service_id)
        .join(_School, _School.id == Referral.school_id)
        .join(_Provider, _Provider.id == Service.provider_id)
    )
