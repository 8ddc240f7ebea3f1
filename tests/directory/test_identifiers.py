"""What would say who a child is, and what would not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.directory.identifiers import identifier_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("UPN A123456789012.", "a pupil number"),
        ("his number is b12345678901x", "a pupil number"),
        ("A 1234 5678 9012", "a pupil number"),
        ("born 12/03/2012", "a full date"),
        ("born 3.4.12,", "a full date"),
        ("2012-03-04", "a full date"),
        ("on 4 March 2012", "a full date"),
        ("the 21st of Sept 2011", "a full date"),
        ("March 4th, 2012", "a full date"),
        ("1 jan 12", "a full date"),
        ("write to mum.smith+1@example.org", "an email address"),
        ("call 0161 496 0123", "a telephone number"),
        ("call 07700 900 123", "a telephone number"),
        ("+44 (0)7700 900123", "a telephone number"),
        ("(0161) 496-0123", "a telephone number"),
        ("ULN 1234567890", "learner or NHS number"),
        ("NHS 943 476 5919", "learner or NHS number"),
        ("lives at M14 5RQ", "a full postcode"),
        ("lives at m145rq.", "a full postcode"),
    ],
)
def test_what_says_who_a_child_is_gets_a_sentence(text: str, kind: str) -> None:
    sentence = identifier_in(f"Calm, likes engines. {text} Wants to learn.")
    assert sentence and kind in sentence


@pytest.mark.parametrize(
    "text",
    [
        "In year 9, 2 days a week, about 1.5 miles away, 95% attendance, £1,200 so far",
        "Excluded in March 2026, for 5 days; back on Monday 3 March",
        "Reading age 7.5, 12/20 in the test, 3/5 days, 24/7, 9-3 timetable",
        "Lives in M14, near B1 2nd floor flats; likes BMX and K1 kick-boxing",
        "Set 3, KS3 4th quarter, Level 2 in 2025-26, the 2024/25 report, section 12.3.1",
        "Phase 10 of 12: 100,000 steps, 365 days, 2026",
        "",
    ],
)
def test_ordinary_words_and_figures_pass(text: str) -> None:
    assert identifier_in(text) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_trouble(text: str) -> None:
    assert identifier_in(text) is None or "Take out" in identifier_in(text)


def test_a_long_text_is_read_quickly() -> None:
    assert identifier_in("1 " * 5_000 + "a." * 5_000 + "+44 ( ) " * 500) is None
