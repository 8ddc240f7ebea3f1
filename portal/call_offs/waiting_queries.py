"""What waits because of referrals and choices, for both sides, in one statement: answers to give, offers to
choose between, and what comes after a choice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, not_, or_

from portal import clock
from portal.accounts.access import Actor
from portal.call_offs.decided import decided_elsewhere
from portal.call_offs.models import CallOff
from portal.commissioning.models import Referral
from portal.commissioning.queries import ReferralLine, lines, readable_by
from portal.database import db
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import plural, uk_date, uk_datetime

NEWS = timedelta(days=7)
"""How long a refusal, or having been chosen, is news."""
CHOOSE_WITHIN = timedelta(days=30)
"""How long the home page speaks of an offer that nobody chose."""
_MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class WaitingLine(ReferralLine):
    """A referral, and the choice that stands for its request."""

    call_off_id: int | None
    chosen_referral_id: int | None
    chosen_at: datetime | None

    @property
    def chosen(self) -> bool:
        """Whether this one was chosen."""
        return self.chosen_referral_id == self.id


def waiting_for(viewer: Actor) -> Waiting:
    """For providers: referrals to answer, and offers of theirs that were chosen. For schools: offers to
    choose between, choices that are not followed up, refusals of this week, overdue answers, what is out."""
    statement = waiting_statement(viewer)
    if statement is None:
        return Waiting()
    return waiting_of(viewer, (row._asdict() for row in db.session.execute(statement)))


def waiting_statement(viewer: Actor) -> Select[Any] | None:
    """The referrals of which a home page speaks, for whoever reads them together with something else; None
    for whoever has none."""
    if not viewer.may("referral:answer", "referral:read"):
        return None
    now = clock.now()
    chosen = CallOff.referral_id == Referral.id
    open_or_new = [Referral.state == "sent", and_(chosen, CallOff.chosen_at > now - NEWS)]
    if viewer.may("referral:read"):
        open_or_new = [
            Referral.state == "sent",
            and_(Referral.state == "declined", Referral.answered_at > now - NEWS),
            and_(
                Referral.state == "accepted",
                CallOff.id.is_(None),
                Referral.answered_at > now - CHOOSE_WITHIN,
                not_(decided_elsewhere(Referral.request_id)),
            ),
            and_(chosen, CallOff.child_id.is_(None)),
        ]
    return (
        lines(viewer)
        .add_columns(
            CallOff.id.label("call_off_id"),
            CallOff.referral_id.label("chosen_referral_id"),
            CallOff.chosen_at,
        )
        .outerjoin(CallOff, and_(CallOff.request_id == Referral.request_id, CallOff.state == "chosen"))
        .where(readable_by(viewer), or_(*open_or_new))
        .order_by(Referral.sent_at, Referral.id)
        .limit(5 * _MOST_LISTED)
    )


def waiting_of(viewer: Actor, rows: Iterable[Mapping[str, Any]]) -> Waiting:
    """What a home page says of the rows of `waiting_statement`."""
    found = [WaitingLine(**row) for row in rows]
    return _for_school(found) if viewer.may("referral:read") else _for_provider(found)


def _for_provider(found: list[WaitingLine]) -> Waiting:
    chosen = [_chosen(line) for line in found if line.chosen]
    asked = [_to_answer(line) for line in found if not line.chosen]
    return Waiting(now=tuple((chosen + asked)[:_MOST_LISTED]))


def _for_school(found: list[WaitingLine]) -> Waiting:
    out = [line for line in found if line.state == "sent" and not line.late]
    offers = [line for line in found if line.state == "accepted" and not line.chosen]
    tasks = [
        *_to_choose(offers),
        *(_next_step(line) for line in found if line.chosen),
        *(_declined(line) for line in found if line.state == "declined"),
        *(_overdue(line) for line in found if line.late),
    ]
    return Waiting(
        now=tuple(tasks[:_MOST_LISTED]),
        going_on=tuple(_out(line) for line in out[:_MOST_LISTED]),
    )


def _to_choose(offers: Iterable[WaitingLine]) -> list[Task]:
    """One task for each child: the offers between which somebody chooses, who was asked for first."""
    by_child: dict[UUID, list[WaitingLine]] = {}
    for line in offers:
        by_child.setdefault(line.request_id, []).append(line)
    return [_choose_between(lines_of_child) for lines_of_child in by_child.values()]


def _choose_between(offers: list[WaitingLine]) -> Task:
    first = offers[0]
    providers = {line.provider_id for line in offers}
    who = first.provider_name if len(providers) == 1 else plural(len(providers), "provider")
    return Task(
        sentence=f"{who} can take a child in year {first.year_group}:"
        f" {', '.join(line.reference for line in offers)}.",
        verb="Compare and choose",
        endpoint="call_offs.answers",
        values={"referral_request": first.request_id},
        detail=f"The earliest start is {uk_date(min(line.start_on for line in offers if line.start_on))}.",
    )


def _next_step(line: WaitingLine) -> Task:
    return Task(
        sentence=f"{line.provider_name} is chosen for referral {line.reference}, year {line.year_group}.",
        verb="Go on to the next step",
        endpoint="call_offs.show",
        values={"call_off_id": line.call_off_id},
        detail=f"Chosen on {uk_date(line.chosen_at)}."
        + (f" The child can start on {uk_date(line.start_on)}." if line.start_on else ""),
    )


def _chosen(line: WaitingLine) -> Task:
    return Task(
        sentence=f"{line.school_name} has chosen your offer for referral {line.reference}.",
        verb="See what comes next",
        endpoint="call_offs.show",
        values={"call_off_id": line.call_off_id},
        detail=f"Chosen on {uk_date(line.chosen_at)}. Keep the place at {line.service_title}.",
    )


def _to_answer(line: WaitingLine) -> Task:
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


def _declined(line: WaitingLine) -> Task:
    return Task(
        sentence=f"{line.provider_name} cannot take the child: referral {line.reference},"
        f" year {line.year_group}.",
        verb="Read the answer",
        endpoint="commissioning.show",
        values={"referral_id": line.id},
        detail=f"Answered on {uk_date(line.answered_at)}.",
    )


def _overdue(line: WaitingLine) -> Task:
    return Task(
        sentence=f"{line.provider_name} has not answered: referral {line.reference}, year {line.year_group}.",
        verb="Wait, or ask others",
        endpoint="commissioning.show",
        values={"referral_id": line.id},
        detail=("Emergency. " if line.urgent else "")
        + (f"The answer was due by {uk_datetime(line.answer_by)}." if line.answer_by else ""),
    )


def _out(line: WaitingLine) -> GoingOn:
    return GoingOn(
        sentence=f"Referral {line.reference}, year {line.year_group}, to {line.provider_name}",
        state="waiting",
        endpoint="commissioning.show",
        values={"referral_id": line.id},
        detail=("Emergency. " if line.urgent else "")
        + f"Sent on {uk_date(line.sent_at)}."
        + (f" To be answered by {uk_datetime(line.answer_by)}." if line.answer_by else ""),
    )
