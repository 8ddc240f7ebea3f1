"""Long lists tell where the reader is and lead on."""

import pytest
from flask import Flask

from portal.web.pagination import Page, offset_of, page_number, page_url


@pytest.mark.parametrize(
    ("typed", "number"),
    [(None, 1), ("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("٣", 1), ("9" * 30, 1), ("999999", 5000)],
)
def test_any_page_asked_for_is_a_page(typed: str | None, number: int) -> None:
    assert page_number(typed) == number


def test_a_page_says_which_part_of_the_list_it_is() -> None:
    page = Page(list(range(13)), 9, 173)
    assert (page.first, page.last, page.pages, page.previous, page.next) == (161, 173, 9, 8, None)
    assert offset_of(9) == 160


def test_an_empty_list_is_one_page_of_nothing() -> None:
    page: Page[int] = Page([], 1, 0)
    assert (page.first, page.last, page.pages, page.previous, page.next) == (0, 0, 1, None, None)


def test_past_the_end_the_way_back_is_to_the_last_page() -> None:
    assert Page([], 12, 40).previous == 2


@pytest.mark.parametrize(
    ("number", "total", "numbers"),
    [
        (1, 20, [1]),
        (1, 200, [1, 2, None, 10]),
        (4, 200, [1, 2, 3, 4, 5, None, 10]),
        (5, 200, [1, None, 4, 5, 6, None, 10]),
        (10, 200, [1, None, 9, 10]),
    ],
)
def test_links_lead_to_the_ends_and_the_neighbours(
    number: int, total: int, numbers: list[int | None]
) -> None:
    assert Page([0], number, total).numbers == numbers


def test_another_page_keeps_every_other_choice() -> None:
    edge = Flask("portal")
    edge.add_url_rule("/lots/<int:lot>", "lot", lambda lot: page_url(2))
    address = edge.test_client().get("/lots/7?words=a%26b&stage=3&stage=4&page=9").text
    assert address == "/lots/7?words=a%26b&stage=3&stage=4&page=2"
