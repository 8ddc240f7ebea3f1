"""What the rules say of a round's tenders now, and what a run would do with it.

`judged` is what a run writes; `dry_run` compares it with what stands and says what a run would change, what
it would write again as it is, and what it leaves because a person decided it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Row, and_, select

from evaluation.conformity.models import ConformityCheck
from evaluation.conformity.passed_before import Place, passed_before, unless_passed
from evaluation.conformity.queries import UNDECIDED, to_judge
from evaluation.conformity.rules import Judgement, judge
from portal.accounts.models import Organisation, Person
from portal.database import db
from tender.applications.access import OPENED
from tender.applications.contents import Item
from tender.applications.item_queries import lots_applied_for
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round

NEW, CHANGES, KEPT, SAME = "new", "changes", "kept", "same"
"""What a run would do to a check: make it, change it, leave what a person decided, write the same again."""

_URGENCY = {CHANGES: 0, NEW: 0, KEPT: 1, SAME: 2}


class Line(NamedTuple):
    """What the rule says of one condition of one tender, and of one lot where it is asked per lot.

    `concerns` are the lots that it could end; `stands` is the result that stands, None before the first run;
    `effect` is what a run would do; `is_price` whether what the rule says tells a price.
    """

    application_id: int
    provider_name: str
    title: str
    lot_number: str | None
    concerns: Sequence[int]
    says: Judgement
    effect: str
    check_id: int | None = None
    stands: str | None = None
    decided_by: str | None = None
    is_price: bool = False


def judged(round_id: int) -> Iterator[tuple[int, Item, Judgement]]:
    """What the rules say of every condition of every submitted application of an opened round, with the
    application's id; in five statements, whatever their number."""
    passed = passed_before(round_id)
    starts_on = db.session.scalar(
        select(Framework.starts_on)
        .join(Round, Round.framework_id == Framework.id)
        .where(Round.id == round_id)
    )
    for application_id, item in to_judge(round_id):
        number = passed.get((application_id, item.asked.id, item.lot_id))
        yield application_id, item, unless_passed(judge(item, starts_on), number)


def dry_run(round_id: int) -> list[Line]:
    """What a run would do, what changes first, then by provider, question and lot. Nothing is written, and
    nothing is read of a round whose tender box is shut. Seven statements, whatever the number of tenders."""
    tenders = {row.application_id: row for row in _tenders(round_id)}
    checks: Mapping[Place, Row] = {
        (row.application_id, row.question_id, row.lot_id): row
        for row in (_checks(round_id) if tenders else ())
    }
    lines = [
        _line(tenders[application_id], item, says, checks.get((application_id, item.asked.id, item.lot_id)))
        for application_id, item, says in judged(round_id)
    ]
    # The sort keeps the order of questions and lots within a tender, as the items come.
    return sorted(lines, key=lambda line: (_URGENCY[line.effect], line.provider_name, line.application_id))


def chosen(lines: Sequence[Line], *, lot_id: int | None = None, only: str = "") -> list[Line]:
    """The lines that concern a lot (those of common conditions too) and are of one kind: what the rules
    `refer` or `fail`, what is `undecided` as it stands, what a run `changes`."""
    wanted = {
        "": lambda line: True,
        "refer": lambda line: line.says.result == "refer",
        "fail": lambda line: line.says.result == "fail",
        UNDECIDED: lambda line: line.stands in (None, "refer"),
        CHANGES: lambda line: line.effect in (CHANGES, NEW),
    }[only]
    return [line for line in lines if wanted(line) and (lot_id is None or lot_id in line.concerns)]


def effects(lines: Sequence[Line]) -> Mapping[str, int]:
    """How many checks a run would make, change, keep for a person's sake, and write again as they are."""
    return Counter(line.effect for line in lines)


def _line(tender: Row, item: Item, says: Judgement, check: Row | None) -> Line:
    effect = NEW
    if check is not None:
        unchanged = (check.result, check.reason) == (says.result, says.reason)
        effect = KEPT if check.decided_by_id is not None else SAME if unchanged else CHANGES
    return Line(
        application_id=tender.application_id,
        provider_name=tender.provider_name,
        title=item.asked.title,
        lot_number=item.lot.number if item.lot else None,
        concerns=[item.lot.id] if item.lot else tender.lots,
        says=says,
        effect=effect,
        check_id=check.id if check else None,
        stands=check.result if check else None,
        decided_by=check.decided_by if check else None,
        is_price=item.asked.rule == "at_most_ceiling" or item.asked.kind == "rate_card",
    )


def _tenders(round_id: int) -> Sequence[Row]:
    """The submitted applications of an opened round: application_id, provider_name, lots (ids)."""
    return db.session.execute(
        select(
            Application.id.label("application_id"),
            Organisation.name.label("provider_name"),
            lots_applied_for().label("lots"),
        )
        .join(Round, and_(Round.id == Application.round_id, Round.state.in_(OPENED)))
        .join(Organisation, Organisation.id == Application.provider_id)
        .where(Application.round_id == round_id, Application.state == "submitted")
    ).all()


def _checks(round_id: int) -> Sequence[Row]:
    """The checks of a round as they stand."""
    check = ConformityCheck
    return db.session.execute(
        select(
            check.id,
            check.application_id,
            check.question_id,
            check.lot_id,
            check.result,
            check.reason,
            check.decided_by_id,
            Person.name.label("decided_by"),
        )
        .join(Application, Application.id == check.application_id)
        .outerjoin(Person, Person.id == check.decided_by_id)
        .where(Application.round_id == round_id)
    ).all()
