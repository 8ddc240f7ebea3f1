"""Letters to whoever has not declared on the list of all tenderers: after 3 days and after 10, once each.

Leads and moderators are asked from the opening of the tender box, approvers and evaluators without names from
the start of marking, as their home pages do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, func, select, union
from sqlalchemy.dialects.postgresql import insert

from evaluation.assignments.declaration_queries import DECLARED_IN
from evaluation.assignments.letters import to_declare
from evaluation.assignments.models import Assignment, ConflictDeclaration, DeclarationReminder, PanelMember
from portal import clock
from portal.accounts.permissions import permissions_of
from portal.accounts.queries import members_of
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.mail.services import write_letter
from portal.web.filters import plural
from portal.worker import Job
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round

RULES = (3, 10)
"""So many days after somebody could first declare, they are reminded."""


@dataclass(frozen=True, slots=True)
class ToDeclare:
    """Somebody who has still to declare on the list: their part in the round, and since when it is asked."""

    person_id: int
    name: str
    email: str
    part: str
    since: datetime

    def rule_due(self, now: datetime) -> int | None:
        """The reminder whose time has come, of several the later one."""
        return max((rule for rule in RULES if self.since + timedelta(days=rule) <= now), default=None)


def remind(*, portal_url: str, by: Doer) -> int:
    """Write the letters that are due and return how many. Run as often as you like: each leaves a row in the
    ledger, in the same transaction, and two workers at once write one."""
    now, written = clock.now(), 0
    for round in _rounds(now):
        with transaction():
            letters = sum(_write(each, round, now, portal_url, by) for each in who_has_to_declare(round))
            if letters:
                record("declaration.remind", "round", round["id"], by=by, letters=letters)
        written += letters
    return written


def _rounds(now: datetime) -> Sequence[RowMapping]:
    """Rounds in which a declaration is waited for, opened long enough ago; with the number of tenders."""
    return (
        db.session.execute(
            select(
                Round.id,
                Round.number,
                Round.opened_at,
                Round.marking_started_at,
                Round.names_hidden,
                Framework.title,
                Framework.buyer_name,
                Framework.council_id,
                func.count().label("tenders"),
            )
            .join(Framework, Framework.id == Round.framework_id)
            .join(Application, Application.round_id == Round.id)
            .where(
                Round.state.in_(DECLARED_IN),
                Round.opened_at <= now - timedelta(days=min(RULES)),
                Application.state == "submitted",
            )
            .group_by(Round.id, Framework.id)
            .order_by(Round.id)
        )
        .mappings()
        .all()
    )


def who_has_to_declare(round: RowMapping) -> list[ToDeclare]:
    """Those who have not declared on every tenderer of a round (as `_rounds` gives it)."""
    declared = _declared_on_all(round["id"], round["tenders"])
    panel = {
        person_id: role
        for person_id, role in db.session.execute(
            select(PanelMember.person_id, PanelMember.role).where(PanelMember.round_id == round["id"])
        )
    }
    found = []
    for person in members_of([round["council_id"]]).get(round["council_id"], []):
        part = _part(permissions_of("council", person["roles"]), panel.get(person["person_id"]), round)
        if part is None or person["person_id"] in declared:
            continue
        since = round["opened_at"] if part in ("lead", "moderator") else round["marking_started_at"]
        if since is not None:
            found.append(ToDeclare(person["person_id"], person["name"], person["email"], part, since))
    return found


def _part(permissions: Iterable[str], role: str | None, round: RowMapping) -> str | None:
    """The part in a round for which somebody declares on its list."""
    if "outcome:recommend" in permissions:
        return "lead"
    if role == "moderator" and "tender:moderate" in permissions:
        return "moderator"
    if "outcome:approve" in permissions:
        return "approver"
    if role == "evaluator" and round["names_hidden"] and "tender:mark" in permissions:
        return "evaluator"
    return None


def _declared_on_all(round_id: int, tenders: int) -> set[int]:
    """Ids of the people who have declared on every tenderer, on the list or with the tender."""
    declared = union(
        select(ConflictDeclaration.application_id, ConflictDeclaration.person_id.label("person_id")),
        select(Assignment.application_id, Assignment.evaluator_id).where(Assignment.declared_at.is_not(None)),
    ).subquery()
    people = (
        select(declared.c.person_id)
        .join(Application, Application.id == declared.c.application_id)
        .where(Application.round_id == round_id, Application.state == "submitted")
        .group_by(declared.c.person_id)
        .having(func.count() == tenders)
    )
    return set(db.session.scalars(people))


def _write(person: ToDeclare, round: RowMapping, now: datetime, portal_url: str, by: Doer) -> int:
    """Write the letter that is due to somebody, if one is and was not written before; how many it made."""
    rule = person.rule_due(now)
    if rule is None:
        return 0
    entered = db.session.scalar(
        insert(DeclarationReminder)
        .values(round_id=round["id"], person_id=person.person_id, rule=rule, written_at=now)
        .on_conflict_do_nothing()
        .returning(DeclarationReminder.person_id)
    )
    if entered is None:
        return 0
    title, body = to_declare(
        part=person.part,
        place=f"round {round['number']} of {round['title']}",
        tenderers=plural(round["tenders"], "tenderer"),
        address=f"{portal_url}/rounds/{round['id']}/declarations",
        council=round["buyer_name"],
    )
    write_letter(
        key=f"declaration:{round['id']}:{rule}:{person.person_id}",
        to_name=person.name,
        to_address=person.email,
        title=title,
        body=f"Dear {person.name}\n\n{body}",
        subject_type="round",
        subject_id=round["id"],
        organisation_id=round["council_id"],
        by=by,
    )
    return 1


DECLARATIONS = Job(
    "remind of declarations",
    lambda settings, by: remind(portal_url=settings.public_url, by=by),
    pause=60 * 60,
    delay=60,
)
