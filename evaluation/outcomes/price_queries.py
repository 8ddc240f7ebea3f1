"""Reading the prices that a formula scores, once every mark of the round is agreed."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, and_, or_, select, text

from evaluation.assignments.coverage_queries import complete_applications
from evaluation.assignments.models import ApartSection
from evaluation.conformity.answer_queries import tells_price
from evaluation.outcomes.mark_queries import unmarked_answers
from evaluation.outcomes.models import FormerPriceCheck
from evaluation.outcomes.totals import PRICED_AND_STANDING, PRICES
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import NotFound
from tender.applications.models import Application
from tender.frameworks.models import Question

PAGE = 50
JUDGES_PRICES = ("conformity:decide", "outcome:recommend")
"""The permissions that judge a price by its ceiling, or whether it counts."""

_PRICES = text(
    f"""
    WITH {PRICED_AND_STANDING}, {PRICES}
    SELECT looked_at.application_id, looked_at.lot_id, looked_at.pence / 100.0 AS pounds, looked_at.given,
           looked_at.referred, looked_at.counts, coalesce(looked_at.version, 0) AS version, looked_at.low,
           looked_at.together / nullif(looked_at.prices, 0) / 100.0 AS average,
           price_check.reason, price_check.decided_at, decider.name AS decided_by,
           organisation.name AS provider_name, lot.number AS lot_number, lot.title AS lot_title,
           count(*) OVER () AS of_all
    FROM looked_at
    JOIN application ON application.id = looked_at.application_id
    JOIN organisation ON organisation.id = application.provider_id
    JOIN lot ON lot.id = looked_at.lot_id
    LEFT JOIN price_check ON price_check.application_id = looked_at.application_id
      AND price_check.lot_id = looked_at.lot_id
    LEFT JOIN person AS decider ON decider.id = price_check.decided_by_id
    WHERE looked_at.lot_id = :lot
      AND (CAST(:application AS bigint) IS NULL OR looked_at.application_id = :application)
    ORDER BY looked_at.referred AND looked_at.counts IS NULL DESC, looked_at.pence NULLS FIRST,
             organisation.name, looked_at.application_id
    LIMIT :most OFFSET :skip
    """
)
_WAITING = text(
    f"""
    WITH {PRICED_AND_STANDING}, {PRICES}
    SELECT count(*) FROM looked_at WHERE referred AND counts IS NULL
    """
)


def prices_of(round_id: int, lot_id: int, *, skip: int = 0) -> tuple[Sequence[RowMapping], int]:
    """One page of a lot's prices, and how many there are: what waits first, then from the lowest.

    application_id, lot_id, pounds and average (of the prices given; None: none), given, referred (a person
    must look at it), counts (what was decided; None: nothing), version (0: nothing), low (per cent), reason,
    decided_at, decided_by, provider_name, lot_number, lot_title.
    """
    rows = _read(round_id, lot_id, None, skip)
    return rows, (rows[0]["of_all"] if rows else 0)


def price_for(round_id: int, application_id: int, lot_id: int) -> RowMapping:
    """One of those prices. Raises `NotFound`."""
    rows = _read(round_id, lot_id, application_id, 0)
    if not rows:
        raise NotFound
    return rows[0]


def _read(round_id: int, lot_id: int, application_id: int | None, skip: int) -> Sequence[RowMapping]:
    asked = {"round": round_id, "lot": lot_id, "application": application_id, "most": PAGE, "skip": skip}
    return db.session.execute(_PRICES, asked).mappings().all()


def decided_before(application_id: int, lot_id: int) -> Sequence[RowMapping]:
    """What was decided on a price before it was decided anew, the newest first: version, counts, reason,
    decided_at, decided_by. Who may read the price is the caller's to check."""
    former = FormerPriceCheck
    return (
        db.session.execute(
            select(
                former.version,
                former.counts,
                former.reason,
                former.decided_at,
                Person.name.label("decided_by"),
            )
            .join(Person, Person.id == former.decided_by_id)
            .where(former.application_id == application_id, former.lot_id == lot_id)
            .order_by(former.version.desc())
        )
        .mappings()
        .all()
    )


def prices_waiting(round_id: int) -> int:
    """How many prices of a round wait for a person."""
    return db.session.execute(_WAITING, {"round": round_id}).scalar_one()


def withheld_questions(viewer: Actor, round_id: int, application_id: int) -> list[str]:
    """The codes of the questions whose answers the viewer does not read with the whole of this tender yet.

    Prices are shut to everybody until no mark can be coloured by them (`prices_are_open`), but for those that
    a ceiling judges: whoever decides conditions or recommends reads these. And what is marked of sections
    apart, until they are released or all evaluators of the tender have locked and moderation reads it.
    """
    still_apart = select(ApartSection.section).where(
        ApartSection.round_id == round_id, ApartSection.released_at.is_(None)
    )
    this = select(Application.id).where(Application.id == application_id)
    apart = and_(
        Question.judged_as == "scored",
        Question.section.in_(still_apart),
        ~complete_applications(this).exists(),
    )
    price = Question.judged_as == "priced" if viewer.may(*JUDGES_PRICES) else tells_price()
    rows = db.session.execute(
        select(Question.code, price).where(Question.round_id == round_id, or_(price, apart))
    ).all()
    # Whether prices are open is asked only where there is one.
    prices_shut = any(is_price for _, is_price in rows) and not prices_are_open(round_id)
    return [code for code, is_price in rows if prices_shut or not is_price]


def prices_are_open(round_id: int) -> bool:
    """Whether prices may be read: every answer has its agreed mark, so that no price can colour one."""
    return not unmarked_answers(round_id, most=1)[1]
