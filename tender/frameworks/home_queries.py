"""What waits for a person in the rounds, for their home page."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, literal, or_, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import uk_date, uk_datetime
from tender.frameworks.facts import RoundFacts
from tender.frameworks.lifecycle import ABANDONED, ending_from
from tender.frameworks.models import BoxOpening, Framework, Round, RoundWithdrawal
from tender.frameworks.queries import TIME_TO_CONFIRM, may_confirm, open_rounds, unfinished_rounds
from tender.frameworks.words import TERMINATION


def waiting_for(viewer: Actor) -> Waiting:
    """For the lead drafts, boxes to open and every unfinished round; for a provider the open rounds."""
    if viewer.organisation_kind == "provider" and viewer.may("application:edit"):
        return Waiting(going_on=tuple(_open_to_providers(facts) for facts in open_rounds()))
    to_confirm = tuple(_waiting_for_another(viewer))
    if not viewer.may("framework:manage"):
        return Waiting(now=to_confirm)
    rounds = unfinished_rounds(viewer)
    to_do = [facts for facts in rounds if facts.phase in ("draft", "closed") or facts.answer_is_near]
    later = [facts for facts in rounds if facts.always_open and facts.phase == "upcoming"]
    return Waiting(
        now=to_confirm + tuple(_task(facts) for facts in to_do),
        going_on=tuple(_going_on(facts) for facts in rounds if facts not in to_do and facts not in later),
    )


def _waiting_for_another(viewer: Actor) -> list[Task]:
    """What somebody else of the council has begun and a second person is to decide: openings of tender boxes
    that wait now, and endings of rounds. One statement."""
    if not may_confirm(viewer):
        return []
    at_first = (
        select(
            BoxOpening.begun_at.label("begun_at"),
            literal("opening").label("what"),
            BoxOpening.round_id.label("round_id"),
            BoxOpening.begun_by_id.label("begun_by_id"),
        )
        .where(BoxOpening.begun_at > clock.now() - TIME_TO_CONFIRM)
        .union_all(
            select(
                RoundWithdrawal.proposed_at,
                literal("withdrawal"),
                RoundWithdrawal.round_id,
                RoundWithdrawal.proposed_by_id,
            ).where(RoundWithdrawal.decided_at.is_(None))
        )
        .subquery()
    )
    rows = db.session.execute(
        select(at_first, Person.name.label("begun_by"), Round.id, Round.number, Round.state, Framework.title)
        .join(Person, Person.id == at_first.c.begun_by_id)
        .join(Round, Round.id == at_first.c.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            or_(
                Round.state == "published",
                and_(at_first.c.what == "withdrawal", Round.state.not_in(("released", *ABANDONED))),
            ),
            Framework.council_id == viewer.organisation_id,
            at_first.c.begun_by_id != viewer.person_id,
        )
        .order_by(at_first.c.what, at_first.c.begun_at)
    )
    return [_to_confirm(row) if row.what == "opening" else _to_decide(row) for row in rows]


def _to_decide(row: Any) -> Task:
    return Task(
        f"{row.begun_by} proposes to {ending_from(row.state)} Round {row.number} of {row.title}.",
        "Decide on it",
        "withdrawals.show",
        {"round_id": row.id},
        None,
        f"Proposed at {uk_datetime(row.begun_at)}. Until somebody else approves, the round goes on.",
    )


def _to_confirm(row: Any) -> Task:
    return Task(
        f"{row.begun_by} has begun to open the tender box of Round {row.number} of {row.title}.",
        "Confirm the opening with them",
        "rounds.show",
        {"round_id": row.id},
        row.begun_at + TIME_TO_CONFIRM,
        "Two people open it together.",
    )


def _task(facts: RoundFacts) -> Task:
    values = {"round_id": facts.id}
    if facts.phase == "draft":
        return Task(
            f"{facts.name} is a draft.",
            "Check and publish it",
            "rounds.check",
            values,
            facts.opens_at,
            f"Planned to open {uk_datetime(facts.opens_at)}",
        )
    promised = _promised(facts)
    if facts.phase != "closed":
        return Task(
            f"{facts.name} has to be answered by {uk_date(facts.answer_due_on, weekday=True)}.",
            "See where it stands",
            "rounds.show",
            values,
            _end_of(facts.answer_due_on),
            promised,
        )
    return Task(
        f"{facts.name} has closed and its tender box is shut.",
        "Open the tender box",
        "rounds.show",
        values,
        facts.closes_at,
        f"Closed {uk_datetime(facts.closes_at)}{'. ' + promised if promised else ''}",
    )


def _promised(facts: RoundFacts) -> str:
    """What applicants were told of their answer; empty where nothing was promised."""
    due = facts.answer_due_on
    return f"Applicants are promised an answer by {uk_date(due, weekday=True)}" if due else ""


def _end_of(day: date | None) -> datetime | None:
    """Midnight at the end of a day in the UK."""
    return datetime.combine(day + timedelta(days=1), time(), clock.LONDON) if day else None


_STAGES = {
    "upcoming": ("not open yet", "Opens {opens}"),
    "open": ("open", "Closes {closes}"),
    "opened": ("conditions being checked", "Closed {closes}"),
    "marking": ("being marked", "Closed {closes}"),
    "decided": ("decided", "The letters wait for their release"),
    "withdrawn": ("withdrawn", "{notice}"),
    "terminated": ("ended", "{notice}"),
}


def _going_on(facts: RoundFacts) -> GoingOn:
    state, detail = _STAGES[facts.phase]
    if facts.phase == "marking" and facts.by_conditions:
        state = "being decided"
    notice = TERMINATION[facts.legal_regime]
    dates = {"notice": notice, "opens": uk_datetime(facts.opens_at), "closes": uk_datetime(facts.closes_at)}
    told = ". ".join(filter(None, (detail.format(**dates), _promised(facts))))
    return GoingOn(facts.name, state, "rounds.show", {"round_id": facts.id}, told)


def _open_to_providers(facts: RoundFacts) -> GoingOn:
    detail = f"Closes {uk_datetime(facts.closes_at)}"
    return GoingOn(facts.name, facts.phase, "opportunities.show", {"round_id": facts.id}, detail)
