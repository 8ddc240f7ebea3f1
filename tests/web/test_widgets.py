"""A field is drawn by its kind, with its label, its problem and what was typed."""

import html5lib
import pytest
from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict

from tests.web.gallery import GalleryForm

pytestmark = pytest.mark.usefixtures("page")


def drawn(field: str, options: str = "", **typed: str) -> str:
    """`field` of the gallery's form as a page draws it."""
    form = GalleryForm(formdata=MultiDict(typed) if typed else None)
    if typed:
        form.validate()
    source = '{% from "components/fields.html" import field %}{{ field(form.' + field + options + ") }}"
    return render_template_string(source, form=form)


def test_what_was_typed_is_shown_again_beside_its_problem() -> None:
    html = drawn("price", price="lots")
    assert 'value="lots"' in html
    assert 'aria-describedby="price-error"' in html and "must be an amount in pounds" in html


def test_a_field_that_may_stay_empty_says_so() -> None:
    assert "Places (optional)" in drawn("places")
    assert "(optional)" not in drawn("name")


def test_a_limited_answer_gets_the_counter() -> None:
    html = drawn("answer")
    assert 'data-maxwords="20"' in html and "You can enter up to 20 words" in html


def test_a_line_break_at_the_start_of_an_answer_survives_the_page() -> None:
    html = drawn("answer", ', value="\\nfirst"')
    assert html5lib.parseFragment(html, namespaceHTMLElements=False).find(".//textarea").text == "\nfirst"


def test_choices_take_hints_and_an_or(edge: Flask) -> None:
    html = drawn("stages", ', hints={"1": "Years 1 to 6"}, divider_before="0"', stages="3")
    assert "Years 1 to 6" in html and "govuk-checkboxes__divider" in html
    assert 'data-behaviour="exclusive"' in html and html.count("checked") == 1


def test_all_boxes_of_a_missing_day_are_marked_and_one_of_a_wrong_day() -> None:
    assert drawn("starts", name="x").count("govuk-input--error") == 3
    wrong = {"starts-day": "40", "starts-month": "3", "starts-year": "2026"}
    assert drawn("starts", **wrong).count("govuk-input--error") == 1


def test_a_pages_own_words_replace_the_fields() -> None:
    html = drawn("name", ', label="Trading name", heading=true, label_size="l"')
    assert "<h1" in html and "Trading name" in html and "govuk-label--l" in html
