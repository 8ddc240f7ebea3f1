"""Reading referrals: only the school that sent one and the provider that received it see it."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.commissioning.choices import Choice, choice_of
from portal.commissioning.lifecycle import REFERRAL
from portal.commissioning.models import PRICE_UNITS, Referral
from portal.commissioning.need_profile import NeedProfile, SaidOfChild
from portal.commissioning.offers import week_price
from portal.database import db
from portal.directory.models import Service, Standing
from portal.directory.offer import session_names
from portal.directory.queries import live_condition
from portal.errors import NotFound
from portal.lifecycle import MoveRefused

PAGE_SIZE = 20
KNOWN_WHILE = ("sent", "accepted")
"""In which states the provider that was asked reads what was said of the child; afterwards it reads the
reference, when that was, and how it ended."""
ABOUT_THE_CHILD = {*(each.name for each in fields(NeedProfile)), "answer_note"} - {"urgent"}
_School = aliased(Organisation)
_Provider = aliased(Organisation)
_Sender = aliased(Person)
_Answerer = aliased(Person)


@dataclass(frozen=True, slots=True)
class ReferralLine:
    """A referral in a list. What is said of the child is None for a provider that need not know any more."""

    id: int
    reference: str
    request_id: UUID
    state: str
    knows: bool
    year_group: int | None
    days_a_week: int | None
    start_wanted_on: date | None
    start_on: date | None
    sent_at: datetime
    urgent: bool
    answer_by: datetime | None
    answered_at: datetime | None
    withdrawn_at: datetime | None
    released_at: datetime | None
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
class Answer(ReferralLine):
    """A referral with what was answered."""

    offered_sessions: list[str]
    offered_price: Decimal | None
    offered_unit: str
    offered_price_reason: str
    decline_reason: str
    answer_note: str | None

    @property
    def offered(self) -> str:
        """The half days that are offered, in words."""
        return session_names(self.offered_sessions)

    @property
    def unit(self) -> str:
        """What the price is for: 'a day'."""
        return PRICE_UNITS.get(self.offered_unit, "")

    @property
    def offered_a_week(self) -> Decimal | None:
        """What a week costs, in pounds without VAT."""
        if self.offered_price is None:
            return None
        return week_price(self.offered_sessions, self.offered_price, self.offered_unit)


@dataclass(frozen=True, slots=True)
class ReferralFacts(Answer, SaidOfChild):
    """A referral with all that the two of them may read. `choice` is the school's: what it has chosen for
    this request; a provider learns of it when it was chosen itself."""

    needs: list[str] | None
    sex: str | None
    ehc_plan: str | None
    sessions_wanted: list[str] | None
    need_summary: str | None
    strengths: str | None
    what_has_worked: str | None
    transport: str | None
    sender_name: str
    sender_email: str
    answerer_name: str | None
    answerer_email: str | None
    service_live: bool
    competition_id: int | None
    choice: Choice | None
    moves: frozenset[str]

    @property
    def chosen(self) -> bool:
        """Whether this one was chosen."""
        return self.choice is not None and self.choice.referral_id == self.id


def referral_for(viewer: Actor, referral_id: int) -> ReferralFacts:
    """A referral with the moves open to the viewer. Raises `NotFound` for anyone but the two of them."""
    statement = (
        _with(viewer, ReferralFacts)
        .add_columns(
            _Sender.name.label("sender_name"),
            _Sender.email.label("sender_email"),
            _Answerer.name.label("answerer_name"),
            _Answerer.email.label("answerer_email"),
            live_condition(clock.today(), _Provider).label("service_live"),
        )
        .join(Standing, Standing.id == Service.standing_id)
        .join(_Sender, _Sender.id == Referral.sent_by_id)
        .outerjoin(_Answerer, _Answerer.id == Referral.answered_by_id)
        .where(Referral.id == referral_id, readable_by(viewer))
    )
    found = db.session.execute(statement).one_or_none()
    if found is None:
        raise NotFound()
    row = found._asdict()
    choice = choice_of(row["request_id"])
    if row["school_id"] == viewer.organisation_id:
        own = {"withdraw"} if viewer.may("referral:send") else set()
    else:
        choice = choice if choice and choice.referral_id == referral_id else None
        own = {"accept", "decline"} if choice else {"accept", "decline", "take_back"}
    return ReferralFacts(**row, choice=choice, moves=REFERRAL.open_from(row["state"]) & own)


def answers_in(viewer: Actor, request_id: UUID) -> list[Answer]:
    """Who was asked for one child, with what they answered, the oldest first; for its school alone.

    Raises `NotFound`.
    """
    rows = db.session.execute(
        _with(viewer, Answer)
        .where(Referral.request_id == request_id, Referral.school_id == viewer.organisation_id)
        .order_by(Referral.answered_at.asc().nulls_last(), Referral.id)
    ).all()
    if not rows or not viewer.may("referral:read"):
        raise NotFound()
    return [Answer(**row._asdict()) for row in rows]


def referral_to_withdraw(viewer: Actor, referral_id: int) -> ReferralFacts:
    """A referral that the viewer can take back now. Raises `NotFound`, and `MoveRefused` once it is answered
    or withdrawn."""
    referral = referral_for(viewer, referral_id)
    if referral.school_id != viewer.organisation_id or not viewer.may("referral:send"):
        raise NotFound()
    if referral.state == "withdrawn":
        raise MoveRefused("This referral is withdrawn already.")
    if not REFERRAL.allows("withdraw", referral.state):
        raise MoveRefused(REFERRAL["withdraw"].refusal)
    return referral


def profile_for(viewer: Actor, referral_id: int) -> tuple[NeedProfile, UUID]:
    """What the viewer's school wrote for a referral of its own, and its request, for whoever sends it on.
    Raises `NotFound`."""
    if not viewer.may("referral:send"):
        raise NotFound()
    return _profile(viewer, referral_id)


def said_of(viewer: Actor, referral_id: int) -> NeedProfile:
    """What the viewer's school wrote of a child, for whoever reads its referrals. Raises `NotFound`."""
    if not viewer.may("referral:read"):
        raise NotFound()
    return _profile(viewer, referral_id)[0]


def _profile(viewer: Actor, referral_id: int) -> tuple[NeedProfile, UUID]:
    names = [each.name for each in fields(NeedProfile)]
    row = db.session.execute(
        select(*(getattr(Referral, name) for name in names), Referral.request_id).where(
            Referral.id == referral_id, Referral.school_id == viewer.organisation_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return NeedProfile(*row[:-1]), row.request_id


def referrals_for(viewer: Actor, page: int) -> tuple[list[ReferralLine], int]:
    """A page of what the viewer's school sent or provider received, and how many in all.

    Those without an answer stand first, the oldest of them at the top; then the newest.
    """
    waiting_since = case((Referral.state == "sent", Referral.sent_at))
    statement = (
        lines(viewer)
        .add_columns(func.count().over().label("total"))
        .where(readable_by(viewer))
        .order_by(waiting_since.asc().nulls_last(), Referral.sent_at.desc(), Referral.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    rows = [row._asdict() for row in db.session.execute(statement)]
    if not rows:
        return [], _count(viewer) if page > 1 else 0
    total = [row.pop("total") for row in rows][0]
    return [ReferralLine(**row) for row in rows], total


def readable_by(viewer: Actor) -> ColumnElement[bool]:
    """The rule of this noun: the school that sent it, and the provider that it was sent to."""
    mine: list[ColumnElement[bool]] = []
    if viewer.may("referral:read"):
        mine.append(Referral.school_id == viewer.organisation_id)
    if viewer.may("referral:answer"):
        mine.append(Service.provider_id == viewer.organisation_id)
    return or_(*mine) if mine else false()


def _with(viewer: Actor, kind: type[ReferralLine]) -> Select[Any]:
    """`lines`, and of the referral's columns those that `kind` has besides."""
    known = ReferralLine.__dataclass_fields__
    more = [name for name in kind.__dataclass_fields__ if hasattr(Referral, name) and name not in known]
    return lines(viewer).add_columns(*(_shown_to(viewer, name) for name in more))


def _knows(viewer: Actor) -> ColumnElement[bool]:
    """Who reads what was said of the child: its school always, a provider while it may be the one."""
    return or_(Referral.school_id == viewer.organisation_id, Referral.state.in_(KNOWN_WHILE))


def _shown_to(viewer: Actor, name: str) -> ColumnElement[Any]:
    """A column of a referral; of the child nothing leaves the database for whoever must not know it."""
    column = getattr(Referral, name)
    return case((_knows(viewer), column)).label(name) if name in ABOUT_THE_CHILD else column


def _count(viewer: Actor) -> int:
    statement = (
        select(func.count())
        .select_from(Referral)
        .join(Service, Service.id == Referral.service_id)
        .where(readable_by(viewer))
    )
    return db.session.scalar(statement) or 0


def lines(viewer: Actor) -> Select[Any]:
    """The columns of `ReferralLine`, of referrals whoever may read them (`readable_by`)."""
    names = [name for name in ReferralLine.__dataclass_fields__ if hasattr(Referral, name)]
    return (
        select(
            *(_shown_to(viewer, name) for name in names),
            _knows(viewer).label("knows"),
            _School.name.label("school_name"),
            Service.title.label("service_title"),
            Service.provider_id,
            _Provider.name.label("provider_name"),
        )
        .join(Service, Service.id == Referral.service_id)
        .join(_School, _School.id == Referral.school_id)
        .join(_Provider, _Provider.id == Service.provider_id)
    )
