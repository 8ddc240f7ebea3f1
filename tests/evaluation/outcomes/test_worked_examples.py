"""Recipes of real notices, worked out by hand and by both computations.

No notice of this field that we have seen gives a whole sum: they publish criteria and at most their weights.
Each example says what its notice publishes, as it stands there, and what is invented: marks, prices and
names always, and a scale, a formula or weights where the notice leaves them to its papers. The parts of each
total are worked out by hand, as weight x mark / highest, and stand in the table one by one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy.orm import Session

from evaluation.outcomes.python_totals import inputs_of, totals_in_python
from evaluation.outcomes.services import differences
from tender.frameworks.default_pack import default_pack
from tests.factories.accounts import a_council
from tests.factories.bulk import BulkPrice, BulkQuestion, BulkTender, a_bulk_round
from tests.sql_totals import totals_in_sql

Part = int | Fraction


@dataclass(frozen=True)
class Row:
    """A tender for the first lot: a mark for each question and, where it is scored, its price in pounds; what
    each of them adds, in this order; its rank (None: below a minimum)."""

    marks: Sequence[int]
    price: str | None
    adds: Sequence[Part]
    rank: int | None


@dataclass(frozen=True)
class Example:
    """What a notice publishes and what is invented here."""

    notice: str
    published: str
    invented: str
    questions: Sequence[BulkQuestion]
    tenders: Sequence[Row]
    price: BulkPrice | None = None
    lots: int = field(default=1)


def asked(weight: int, *, minimum: int = 0, highest: int = 5) -> BulkQuestion:
    return BulkQuestion(Decimal(weight), minimum, highest, per_lot=False)


SALFORD = Example(
    notice="Salford City Council, Supported Employment Service, 076901-2025 (ocds-h6vhtk-05de2e)",
    published="Quality 65%, price 20%, social value 15%; one lot",
    invented="marks from 0 to 5; the lowest price earns all of its weight, others lowest / own of it",
    questions=[asked(65), asked(15)],
    price=BulkPrice(Decimal(20), "lowest_price", Decimal(500)),
    tenders=[
        #    quality, social    price    65 x /5  15 x /5  20 x 72 / price    total
        Row((4, 3), "80", (52, 9, 18), 2),  #                                  79
        Row((3, 5), "72", (39, 15, 20), 3),  #                                 74
        Row((5, 2), "120", (65, 6, 12), 1),  #                                 83
        Row((2, 2), "90", (26, 6, 16), 4),  #                                  48
    ],
)
LUTON = Example(
    notice="Luton Council, Apprentice Provider Provision, 011445-2026 (ocds-h6vhtk-064b54)",
    published="Quality 100% in each of twelve lots",
    invented="one question, marked from 0 to 4",
    questions=[asked(100, highest=4)],
    tenders=[
        #    quality          100 x /4
        Row((3,), None, (75,), 1),
        Row((2,), None, (50,), 3),
        Row((3,), None, (75,), 1),  # equal totals share a rank, and the next one is left out
        Row((0,), None, (0,), 4),
    ],
    lots=12,
)
WESTMORLAND = Example(
    notice="Westmorland and Furness Council, Open Framework for Alternative Provision, 021461-2026 "
    "(ocds-h6vhtk-0556cd)",
    published="Quality and price in each of three lots, without weights",
    invented="quality 60% from 0 to 5 with a minimum of 2; price 40%: the lowest earns all, £150 nothing",
    questions=[asked(60, minimum=2)],
    price=BulkPrice(Decimal(40), "up_to_ceiling", Decimal(150)),
    tenders=[
        #    quality  price    60 x /5  40 x (150 - price) / (150 - 90)    total
        Row((3,), "90", (36, 40), 1),  #                                    76
        Row((4,), "120", (48, 20), 2),  #                                   68
        Row((5,), "150", (60, 0), 4),  #                                    60
        Row((5,), "139.50", (60, 7), 3),  #                                 67
        Row((5,), "160", (60, 0), 4),  # above the ceiling: nothing        60
        Row((1,), "60", (12, 0), None),  # below the minimum: its price is neither scored nor the lowest
    ],
    lots=3,
)
MANCHESTER = Example(
    notice="Manchester City Council, TC1108 Alternative Education Provision Round 4, "
    "MANC001-DN805066-42171049 (ocds-b5fd17-96efef6c-8815-4cc5-ad26-be3e02a0be7f)",
    published="ten lots, and no criteria in the notice",
    invented="the portal's own proposal: 25, 20, 20, 15, 10 and 10% from 0 to 5, at least 3 in the first and "
    "2 in the others; a price is a condition and adds nothing",
    questions=[asked(25, minimum=3), *(asked(weight, minimum=2) for weight in (20, 20, 15, 10, 10))],
    tenders=[
        #    25 20 20 15 10 10           25 x /5, 20 x /5 ...         total
        Row((4, 3, 4, 3, 2, 5), None, (20, 12, 16, 9, 4, 10), 1),  #   71
        Row((3, 3, 3, 3, 3, 3), None, (15, 12, 12, 9, 6, 6), 2),  #    60
        Row((2, 5, 5, 5, 5, 5), None, (10, 20, 20, 15, 10, 10), None),  # 85, and safeguarding below 3
        Row((5, 2, 2, 2, 2, 2), None, (25, 8, 8, 6, 4, 4), 3),  #      55
        Row((5, 5, 5, 5, 5, 1), None, (25, 20, 20, 15, 10, 2), None),  # 92, and the last below 2
    ],
    lots=10,
)
EXAMPLES = [SALFORD, LUTON, WESTMORLAND, MANCHESTER]


@pytest.mark.parametrize("example", EXAMPLES, ids=["Salford", "Luton", "Westmorland", "Manchester"])
def test_both_computations_give_what_was_worked_out_by_hand(session: Session, example: Example) -> None:
    made = a_bulk_round(
        a_council().id,
        example.questions,
        [
            BulkTender(
                lots=[0],
                points={(place, None): points for place, points in enumerate(row.marks)},
                prices={0: row.price} if row.price else {},
            )
            for row in example.tenders
        ],
        lots=example.lots,
        price=example.price,
    )
    in_sql, in_python = totals_in_sql(made.round_id), totals_in_python(*inputs_of(made.round_id))
    assert differences(in_sql, in_python) == set()
    totals = {total.application_id: total for total in in_sql}
    for application, row in zip(made.applications, example.tenders, strict=True):
        total, python = totals[application], in_python[application, made.lots[0]]
        marks = sum(row.adds[: len(row.marks)])
        assert (total.exact, total.rank) == (python.exact, python.rank) == (sum(row.adds), row.rank)
        assert Fraction(total.quality) / total.denominator == python.quality == marks


def test_the_weights_of_each_example_are_a_hundred() -> None:
    for example in EXAMPLES:
        price = example.price.weight if example.price else 0
        assert sum(question.weight for question in example.questions) + price == 100, example.notice


def published(name: str) -> dict[str, Any]:
    notices = files("portal.development").joinpath("notices", f"{name}.json")
    tender: dict[str, Any] = json.loads(notices.read_bytes())["releases"][0]["tender"]
    return tender


def test_the_notices_that_are_here_say_what_the_examples_say_of_them() -> None:
    lots = published("westmorland-open-framework")["lots"]
    criteria = [[each["type"] for each in lot["awardCriteria"]["criteria"]] for lot in lots]
    assert criteria == [["quality", "price"]] * WESTMORLAND.lots
    assert "%" not in json.dumps(lots)
    assert "riteria" not in json.dumps(published("manchester-tc1108-round-4"))


def test_what_is_invented_for_manchester_is_the_portals_own_proposal() -> None:
    scored = [each for each in default_pack().questions if each.judged_as == "scored"]
    proposed = [(each.weight, each.minimum) for each in scored]
    assert proposed == [(each.weight, each.minimum) for each in MANCHESTER.questions]
