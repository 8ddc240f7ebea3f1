"""What the law is said to allow each kind of framework, and the warnings that follow."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tender.frameworks.models import CALL_OFF_ROUTES, FRAMEWORK_KINDS, LEGAL_REGIMES
from tender.regimes.reference import reference
from tender.regimes.warnings import Terms, next_reopening_by, warnings_for, years_after

TODAY = date(2026, 11, 29)
OPEN = Terms(
    "PA2023", "open_framework", date(2026, 6, 1), date(2034, 5, 31), value=None, cpv_codes=["80000000"]
)


def told(terms: Terms, on: date = TODAY) -> str:
    return " ".join(warning.sentence for warning in warnings_for(terms, on))


def test_every_kind_under_every_regime_has_its_rules() -> None:
    assert set(reference().kinds) == {(regime, kind) for regime in LEGAL_REGIMES for kind in FRAMEWORK_KINDS}


@pytest.mark.parametrize("regime", LEGAL_REGIMES)
def test_a_regime_says_what_else_applies_and_every_rule_names_its_source(regime: str) -> None:
    known = reference()
    for kind in FRAMEWORK_KINDS:
        assert {"Award notice", "Standstill"} <= {duty.name for duty in known.duties_of(regime, kind)}
    rules = (*known.kinds.values(), *known.duties, *known.thresholds, *known.values.values())
    assert all(rule.source for rule in rules)


def test_an_open_framework_runs_for_eight_years_from_its_first_award() -> None:
    assert "at most 8 years" not in told(OPEN)
    assert "at most 8 years, until 1 June 2034" in told(replace(OPEN, ends_on=date(2034, 6, 2)))
    later = replace(OPEN, ends_on=date(2034, 6, 2), first_awarded_on=date(2026, 7, 1))
    assert "at most 8 years" not in told(later)


def test_an_open_framework_opens_again_within_three_years() -> None:
    assert "Open this framework again by 1 June 2029." in told(OPEN)
    assert "overdue since 1 June 2029" in told(OPEN, date(2029, 6, 2))


def test_after_a_re_opening_the_next_is_due_within_five_years() -> None:
    opened_again = replace(OPEN, openings=[date(2026, 3, 1), date(2028, 1, 10)])
    assert next_reopening_by(opened_again) == date(2033, 1, 10)
    assert next_reopening_by(replace(opened_again, ends_on=date(2033, 1, 9))) is None


def test_a_light_touch_framework_may_run_as_long_as_it_says() -> None:
    long = Terms("PA2023", "light_touch_reopenable", date(2026, 1, 1), date(2046, 1, 1))
    assert warnings_for(long, TODAY) == ()


def test_a_closed_framework_runs_for_four_years_unless_it_is_light_touch() -> None:
    closed = Terms("PA2023", "closed", date(2026, 1, 1), date(2031, 1, 1))
    assert "at most 4 years, until 1 January 2030, unless its services are light touch" in told(closed)
    assert told(replace(closed, cpv_codes=["80100000"])) == ""
    assert "unless" not in told(replace(closed, cpv_codes=["30190000"]))


@pytest.mark.parametrize("kind", ["dynamic_market", "pseudo_dps"])
def test_an_older_purchasing_system_ends_in_february_2029(kind: str) -> None:
    older = Terms("PCR2015", kind, date(2021, 1, 1), date(2029, 2, 23))
    assert told(older) == ""
    assert "23 February 2029 at the latest" in told(replace(older, ends_on=date(2029, 2, 24)))


@pytest.mark.parametrize(("regime", "kind"), [("PCR2015", "open_framework"), ("PA2023", "pseudo_dps")])
def test_a_kind_that_the_regime_does_not_know_is_named(regime: str, kind: str) -> None:
    sentence = warnings_for(replace(OPEN, legal_regime=regime, kind=kind), TODAY)[0].sentence
    assert "Procurement Act 2023" in sentence


def test_a_notice_from_the_other_side_of_the_change_of_law_is_pointed_out() -> None:
    older = Terms("PCR2015", "pseudo_dps", date(2024, 1, 1), date(2028, 1, 1))
    change = date(2025, 2, 24)
    assert told(replace(older, noticed_on=change - timedelta(days=1))) == ""
    assert "only when the framework itself was set up" in told(replace(older, noticed_on=change))
    newer = replace(OPEN, noticed_on=change - timedelta(days=1))
    assert "earlier regulations then still apply" in told(newer)


@pytest.mark.parametrize(
    ("value", "on", "words"),
    [
        (663_540, TODAY, "at or above the threshold for light touch contracts, £663,540"),
        (663_539, TODAY, "A selection stage may still be used."),
        (207_719, TODAY, "£207,720 with VAT from 1 January 2026"),
        (207_720, TODAY, "A selection stage may still be used."),
        (210_000, date(2025, 12, 31), "£214,904 with VAT"),
    ],
)
def test_what_follows_from_the_value_is_said_with_the_sum_of_that_day(
    value: int, on: date, words: str
) -> None:
    terms = Terms("PA2023", "light_touch_reopenable", TODAY, date(2030, 1, 1), value=Decimal(value))
    assert words in told(terms, on)


def test_a_term_from_the_29th_of_february_ends_on_the_28th() -> None:
    assert years_after(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert years_after(date(2024, 2, 29), 4) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("regime", "kind", "route", "codes", "words"),
    [
        ("PA2023", "dynamic_market", "direct_award", ["80000000"], "needs a notice and a competition"),
        ("PA2023", "closed", "direct_award", [], "objective way of choosing"),
        ("PA2023", "closed", "direct_award", ["80000000"], ""),
        ("PA2023", "open_framework", "block", ["80000000"], "contract award notice"),
        ("PCR2015", "pseudo_dps", "user_choice", ["80000000"], "Procurement Act 2023"),
        ("PA2023", "light_touch_reopenable", "user_choice", [], ""),
    ],
)
def test_a_route_by_which_schools_choose_brings_what_to_look_at(regime, kind, route, codes, words):
    terms = Terms(regime, kind, date(2026, 6, 1), date(2028, 5, 31), cpv_codes=codes)
    before, after = told(terms), told(replace(terms, routes=[route]))
    assert (words in after) and (before != after) == bool(words)


def test_every_rule_about_a_route_is_about_a_route_that_there_is_and_names_its_source() -> None:
    for each in reference().routes:
        assert each.route in CALL_OFF_ROUTES and each.source and set(each.kinds) <= set(FRAMEWORK_KINDS)


VALUED = Terms("PA2023", "light_touch_reopenable", date(2026, 2, 1), date(2030, 1, 1), value=Decimal(210_000))


def test_the_sum_is_that_of_the_day_on_which_the_procurement_began() -> None:
    assert "A selection stage may still be used." in told(VALUED)
    before = replace(VALUED, noticed_on=date(2025, 12, 31))
    assert "£214,904 with VAT" in told(before), "a notice of last year is under the sums of last year"
    assert "£214,904" in told(replace(VALUED, openings=[date(2026, 3, 1), date(2025, 12, 1)]))
    noticed = replace(VALUED, noticed_on=date(2026, 1, 1), openings=[date(2025, 12, 1)])
    assert "A selection stage may still be used." in told(noticed)


def test_sums_that_may_be_out_of_date_are_said_to_be() -> None:
    last = reference().thresholds_known_until
    assert "set anew" not in told(VALUED, last)
    assert "until 31 December 2027, and they are set anew every two years" in told(
        VALUED, last + timedelta(days=1)
    )
    assert "set anew" not in told(replace(VALUED, noticed_on=last), date(2029, 1, 1))
    assert "set anew" not in told(replace(VALUED, value=None), date(2029, 1, 1))


def test_every_sum_is_known_until_the_day_that_the_table_names() -> None:
    newest = max(each.holds_from for each in reference().thresholds)
    assert newest < reference().thresholds_known_until <= years_after(newest, 2)


@pytest.mark.parametrize(("value", "is_said"), [(663_540, True), (5_372_608, True), (5_372_609, False)])
def test_that_a_concession_has_another_threshold_is_said_where_it_matters(value: int, is_said: bool) -> None:
    assert ("Where it is a concession" in told(replace(VALUED, value=Decimal(value)))) is is_said


@pytest.mark.parametrize("kind", FRAMEWORK_KINDS)
def test_a_contract_details_notice_is_due_within_120_days(kind: str) -> None:
    (duty,) = (
        each for each in reference().duties_of("PA2023", kind) if each.name == "Contract details notice"
    )
    assert "within 120 days" in duty.says and "section" in duty.source and "53" in duty.source
