"""Whole rounds as rows, straight into the tables: for what needs many, or needs what no service would allow.

Triggers and foreign keys are asleep while these rows go in, so that a round can be in any state at once. Only
for tests of what is read from such rows; everything else is built through the services.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, text, update

from evaluation.assignments.models import Assignment
from evaluation.conformity.models import ConformityCheck
from evaluation.moderation.models import AgreedMark
from evaluation.outcomes.models import PriceCheck
from evaluation.scoring.models import Mark
from portal import clock
from portal.accounts.models import Organisation, Person
from portal.database import db
from tender.applications.models import Answer, Application, ApplicationLot
from tender.frameworks.models import Framework, Lot, Question, Round, RoundLot, Scale, ScaleBand

# What the sleeping triggers would have kept up to date.
REFRESH_AGENDA = "SELECT refresh_agenda(array_agg(id)) FROM application WHERE round_id = :round"


@dataclass(frozen=True)
class BulkQuestion:
    """A scored question: weight in per cent, minimum and highest points; the place of the one lot that is
    asked, or None for every lot; whether it decides between equal totals; whether it has been withdrawn."""

    weight: Decimal
    minimum: int
    highest: int
    per_lot: bool
    only_lot: int | None = None
    breaks_ties: bool = False
    withdrawn: bool = False

    def asked_of(self, lot: int) -> bool:
        """Whether the lot with this place is asked."""
        return self.only_lot in (None, lot)


@dataclass(frozen=True)
class BulkPrice:
    """A price that every lot is asked and that is scored: weight, formula, ceiling of every lot in pounds,
    how many per cent below the average is looked at; of a card of a day and half a day where `card`."""

    weight: Decimal
    formula: str
    ceiling: Decimal
    low: int | None = None
    card: bool = False


@dataclass(frozen=True)
class BulkTender:
    """A tender by places: its lots, points by (question, lot or None), the lots that failed (None: all); what
    it answers for its price by lot, and what a person decided of that."""

    lots: Sequence[int]
    points: Mapping[tuple[int, int | None], int]
    failed: frozenset[int | None] = frozenset()
    evaluators: Sequence[Mapping[tuple[int, int | None], int]] = ()
    prices: Mapping[int, Any] = field(default_factory=dict)
    decided: Mapping[int, bool] = field(default_factory=dict)


@dataclass
class BulkRound:
    """Ids by place."""

    round_id: int
    lots: list[int]
    applications: list[int]
    answers: dict[tuple[int, int, int | None], int] = field(default_factory=dict)


def a_bulk_round(
    council_id: int,
    questions: Sequence[BulkQuestion],
    tenders: Sequence[BulkTender],
    lots: int = 1,
    price: BulkPrice | None = None,
    minimums: Mapping[int, Decimal] | None = None,
) -> BulkRound:
    """A round being marked, with everything that `tenders` says; agreed marks at version 1. `minimums` are
    the totals that lots ask for, by their places."""
    db.session.flush()
    db.session.execute(text("SET LOCAL session_replication_role = replica"))
    try:
        made = _rows(council_id, questions, tenders, lots)
        for place, total in (minimums or {}).items():
            asked = update(RoundLot).where(RoundLot.lot_id == made.lots[place])
            db.session.execute(asked.values(minimum_total=total))
        if price:
            _prices(made, price, len(questions) + 1, tenders)
        db.session.execute(text(REFRESH_AGENDA), {"round": made.round_id})
        return made
    finally:
        db.session.execute(text("SET LOCAL session_replication_role = DEFAULT"))


def _rows(
    council_id: int, questions: Sequence[BulkQuestion], tenders: Sequence[BulkTender], lots: int
) -> BulkRound:
    now = clock.now()
    framework_id = _one(
        Framework, council_id=council_id, reference=f"BULK{now.timestamp()}", title="Invented in bulk",
        description="", buyer_name="An invented council", legal_regime="PA2023", kind="open_framework",
        starts_on=date(2026, 1, 1), ends_on=date(2036, 1, 1),
    )  # fmt: skip
    round_id = _one(
        Round, framework_id=framework_id, number=1, state="marking", opens_at=now - timedelta(days=9),
        closes_at=now - timedelta(days=2), published_at=now - timedelta(days=10),
        opened_at=now - timedelta(days=1), marking_started_at=now,
    )  # fmt: skip
    lot_ids = _many(
        Lot,
        [
            {
                "framework_id": framework_id,
                "number": str(n + 1),
                "position": n,
                "title": f"Invented lot {n + 1}",
            }
            for n in range(lots)
        ],
    )
    db.session.execute(insert(RoundLot), [{"round_id": round_id, "lot_id": lot_id} for lot_id in lot_ids])
    scales = _scales(round_id, {question.highest for question in questions})
    question_ids = _many(
        Question,
        [
            {
                "round_id": round_id, "position": n, "section": "quality", "code": f"q{n}",
                "title": f"Question {n + 1} about what you do", "text": "What do you do?",
                "kind": "long_text", "required": True, "per_lot": asked.per_lot, "judged_as": "scored",
                "scale_id": scales[asked.highest], "weight": asked.weight, "minimum": asked.minimum,
                "lots": [] if asked.only_lot is None else [lot_ids[asked.only_lot]],
                "breaks_ties": asked.breaks_ties, "withdrawn_in": 1 if asked.withdrawn else None,
            }
            for n, asked in enumerate(questions)
        ],
    )  # fmt: skip
    condition = _one(
        Question, round_id=round_id, position=len(questions), section="eligibility", code="condition",
        title="A condition", text="Do you?", kind="yes_no", required=True, per_lot=False,
        judged_as="condition", rule="must_be_yes",
    )  # fmt: skip
    made = BulkRound(round_id, lot_ids, _applications(round_id, len(tenders)))
    _fill(made, questions, question_ids, scales, tenders, condition)
    return made


def _scales(round_id: int, highest: set[int]) -> dict[int, int]:
    order = sorted(highest)
    ids = _many(Scale, [{"round_id": round_id, "name": f"To {most}", "highest": most} for most in order])
    db.session.execute(
        insert(ScaleBand),
        [
            {"scale_id": scale_id, "points": points, "label": f"Band {points}", "descriptor": "As described."}
            for scale_id, most in zip(ids, order, strict=True)
            for points in range(most + 1)
        ],
    )
    return dict(zip(order, ids, strict=True))


def _applications(round_id: int, count: int) -> list[int]:
    facts = {"kind": "provider", "state": "checked"}
    providers = _many(Organisation, [{**facts, "name": f"Provider {n:04}"} for n in range(count)])
    now = clock.now()
    return _many(
        Application,
        [
            {
                "round_id": round_id, "provider_id": provider, "state": "submitted", "started_by_id": 0,
                "submitted_at": now, "submitted_by_id": 0,
            }
            for provider in providers
        ],
    )  # fmt: skip


def _fill(
    made: BulkRound,
    questions: Sequence[BulkQuestion],
    question_ids: Sequence[int],
    scales: Mapping[int, int],
    tenders: Sequence[BulkTender],
    condition: int,
) -> None:
    """Lots, answers, marks and failed conditions of every tender."""
    placed = list(zip(made.applications, tenders, strict=True))
    _plain(
        ApplicationLot,
        [{"application_id": a, "lot_id": made.lots[lot]} for a, tender in placed for lot in tender.lots],
    )
    keys = [(a, q, lot) for a, tender in enumerate(tenders) for q, lot in tender.points]
    answers = _many(
        Answer,
        [
            {
                "application_id": made.applications[a], "question_id": question_ids[q],
                "lot_id": None if lot is None else made.lots[lot], "value": "An answer.", "saved_by_id": 0,
            }
            for a, q, lot in keys
        ],
    )  # fmt: skip
    made.answers = dict(zip(keys, answers, strict=True))

    def marked(a: int, q: int, lot: int | None, points: int) -> dict[str, Any]:
        return {
            "answer_id": made.answers[a, q, lot], "question_id": question_ids[q],
            "scale_id": scales[questions[q].highest], "points": points, "reason": "As the answer shows.",
        }  # fmt: skip

    _plain(
        AgreedMark,
        [
            {**marked(a, q, lot, points), "moderator_id": 0}
            for a, tender in enumerate(tenders)
            for (q, lot), points in tender.points.items()
        ],
    )
    _evaluators(made, tenders, marked)
    _plain(
        ConformityCheck,
        [
            {
                "application_id": a, "question_id": condition, "result": "fail", "rule_result": "fail",
                "lot_id": None if lot is None else made.lots[lot], "reason": "This was not answered yes.",
            }
            for a, tender in placed
            for lot in tender.failed
        ],
    )  # fmt: skip


def _prices(made: BulkRound, price: BulkPrice, position: int, tenders: Sequence[BulkTender]) -> None:
    """The price of every tender for its lots, and what was decided of it."""
    question = _one(
        Question, round_id=made.round_id, position=position, section="quality", code="price",
        title="Your price", text="What is your price?", kind="rate_card" if price.card else "money",
        required=True, per_lot=True, judged_as="priced", rule=price.formula, weight=price.weight,
        rule_value=None if price.low is None else str(price.low),
        shape={"units": ["day", "half_day"]} if price.card else {},
    )  # fmt: skip
    db.session.execute(
        update(RoundLot).where(RoundLot.round_id == made.round_id).values(price_ceiling=price.ceiling)
    )
    keys = [(a, lot) for a, tender in enumerate(tenders) for lot in tender.prices]
    _plain(
        Answer,
        [
            {
                "application_id": made.applications[a], "question_id": question, "lot_id": made.lots[lot],
                "value": tenders[a].prices[lot], "saved_by_id": 0,
            }
            for a, lot in keys
        ],
    )  # fmt: skip
    decided = [(a, lot, counts) for a, tender in enumerate(tenders) for lot, counts in tender.decided.items()]
    _plain(
        PriceCheck,
        [
            {
                "application_id": made.applications[a], "lot_id": made.lots[lot], "counts": counts,
                "reason": "As it was explained.", "decided_at": clock.now(), "decided_by_id": 0,
            }
            for a, lot, counts in decided
        ],
    )  # fmt: skip


def _evaluators(made: BulkRound, tenders: Sequence[BulkTender], marked: Any) -> None:
    most = max((len(tender.evaluators) for tender in tenders), default=0)
    people = _many(
        Person,
        [
            {
                "name": f"Evaluator {n + 1}", "email": f"bulk{made.round_id}-{n}@example.org", "password": "",
                "fs_uniquifier": f"bulk{made.round_id}-{n}",
            }
            for n in range(most)
        ],
    )  # fmt: skip
    now = clock.now()
    _plain(
        Assignment,
        [
            {
                "application_id": application, "evaluator_id": people[n], "state": "locked",
                "declared_at": now, "locked_at": now,
            }
            for application, tender in zip(made.applications, tenders, strict=True)
            for n in range(len(tender.evaluators))
        ],
    )  # fmt: skip
    _plain(
        Mark,
        [
            {**marked(a, q, lot, points), "evaluator_id": people[n]}
            for a, tender in enumerate(tenders)
            for n, given in enumerate(tender.evaluators)
            for (q, lot), points in given.items()
        ],
    )


def _one(table: Any, **values: Any) -> int:
    return _many(table, [values])[0]


def _many(table: Any, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert the rows and return their ids in the same order."""
    if not rows:
        return []
    statement = insert(table).returning(table.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, list(rows)))


def _plain(table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(table), list(rows))
