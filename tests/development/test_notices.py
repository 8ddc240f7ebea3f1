"""The two real notices that the demonstration starts from read as they were published."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tender.frameworks.notice import read_notice

NOTICES = Path(__file__).parents[2] / "portal" / "development" / "notices"
WHEN_BOTH_WERE_OPEN = datetime(2026, 3, 1, tzinfo=UTC)


def read(name):
    return read_notice((NOTICES / name).read_bytes(), now=WHEN_BOTH_WERE_OPEN)


@pytest.fixture
def manchester():
    return read("manchester-tc1108-round-4.json")


@pytest.fixture
def westmorland():
    return read("westmorland-open-framework.json")


def test_the_ten_lots_of_manchester_are_found_in_its_description(manchester):
    assert manchester.lots_source == "description"
    assert manchester.description_lot_count == 10
    assert [(lot.number, lot.title) for lot in manchester.lots] == [
        ("1", "Full-time Alternative Provision - Min of 25 hours per week"),
        ("2", "Part-time Alternative Provision - Sports Science / Health & Wellbeing"),
        ("3", "Part-time Alternative Provision - Sports Coaching/Life Skills"),
        ("4", "Part-time Alternative Provision - Hair and Beauty"),
        ("5", "Part-time Alternative Provision - Construction"),
        ("6", "Part-time Alternative Provision - Creative/Media"),
        ("7", "Complementary - Animal Care"),
        ("8", "Complementary - Innovation"),
        ("9", "One-to-One Tutoring"),
        ("10", "Mentoring and coaching"),
    ]


def test_only_manchesters_full_time_lot_has_minimum_hours(manchester):
    assert [lot.minimum_hours_a_week for lot in manchester.lots] == [25] + [None] * 9


def test_manchester_runs_a_flexible_purchasing_system_under_the_regulations_of_2015(manchester):
    assert manchester.legal_regime == "PCR2015"
    assert manchester.framework_kind == "pseudo_dps"
    assert manchester.procedure_type == "restricted"
    assert manchester.procedure == "Restricted procedure (above threshold)"


def test_manchesters_identity_and_value_are_as_published(manchester):
    assert manchester.title == "TC1108 - Manchester Alternative Education Provision - Round 4"
    assert manchester.reference == "MANC001-DN805066-42171049"
    assert manchester.buyer_name == "Manchester City Council"
    assert manchester.ocid == "ocds-b5fd17-96efef6c-8815-4cc5-ad26-be3e02a0be7f"
    assert (manchester.value, manchester.value_gross, manchester.currency) == (
        Decimal(30_000_000),
        None,
        "GBP",
    )
    assert manchester.cpv_codes == ("80000000", "85000000", "98000000")


def test_manchesters_dates_are_those_of_a_clock_in_the_united_kingdom(manchester):
    assert manchester.published_at == datetime(2026, 1, 30, 7, 56, 57, tzinfo=UTC)
    assert manchester.tender_deadline == datetime(2026, 3, 4, 11, tzinfo=UTC)
    assert (manchester.starts_on, manchester.ends_on) == (date(2026, 6, 1), date(2028, 10, 27))


def test_manchester_leaves_only_its_lot_titles_to_confirm(manchester):
    assert manchester.warnings == ("We found the lots in the words of the description. Check each title.",)


def test_westmorlands_three_lots_are_data(westmorland):
    assert westmorland.lots_source == "data"
    assert [(lot.number, lot.title, lot.registered_only) for lot in westmorland.lots] == [
        ("1", "Alternative provision, provider registered", True),
        ("2", "Alternative provision, provider not registered", False),
        ("3", "Medical alternative provision", None),
    ]


def test_westmorland_runs_an_open_framework_under_the_act_of_2023(westmorland):
    assert westmorland.legal_regime == "PA2023"
    assert westmorland.framework_kind == "open_framework"
    assert westmorland.special_regime == ("lightTouch",)
    assert westmorland.procedure_type == "open"


def test_westmorlands_identity_and_value_are_as_published(westmorland):
    assert westmorland.buyer_name == "Westmorland and Furness Council"
    assert westmorland.notice_identifier == "2026/S 000-021461"
    assert westmorland.ocid == westmorland.reference == "ocds-h6vhtk-0556cd"
    assert westmorland.value == westmorland.value_gross == Decimal(11_500_000)


def test_westmorlands_deadlines_stand_in_universal_time(westmorland):
    assert westmorland.tender_deadline == datetime(2026, 4, 10, 8, tzinfo=UTC)
    assert westmorland.enquiry_deadline == datetime(2026, 3, 26, 23, 59, 59, tzinfo=UTC)
    assert (westmorland.starts_on, westmorland.ends_on) == (date(2026, 6, 1), date(2031, 1, 31))


def test_westmorland_leaves_nothing_to_doubt(westmorland):
    assert westmorland.warnings == ()
