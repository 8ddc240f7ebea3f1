"""The tables of a round's record: each a list of facts, read as a stream, a few rows in memory at a time.

They are the same in a CSV file, in the workbook and in the disclosure pack. Marks appear only for tenders
whose evaluators, two or more, have all locked.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, TextClause, literal_column, select, text
from sqlalchemy.dialects import postgresql

from evaluation.assignments.coverage_queries import complete_applications
from evaluation.outcomes.assessment import OUTCOME_WORDS, LotOutcome, two_places
from evaluation.outcomes.mark_queries import evaluators_totals_by_lot
from evaluation.outcomes.queries import outcomes_of
from portal.database import db
from tender.applications.models import Application
from tender.frameworks.queries import lots_of_round, pack_of
from tender.frameworks.recipe import how_totals_are_made, minimums_of

ROWS_AT_ONCE = 1_000
_ROOM_TO_SORT = text("SET LOCAL work_mem = '64MB'")
STAFF = "Names of the council's staff."

# The rule by which marks may be read stands with assignments, once.
_OF_ROUND = select(Application.id).where(
    Application.round_id == literal_column(":round"), Application.state == "submitted"
)
_COMPLETE_APPLICATIONS = complete_applications(_OF_ROUND).compile(
    dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
)
# The tenders of round :round whose marks may be read, and their places in the order of providers. The rule
# stands by itself: beside its cost, of which most is never paid, the planner sees no other difference.
COMPLETE = f"""
    complete AS MATERIALIZED ({_COMPLETE_APPLICATIONS}), tender AS MATERIALIZED (
      SELECT application.id, application.reference, organisation.name AS provider,
             row_number() OVER (ORDER BY organisation.name, application.id) AS place
      FROM complete
      JOIN application ON application.id = complete.application_id
      JOIN organisation ON organisation.id = application.provider_id
    )
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A list of facts: its name in addresses and files, its title, its columns, and how to read its rows.

    `personal` says what to look at before the table is given to anybody outside the council.
    """

    name: str
    title: str
    head: tuple[str, ...]
    read: Callable[[int], Iterator[Sequence[object]]]
    personal: str = STAFF


def stream(statement: TextClause, values: Mapping[str, Any]) -> Iterator[Row[Any]]:
    """The rows of a statement as they come: the database keeps them until they are asked for."""
    # Tens of thousands of rows with their reasons are put in order in memory, and not on the database's disk.
    db.session.execute(_ROOM_TO_SORT)
    found = db.session.execute(
        statement, values, execution_options={"stream_results": True, "yield_per": ROWS_AT_ONCE}
    )
    yield from found


def listed(name: str, title: str, head: Sequence[str], sql: str, personal: str = STAFF) -> Table:
    """A table that one statement reads, about the round :round."""
    statement = text(sql)
    return Table(
        name,
        title,
        tuple(head),
        lambda round_id: stream(statement, {"round": round_id}),
        personal,
    )


def _how(round_id: int) -> list[str]:
    return how_totals_are_made(pack_of(round_id), minimums_of(lots_of_round(round_id)))


def _totals(round_id: int) -> Iterator[Sequence[object]]:
    # In the first row only: a column is read by every program, a line of comment before the head is not.
    how = "\n".join(_how(round_id))
    for outcome in outcomes_of(round_id)[0]:
        counted = [two_places(total, "") for total in (outcome.total, _quality(outcome), outcome.for_price)]
        yield (
            outcome.lot_number,
            outcome.provider_name,
            "met" if outcome.stands else "not met",
            outcome.ranked,
            *counted,
            str(outcome.total) if outcome.total is not None else "",
            "; ".join(f"{each.title} ({each.points}, minimum {each.minimum})" for each in outcome.missed),
            "; ".join(f"{each.title}: {each.reason}" for each in outcome.failures),
            how,
        )
        how = ""


def _quality(outcome: LotOutcome) -> Any:
    if outcome.total is None or outcome.for_price is None:
        return None
    return outcome.total - outcome.for_price


def _evaluators(round_id: int) -> Iterator[Sequence[object]]:
    how = "\n".join(_how(round_id))
    lots: dict[int, list[LotOutcome]] = {}
    for outcome in outcomes_of(round_id)[0]:
        if outcome.total is not None:
            lots.setdefault(outcome.lot_id, []).append(outcome)
    tenders = {outcome.application_id for outcomes in lots.values() for outcome in outcomes}
    own = evaluators_totals_by_lot(lots.keys(), tenders)
    for lot_id, outcomes in lots.items():
        for outcome in outcomes:
            for name, total in own.get(lot_id, {}).get(outcome.application_id, ()):
                told = two_places(total, "incomplete")
                yield outcome.lot_number, outcome.provider_name, name, told, how
                how = ""


def _decisions(round_id: int) -> Iterator[Sequence[object]]:
    for outcome in outcomes_of(round_id)[0]:
        yield (
            outcome.lot_number,
            outcome.provider_name,
            outcome.state or "not recommended",
            OUTCOME_WORDS.get(outcome.outcome or "", ""),
            outcome.reason,
            "; ".join(
                f"{each.text} by {each.due_on}" + (f", moved to {each.moved_to}" if each.moved_to else "")
                for each in outcome.conditions
            ),
            outcome.ground,
            outcome.recommended_by,
            outcome.recommended_at,
            outcome.approved_by,
            outcome.approved_at,
            outcome.return_reason,
            "yes" if outcome.replaces_id else "",
        )


def _recipe(round_id: int) -> Iterator[Sequence[object]]:
    return ((step,) for step in _how(round_id))


RECIPE = Table(
    "how-totals-are-made",
    "How totals are made",
    ("As published with the round. Every total is computed in two independent ways that agree.",),
    _recipe,
    "",
)
TOTALS = Table(
    "totals",
    "Tenders and totals",
    ("Lot", "Provider", "Conditions", "Rank", "Total of 100", "From marks", "From price", "Exact total",
     "Below the minimum", "Conditions not met", "How totals are made"),
    _totals,
    "Totals of providers that were not admitted may be their commercial interest.",
)  # fmt: skip
EVALUATORS = Table(
    "evaluators",
    "Evaluators' totals",
    ("Lot", "Provider", "Evaluator", "Total of 100", "How totals are made"),
    _evaluators,
    "Names of evaluators.",
)
MARKS = listed(
    "marks",
    "Individual marks",
    (
        "Provider",
        "Tender",
        "Lot",
        "Question",
        "Evaluator",
        "Mark",
        "Highest",
        "Reason",
        "Version",
        "Marked at",
        "Of the answer's version",
        "Of the pack's version",
    ),
    f"""
    WITH {COMPLETE}
    SELECT tender.provider, tender.reference, lot.number, question.title, person.name, mark.points,
           scale.highest, mark.reason, mark.version, mark.marked_at, mark.answer_version, mark.pack_version
    FROM tender
    JOIN answer ON answer.application_id = tender.id
    JOIN mark ON mark.answer_id = answer.id
    JOIN assignment ON assignment.application_id = tender.id
      AND assignment.evaluator_id = mark.evaluator_id AND assignment.state = 'locked'
    JOIN question ON question.id = mark.question_id
    JOIN scale ON scale.id = question.scale_id
    JOIN person ON person.id = mark.evaluator_id
    LEFT JOIN lot ON lot.id = answer.lot_id
    ORDER BY tender.place, question.position, lot.position, person.name, person.id
    """,
    "Names of evaluators; what tenders say.",
)
AGREED = listed(
    "agreed-marks",
    "Agreed marks",
    ("Provider", "Tender", "Lot", "Question", "Weight", "Minimum", "Highest", "Individual marks", "Spread",
     "Agreed mark", "Above the lowest by", "Below the highest by", "Reason", "Agreed by", "Agreed at",
     "Version", "Meeting"),
    f"""
    WITH {COMPLETE}
    SELECT tender.provider, tender.reference, lot.number, question.title, question.weight::text,
           question.minimum, scale.highest, own.listed, own.most - own.least, agreed_mark.points,
           agreed_mark.points - own.least, own.most - agreed_mark.points, agreed_mark.reason, person.name,
           agreed_mark.agreed_at, agreed_mark.version, agreed_mark.meeting_id
    FROM tender
    JOIN answer ON answer.application_id = tender.id
    JOIN agreed_mark ON agreed_mark.answer_id = answer.id
    JOIN question ON question.id = agreed_mark.question_id
    JOIN scale ON scale.id = question.scale_id
    JOIN person ON person.id = agreed_mark.moderator_id
    LEFT JOIN lot ON lot.id = answer.lot_id
    CROSS JOIN LATERAL (
      SELECT string_agg(mark.points::text, '; ' ORDER BY evaluator.name, evaluator.id) AS listed,
             min(mark.points) AS least, max(mark.points) AS most
      FROM mark
      JOIN assignment ON assignment.application_id = tender.id
        AND assignment.evaluator_id = mark.evaluator_id AND assignment.state = 'locked'
      JOIN person AS evaluator ON evaluator.id = mark.evaluator_id
      WHERE mark.answer_id = answer.id
    ) AS own
    ORDER BY tender.place, question.position, lot.position
    """,
    "What tenders say.",
)  # fmt: skip
UNLOCKED = listed(
    "unlocked-marks",
    "Agreed marks unlocked",
    ("Provider", "Tender", "Lot", "Question", "Version", "Mark", "Reason", "Agreed by", "Agreed at",
     "Unlocked because", "Unlocked by", "Unlocked at"),
    f"""
    WITH {COMPLETE}
    SELECT tender.provider, tender.reference, lot.number, question.title, unlocked_mark.version,
           unlocked_mark.points, unlocked_mark.reason, moderator.name, unlocked_mark.agreed_at,
           unlocked_mark.why, unlocker.name, unlocked_mark.unlocked_at
    FROM tender
    JOIN answer ON answer.application_id = tender.id
    JOIN unlocked_mark ON unlocked_mark.answer_id = answer.id
    JOIN question ON question.id = answer.question_id
    JOIN person AS moderator ON moderator.id = unlocked_mark.moderator_id
    JOIN person AS unlocker ON unlocker.id = unlocked_mark.unlocked_by_id
    LEFT JOIN lot ON lot.id = answer.lot_id
    ORDER BY tender.place, question.position, lot.position, unlocked_mark.version
    """,
    "What tenders say.",
)  # fmt: skip
RETURNED = listed(
    "returned-marks",
    "Marks returned to evaluators",
    ("Provider", "Tender", "Lot", "Question", "Evaluator", "Version", "Mark", "Reason", "Marked at",
     "Of the answer's version", "Of the pack's version", "Returned because", "Returned by", "Returned at",
     "Mark now"),
    f"""
    WITH {COMPLETE}
    SELECT tender.provider, tender.reference, lot.number, question.title, evaluator.name, old.version,
           old.points, old.reason, old.marked_at, old.answer_version, old.pack_version, old.why,
           returner.name, old.returned_at, mark.points
    FROM tender
    JOIN answer ON answer.application_id = tender.id
    JOIN returned_mark AS old ON old.answer_id = answer.id
    JOIN question ON question.id = answer.question_id
    JOIN person AS evaluator ON evaluator.id = old.evaluator_id
    JOIN person AS returner ON returner.id = old.returned_by_id
    LEFT JOIN assignment ON assignment.application_id = tender.id
      AND assignment.evaluator_id = old.evaluator_id AND assignment.state = 'locked'
    LEFT JOIN mark ON mark.answer_id = answer.id AND mark.evaluator_id = assignment.evaluator_id
    LEFT JOIN lot ON lot.id = answer.lot_id
    ORDER BY tender.place, question.position, lot.position, evaluator.name, evaluator.id, old.version
    """,
    "Names of evaluators; what tenders say.",
)  # fmt: skip
CONFORMITY = listed(
    "conformity",
    "Conformity",
    ("Provider", "Tender", "Lot", "Condition", "Result", "By the rule", "Reason", "Decided by", "Decided at"),
    """
    SELECT organisation.name, application.reference, lot.number, question.title, conformity_check.result,
           conformity_check.rule_result, conformity_check.reason, person.name, conformity_check.decided_at
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN conformity_check ON conformity_check.application_id = application.id
    JOIN question ON question.id = conformity_check.question_id
    LEFT JOIN lot ON lot.id = conformity_check.lot_id
    LEFT JOIN person ON person.id = conformity_check.decided_by_id
    WHERE application.round_id = :round AND application.state = 'submitted'
    ORDER BY organisation.name, application.id, question.position, lot.position, conformity_check.id
    """,
    "What tenders say.",
)
DECISIONS = Table(
    "decisions",
    "Decisions",
    ("Lot", "Provider", "Stands at", "Outcome", "Reason", "Conditions",
     "Exclusion ground", "Recommended by", "Recommended at", "Approved by",
     "Approved at", "Returned because", "Made anew"),
    _decisions,
)  # fmt: skip
PRICES = listed(
    "prices",
    "Decisions on prices",
    ("Lot", "Provider", "Counts", "Reason", "Version", "Stands", "Decided by", "Decided at"),
    """
    SELECT lot.number, organisation.name, CASE WHEN decided.counts THEN 'yes' ELSE 'no' END,
           decided.reason, decided.version, CASE WHEN decided.stands THEN 'yes' ELSE 'no' END, person.name,
           decided.decided_at
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN (
      SELECT application_id, lot_id, version, counts, reason, decided_at, decided_by_id, true AS stands
      FROM price_check
      UNION ALL
      SELECT application_id, lot_id, version, counts, reason, decided_at, decided_by_id, false
      FROM former_price_check
    ) AS decided ON decided.application_id = application.id
    JOIN lot ON lot.id = decided.lot_id
    JOIN person ON person.id = decided.decided_by_id
    WHERE application.round_id = :round
    ORDER BY lot.position, organisation.name, application.id, decided.version
    """,
    "Prices are a provider's commercial interest.",
)

WORKBOOK: tuple[Table, ...] = (
    RECIPE,
    TOTALS,
    EVALUATORS,
    MARKS,
    RETURNED,
    AGREED,
    UNLOCKED,
    CONFORMITY,
    PRICES,
    DECISIONS,
)
"""What an evaluation pack holds, a sheet each; each is there as a CSV file, too."""
