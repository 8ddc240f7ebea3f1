"""Points that are counted, totals and ranks: by hand and against the function that ranks tenders."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from portal.competitions.criteria import CRITERIA, points_for_sessions, points_for_start
from portal.competitions.ranking import Answer, Place, ranked

WANTED = date(2026, 3, 2)


def an_answer(entry_id: int, *, fit: int | None = 5, travel: int | None = 5, **changes: object) -> Answer:
    marks = {code: points for code, points in (("fit", fit), ("travel", travel)) if points is not None}
    facts: dict[str, object] = {
        "start_on": WANTED,
        "sessions": ["mon_am", "mon_pm", "tue_am", "tue_pm"],
        "price": Decimal(100),
        "price_unit": "day",
    }
    return Answer(entry_id=entry_id, marks=marks, **(facts | changes))  # type: ignore[arg-type]


def places(*answers: Answer) -> list[Place]:
    return ranked(answers, start_wanted_on=WANTED, days_a_week=2)


def test_the_weights_make_a_hundred():
    assert sum(criterion.weight for criterion in CRITERIA.values()) == 100


@pytest.mark.parametrize(("late", "points"), [(-30, 5), (0, 5), (1, 4), (7, 4), (8, 3), (29, 0), (400, 0)])
def test_a_start_loses_a_point_for_each_week_begun(late, points):
    assert points_for_start(WANTED, WANTED + timedelta(days=late)) == points


@pytest.mark.parametrize(("offered", "points"), [(4, 5), (3, 3), (2, 2), (1, 1), (10, 5)])
def test_half_days_count_in_proportion_and_more_than_wanted_add_nothing(offered, points):
    assert points_for_sessions(4, offered) == points


def test_an_answer_with_everything_at_the_lowest_price_has_a_hundred():
    (place,) = places(an_answer(1))
    assert (place.total, place.rank) == (100, 1)


def test_totals_are_exact_and_add_up_criterion_by_criterion():
    first, second = places(
        an_answer(1, fit=3, start_on=WANTED + timedelta(days=3)), an_answer(2, travel=1, price=Decimal(150))
    )
    assert (first.entry_id, first.total) == (2, 40 + 2 + 10 + 15 + Fraction(50, 3))
    assert (second.entry_id, second.total) == (1, 40 * Fraction(3, 5) + 10 + 8 + 15 + 25)
    for place in (first, second):
        assert sum(place.added.values()) == place.total


def test_prices_in_other_units_compare_by_the_half_day():
    cheap, dear = places(
        an_answer(1, price=Decimal(60), price_unit="half_day"), an_answer(2, price=Decimal(100))
    )
    assert (cheap.entry_id, dear.added["price"]) == (2, Fraction(25 * 50, 60))


def test_below_the_minimum_of_fit_an_offer_has_no_rank_and_sets_no_price():
    good, poor = places(an_answer(1, fit=1, price=Decimal(10)), an_answer(2))
    assert (good.entry_id, good.rank, good.total) == (2, 1, 100)
    assert (poor.rank, poor.entry_id) == (None, 1)


def test_equal_totals_are_told_apart_by_fit_and_wholly_equal_ones_share_a_rank():
    by_fit = places(an_answer(1, fit=4, travel=5), an_answer(2, fit=5, travel=1))
    assert [place.rank for place in by_fit] == [1, 2] and by_fit[0].entry_id == 2
    assert by_fit[0].total == by_fit[1].total
    assert [place.rank for place in places(an_answer(1), an_answer(2))] == [1, 1]


def test_nobody_has_a_rank_before_everybody_is_marked():
    marked, waiting = places(an_answer(1), an_answer(2, fit=None))
    assert (marked.rank, waiting.rank) == (None, None)
    assert (marked.complete, waiting.complete) == (True, False)


def test_half_days_that_were_not_asked_for_add_nothing():
    wanted = ("tue_am", "tue_pm", "fri_am", "fri_pm")
    (place,) = ranked(
        [an_answer(1, sessions=["mon_am", "mon_pm", "tue_am", "tue_pm"])],
        start_wanted_on=WANTED,
        days_a_week=2,
        sessions_wanted=wanted,
    )
    assert place.points["sessions"] == points_for_sessions(4, 2)
