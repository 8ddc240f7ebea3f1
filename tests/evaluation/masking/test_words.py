"""What of a text is hidden, and what is left."""

import pytest

from evaluation.masking.words import HIDDEN, NO_MASK, Identifier, Mask, mask_for

KNOWN = (
    Identifier("name", "The Brookside Youth Trust CIC"),
    Identifier("name", "Copper Kettle Kitchen"),
    Identifier("name", "O’Hara & Sons Ltd"),
    Identifier("person", "Dr Morgan Ann Okafor"),
    Identifier("number", "07654321"),
    Identifier("number", "0161 496 0000"),
    Identifier("web", "https://www.brookside-youth.org.uk/about"),
    Identifier("email", "office@brookside.sch.uk"),
    Identifier("place", "12 Mill Street, Salford"),
    Identifier("place", "M5 4WT"),
    Identifier("name", ""),
)


@pytest.fixture(scope="module")
def mask() -> Mask:
    return mask_for(KNOWN)


@pytest.mark.parametrize(
    "told",
    [
        "the brookside youth trust cic",
        "Brookside Youth Trust",
        "BROOKSIDE  YOUTH\nTRUST",
        "Brookside-Youth-Trust",
        "Brookside Youth",
        "Brookside",
        "BROOKSIDE",
        "BYT",
        "copper kettle",
        "Copper Kettle",
        "O'Hara and Sons",
        "OHara & Sons Ltd",
        "Morgan Okafor",
        "Dr Okafor",
        "Mrs. Okafor",
        "morgan ann okafor",
        "7654321",
        "07 65 43 21",
        "0161-496-0000",
        "01614960000",
        "www.brookside-youth.org.uk",
        "https://brookside-youth.org.uk/staff?x=1",
        "anybody.else@gmail.com",
        "portal.brookside.sch.uk",
        "12 Mill Street",
        "M54WT",
        "m5 4wt",
    ],
)
def test_a_name_is_hidden_however_it_is_written(mask: Mask, told: str) -> None:
    assert mask.hide(f"At {told}, we ring home.") == f"At {HIDDEN}, we ring home."


@pytest.mark.parametrize(
    "said",
    [
        "The brook runs beside the youth club, and its trust pays.",
        "Pupils cook in our kitchen; young people under 16 eat there.",
        "Morgan rings home. Okafor's law is none.",
        "In 2024 we had 76543 visits, 0161 is a code.",
        "See https://www.gov.uk/keeping-children-safe for the guidance.",
        "We are in Mill Street, in Salford.",
        "",
    ],
)
def test_other_words_stay_as_they_are(mask: Mask, said: str) -> None:
    assert mask.hide(said) == said


def test_the_possessive_of_a_name_is_hidden_with_it(mask: Mask) -> None:
    assert mask.hide("Brookside Youth Trust's kitchen") == f"{HIDDEN}'s kitchen"


def test_what_is_hidden_stays_hidden(mask: Mask) -> None:
    once = mask.hide("Dr Okafor of Brookside leads Copper Kettle.")
    assert mask.hide(once) == once


def test_names_of_everyday_words_are_hidden_in_full_alone() -> None:
    mask = mask_for([Identifier("name", "Learning Together")])
    assert mask.hide("Learning Together is learning, together with Learning.") == (
        f"{HIDDEN} is learning, together with Learning."
    )


def test_without_identifiers_nothing_but_addresses_goes() -> None:
    assert NO_MASK.hide("Brookside writes to a@b.org.uk") == f"Brookside writes to {HIDDEN}"


def test_a_hundred_names_in_a_long_answer_take_no_time(mask: Mask) -> None:
    many = mask_for([*KNOWN, *(Identifier("person", f"Person{n} Of{n} Name{n}") for n in range(100))])
    said = "Our staff ring home every day and say what went well. " * 2_000
    assert many.hide(said) == said
