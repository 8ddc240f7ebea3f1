"""Reading mini-competitions: a school its own, a provider what it is invited to and its own answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.commissioning.models import Referral
from portal.commissioning.need_profile import half_days_wanted
from portal.commissioning.offers import HalfDaysAtAPrice
from portal.commissioning.queries import KNOWN_WHILE
from portal.competitions.criteria import MARKED
from portal.competitions.models import Competition, Entry, EntryMark
from portal.competitions.ranking import Answer, Place, ranked
from portal.database import db
from portal.directory.models import Service
from portal.errors import NotFound
from portal.tasks import Task


@dataclass(frozen=True, slots=True)
class CompetitionFacts:
    """A competition as its school sees it; `answered` of `invited` have answered, `waiting` may still."""

    id: int
    request_id: UUID
    state: str
    days_a_week: int
    sessions_wanted: list[str]
    start_wanted_on: date
    started_at: datetime
    closes_at: datetime
    opened_at: datetime | None
    concluded_at: datetime | None
    conclusion: str
    started_by: str
    invited: int
    answered: int
    waiting: int

    @property
    def wanted_words(self) -> str:
        """Days and half days that were asked for."""
        return half_days_wanted(self.days_a_week, self.sessions_wanted)

    @property
    def may_open(self) -> bool:
        """Whether the answers can be opened now."""
        return self.state == "running" and (not self.waiting or clock.now() >= self.closes_at)


@dataclass(frozen=True, slots=True)
class OpenedAnswer(HalfDaysAtAPrice):
    """An opened answer: the offer, the words for what is marked, and the marks so far, by criterion."""

    entry_id: int
    referral_id: int
    reference: str
    provider: str
    service: str
    start_on: date
    sessions: list[str]
    price: Decimal
    price_unit: str
    price_reason: str
    note: str
    words: Mapping[str, str]
    marks: Mapping[str, tuple[int, str]]

    @property
    def who(self) -> str:
        """Provider, service and reference: a provider may compete with several of one name."""
        return f"{self.provider}, {self.service} ({self.reference})"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a provider reads of a competition: no other provider. `answer` is its own, as it stands.

    `competes` ends with the opening: from then on the referral, unless `answered`, is one as any other.
    """

    competition_id: int
    referral_id: int
    reference: str
    state: str
    closes_at: datetime
    school: str
    service_id: int
    competes: bool
    answered: bool
    submitted_at: datetime | None
    answer: Mapping[str, Any]

    @property
    def open(self) -> bool:
        """Whether what reaches us with this request is in time."""
        return self.competes and self.state == "running" and clock.arrived() < self.closes_at


def competition_for(viewer: Actor, competition_id: int) -> CompetitionFacts:
    """A competition of the viewer's own school. Raises `NotFound`."""
    if not viewer.may("referral:read"):
        raise NotFound()
    return _facts(Competition.id == competition_id, Competition.school_id == viewer.organisation_id)


def facts_of(competition_id: int) -> CompetitionFacts:
    """A competition, for whoever may read of it what it was asked for. Raises `NotFound`."""
    return _facts(Competition.id == competition_id)


def _facts(*conditions: ColumnElement[bool]) -> CompetitionFacts:
    sent = (Referral.state == "sent") & Entry.submitted_at.is_(None)
    row = db.session.execute(
        select(
            Competition.id,
            Competition.request_id,
            Competition.state,
            Competition.days_a_week,
            Competition.sessions_wanted,
            Competition.start_wanted_on,
            Competition.started_at,
            Competition.closes_at,
            Competition.opened_at,
            Competition.concluded_at,
            Competition.conclusion,
            Person.name,
            func.count(Entry.id),
            func.count(Entry.submitted_at),
            func.count(Entry.id).filter(sent),
        )
        .join(Person, Person.id == Competition.started_by_id)
        .outerjoin(Entry, Entry.competition_id == Competition.id)
        .outerjoin(Referral, Referral.id == Entry.referral_id)
        .where(*conditions)
        .group_by(Competition.id, Person.name)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return CompetitionFacts(*row)


def invited_to(competition: CompetitionFacts) -> Sequence[Row[Any]]:
    """Who competes (provider, service, referral_id, reference, declined), by name. Not who has answered."""
    return db.session.execute(
        select(
            Organisation.name.label("provider"),
            Service.title.label("service"),
            Referral.id.label("referral_id"),
            Referral.reference,
            (Referral.state == "declined").label("declined"),
        )
        .select_from(Entry)
        .join(Referral, Referral.id == Entry.referral_id)
        .join(Service, Service.id == Referral.service_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .where(Entry.competition_id == competition.id)
        .order_by(Organisation.name, Referral.id)
    ).all()


def answers_in(competition: CompetitionFacts) -> list[OpenedAnswer]:
    """The answers of a competition, in an order that says nothing of them; none before the opening."""
    if competition.opened_at is None:
        return []
    marks = _marks(competition.id)
    rows = db.session.execute(
        select(Entry, Referral.reference, Organisation.name, Service.title)
        .join(Referral, Referral.id == Entry.referral_id)
        .join(Service, Service.id == Referral.service_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .where(Entry.competition_id == competition.id, Entry.submitted_at.is_not(None))
        .where(Referral.state.in_(("accepted", "not_chosen")))
        .order_by(func.hashint8extended(Entry.id, competition.id))
    ).all()
    return [
        OpenedAnswer(
            entry.id, entry.referral_id, reference, provider, service, entry.start_on, entry.sessions,
            entry.price, entry.price_unit, entry.price_reason, entry.note,
            {code: getattr(entry, code) for code in MARKED}, marks.get(entry.id, {}),
        )
        for entry, reference, provider, service in rows
    ]  # fmt: skip


def answer_for(viewer: Actor, entry_id: int) -> tuple[CompetitionFacts, OpenedAnswer]:
    """One opened answer of a competition of the viewer's school. Raises `NotFound`."""
    competition_id = db.session.scalar(select(Entry.competition_id).where(Entry.id == entry_id))
    competition = competition_for(viewer, competition_id or 0)
    for answer in answers_in(competition):
        if answer.entry_id == entry_id:
            return competition, answer
    raise NotFound()


def ranking_of(competition: CompetitionFacts, answers: Sequence[OpenedAnswer]) -> list[Place]:
    """The places of opened answers, the first-ranked first."""
    return ranked(
        (
            Answer(
                each.entry_id, each.start_on, each.sessions, each.price, each.price_unit,
                {code: mark[0] for code, mark in each.marks.items()},
            )
            for each in answers
        ),
        start_wanted_on=competition.start_wanted_on,
        days_a_week=competition.days_a_week,
        sessions_wanted=competition.sessions_wanted,
    )  # fmt: skip


def invitation_for(viewer: Actor, referral_id: int) -> Invitation:
    """The newest competition that a referral to the viewer's provider is or was answered in.

    Raises `NotFound`, also once the provider reads nothing more of the child.
    """
    row = db.session.execute(
        select(
            *(Entry, Competition, Referral.reference, Referral.service_id),
            func.coalesce(Referral.competition_id == Entry.competition_id, False).label("competes"),
            (Referral.state != "sent").label("answered"),
            Organisation.name,
        )
        .join(Competition, Competition.id == Entry.competition_id)
        .join(Referral, Referral.id == Entry.referral_id)
        .join(Service, Service.id == Referral.service_id)
        .join(Organisation, Organisation.id == Competition.school_id)
        .where(Entry.referral_id == referral_id, Service.provider_id == viewer.organisation_id)
        .where(Referral.state.in_(KNOWN_WHILE))
        .order_by(Entry.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or not viewer.may("referral:answer"):
        raise NotFound()
    entry, competition, reference, service_id, competes, answered, school = row
    names = ("start_on", "sessions", "price", "price_unit", "price_reason", "note", *MARKED)
    return Invitation(
        competition.id, referral_id, reference, competition.state, competition.ended_at, school, service_id,
        competes, answered, entry.submitted_at, {name: getattr(entry, name) for name in names},
    )  # fmt: skip


def going_on(request_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """SQL for whether a competition decides for a request: it runs, or waits to be concluded."""
    return (
        select(Competition.id)
        .where(Competition.request_id == request_id, Competition.state.in_(("running", "opened")))
        .exists()
    )


def competition_of(viewer: Actor, request_id: UUID) -> tuple[int, str] | None:
    """The newest competition (id and state) of a request of the viewer's school, if there is one."""
    row = db.session.execute(
        select(Competition.id, Competition.state)
        .where(Competition.request_id == request_id, Competition.school_id == viewer.organisation_id)
        .order_by(Competition.id.desc())
        .limit(1)
    ).one_or_none()
    return (row.id, row.state) if row else None


def waiting_rows(viewer: Actor) -> Select[Any] | None:
    """Competitions that the viewer's school has to open, or to mark and conclude, for whoever reads them
    together with something else."""
    if not viewer.may("referral:send"):
        return None
    return (
        select(Competition.id, Competition.state)
        .where(Competition.school_id == viewer.organisation_id)
        .where(
            (Competition.state == "opened")
            | ((Competition.state == "running") & (Competition.closes_at <= clock.now()))
        )
        .order_by(Competition.closes_at, Competition.id)
        .limit(10)
    )


def waiting_tasks(rows: Iterable[Mapping[str, Any]]) -> list[Task]:
    """What a home page says of the rows of `waiting_rows`."""
    return [
        Task(
            sentence="The answers to your mini-competition can be opened."
            if row["state"] == "running"
            else "Your mini-competition waits to be marked and concluded.",
            verb="Open them" if row["state"] == "running" else "Mark and choose",
            endpoint="competitions.show",
            values={"competition_id": row["id"]},
        )
        for row in rows
    ]


def _marks(competition_id: int) -> dict[int, dict[str, tuple[int, str]]]:
    found: dict[int, dict[str, tuple[int, str]]] = {}
    for entry_id, criterion, number, reason in db.session.execute(
        select(EntryMark.entry_id, EntryMark.criterion, EntryMark.points, EntryMark.reason)
        .join(Entry, Entry.id == EntryMark.entry_id)
        .where(Entry.competition_id == competition_id)
    ):
        found.setdefault(entry_id, {})[criterion] = (number, reason)
    return found
