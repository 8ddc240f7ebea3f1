"""Lots, hours and registration as the words of a notice give them."""

import pytest

from tender.frameworks.notice_text import claimed_lot_count, lots_in, minimum_hours_a_week, registered_only


def titles(description):
    return [lot.title for lot in lots_in(description)]


@pytest.mark.parametrize(
    "description",
    [
        "Lots: Lot 1 - Tutoring. Lot 2 - Mentoring.",
        "Lot 1 - Tutoring Lot 2 - Mentoring",
        "Lot 1: Tutoring; Lot 2: Mentoring; ",
        "LOT 1 – Tutoring\nLOT 2 – Mentoring\n\nThe rest is about something else.",
        "Lot One Tutoring, Lot Two Mentoring",
        "Lot 1 - Tutoring.  Lot 2 -  Mentoring Please note that places are limited.",
        "Lot 1 - Tutoring. Lot 2 - Mentoring Existing providers may apply for another lot. The rest is new.",
        "It adds to Lot 2 - as it was. The lots are Lot 1 - Tutoring Lot 2 - Mentoring. See Lot 1 for more.",
    ],
)
def test_a_list_of_lots_is_recognised_however_it_is_run_together(description):
    assert titles(description) == ["Tutoring", "Mentoring"]


@pytest.mark.parametrize(
    "description", ["", "No division.", "Apply for an additional Lot.", "Bid for Lots 1 to 3."]
)
def test_words_without_a_list_hold_no_lots(description):
    assert titles(description) == []


def test_a_title_in_brackets_and_abbreviations_stay_whole():
    assert titles("Lot 1 (registered) Full-time, min. 25 hours. Lot 2 - Outreach incl. Mentoring.") == [
        "(registered) Full-time, min. 25 hours",
        "Outreach incl. Mentoring",
    ]


def test_more_sentences_about_a_lot_become_its_description_but_after_the_last_they_are_not_its_own():
    first, last = lots_in("Lot 1 - Tutoring. At home or online. Lot 2 - Mentoring. We will visit.")
    assert (first.title, first.description) == ("Tutoring", "At home or online.")
    assert (last.title, last.description) == ("Mentoring", None)


def test_a_title_as_long_as_a_paragraph_is_shortened_and_kept_whole_beside_it():
    words = "tutoring and mentoring " * 20
    first, _ = lots_in(f"Lot 1 - {words}Lot 2 - Other")
    assert len(first.title) <= 200 and first.title.endswith("…")
    assert first.description == words.strip()


@pytest.mark.parametrize(
    ("description", "count"),
    [
        ("divided into the following 10 Lots:", 10),
        ("There are three separate lots.", 3),
        ("Bidders may apply for up to 2 lots of the five lots.", None),
        ("Apply for one or more lots.", None),
        ("You may bid for up to 2 lots. There are 7 lots.", 7),
        ("No lots.", None),
    ],
)
def test_the_count_of_lots_is_what_the_description_claims(description, count):
    assert claimed_lot_count(description) == count


@pytest.mark.parametrize(
    ("title", "only"),
    [
        ("Provider registered", True),
        ("Provider not registered", False),
        ("Unregistered provision", False),
        ("Registered and unregistered providers", None),
        ("Medical", None),
    ],
)
def test_a_title_says_whether_a_lot_is_for_registered_providers(title, only):
    assert registered_only(title) is only


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("Full-time - Min of 25 hours per week", 25),
        ("minimum 18 hrs a week", 18),
        ("at least 25h/week", 25),
        ("25 hours per week or more", 25),
        ("up to 15 hours per week", None),
        ("at least 12.5 hours a week", None),
        ("at least 99 hours a week", None),
    ],
)
def test_the_least_hours_a_week_are_read_where_they_are_a_minimum(words, hours):
    assert minimum_hours_a_week(words) == hours
