"""Fields understand what people type, say what is wrong with the rest, and lose nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import BooleanField, FileField, RadioField, StringField
from wtforms.validators import Optional

from portal.errors import Refusal
from portal.web.fields import (
    MoneyField,
    PostcodeField,
    Required,
    UKDateField,
    UKDateTimeField,
    WholeNumberField,
    WordLimitedTextArea,
)
from portal.web.forms import EXPIRED, Form, form_problems

pytestmark = pytest.mark.usefixtures("page")


class Everything(Form):
    """One field of each kind that is ours."""

    title = StringField("Title", [Optional()])
    price = MoneyField("Price", [Required("Enter a price.")])
    places = WholeNumberField("Places", [Optional()], least=1, most=60)
    postcode = PostcodeField("Postcode", [Optional()])
    starts = UKDateField("When does it start?", [Optional()], noun="The start")
    closes = UKDateTimeField("Closing time", [Required("Enter a closing time.")])
    answer = WordLimitedTextArea("Answer", 3, [Optional()])
    kind = RadioField("Kind", [Required("Choose a kind.")], choices=["a", "b"])
    sure = BooleanField("Sure", [Required("Tick the box.")])


def filled(**typed: str) -> Everything:
    """The form with `typed` in it; `__` stands for the dash in a box's name."""
    form = Everything(formdata=MultiDict({name.replace("__", "-"): value for name, value in typed.items()}))
    form.validate()
    return form


def closing(day: str, month: str, year: str, time: str) -> Any:
    """The closing field with these boxes filled."""
    return filled(closes__day=day, closes__month=month, closes__year=year, closes__time=time).closes


class WithAFile(Form):
    """A file that must be there."""

    file = FileField("File", [Required("Choose a file.")])


@pytest.mark.parametrize(("name", "said"), [("", ["Choose a file."]), ("pack.json", [])])
def test_the_nameless_file_that_a_browser_sends_is_none(name: str, said: list[str]) -> None:
    form = WithAFile(formdata=MultiDict({"file": FileStorage(filename=name)}))
    form.validate()
    assert list(form.file.errors) == said


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("£1,250.50", "1250.50"),
        ("1250.5", "1250.50"),
        (" £ 95 ", "95.00"),
        ("0", "0.00"),
        ("1,250", "1250.00"),
    ],
)
def test_sums_are_understood_as_people_write_them(typed: str, amount: str) -> None:
    field = filled(price=typed).price
    assert field.data == Decimal(amount) and str(field.data) == amount
    assert not field.errors


@pytest.mark.parametrize("typed", ["1,25", "1.250,50", "12.345", "lots", "-5", "1e9", "NaN", "٣", "9" * 400])
def test_what_is_not_a_sum_is_refused_and_shown_again(typed: str) -> None:
    field = filled(price=typed).price
    assert field.errors == ["Price must be an amount in pounds, such as 1,250 or 1,250.50."]
    assert field._value() == typed


def test_nothing_typed_gets_the_fields_own_sentence() -> None:
    form = filled(price="  ")
    assert form.price.errors == ["Enter a price."]
    assert form.closes.errors == ["Enter a closing time."]
    assert form.kind.errors == ["Choose a kind."]
    assert form.sure.errors == ["Tick the box."]
    assert not form.places.errors and not form.starts.errors


def test_a_choice_that_is_not_offered_is_refused_in_a_sentence() -> None:
    assert filled(kind="z").kind.errors == ["Choose one of the options."]


def test_whole_numbers_have_limits() -> None:
    assert filled(places="12").places.data == 12
    assert filled(places="61").places.errors == ["Places must be between 1 and 60."]
    assert filled(places="1.5").places.errors == ["Places must be a whole number, such as 12."]


@pytest.mark.parametrize(
    ("typed", "kept"), [("m3 5bs", "M3 5BS"), ("EC1A1BB", "EC1A 1BB"), ("ol1-1aa", "OL1 1AA")]
)
def test_postcodes_are_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert filled(postcode=typed).postcode.data == kept


def test_half_a_postcode_is_refused() -> None:
    assert filled(postcode="M3").postcode.errors == ["Postcode must be a full UK postcode, such as M3 5BS."]


def test_days_are_understood_with_months_by_number_or_name() -> None:
    for month in ("3", "03", "Mar", "march"):
        field = filled(starts__day="6", starts__month=month, starts__year="2026").starts
        assert field.data == date(2026, 3, 6)


@pytest.mark.parametrize(
    ("boxes", "sentence", "wrong"),
    [
        (("6", "", "2026"), "The start must include a month.", "month"),
        (("6", "", ""), "The start must include a month and year.", "month"),
        (("30", "2", "2026"), "The start must be a real day: there is no 30 in that month.", "day"),
        (("6", "13", "2026"), "The start must have a month from 1 to 12.", "month"),
        (("6", "3", "26"), "The start must have a year of four digits, such as 2026.", "year"),
        (("", "3", "2026"), "The start must include a day.", "day"),
    ],
)
def test_a_wrong_day_is_refused_at_the_box_that_is_wrong(
    boxes: tuple[str, str, str], sentence: str, wrong: str
) -> None:
    form = filled(**dict(zip(("starts__day", "starts__month", "starts__year"), boxes, strict=True)))
    assert form.starts.errors == [sentence]
    assert form.starts.first_wrong_id == f"starts-{wrong}"
    assert tuple(form.starts.parts.values()) == boxes


@pytest.mark.parametrize("time", ["12:00", "12 noon", "12pm", "midday", "12.00"])
def test_moments_are_typed_in_uk_time_and_kept_in_utc(time: str) -> None:
    assert closing("1", "7", "2026", time).data == datetime(2026, 7, 1, 11, tzinfo=UTC)
    assert closing("6", "3", "2026", time).data == datetime(2026, 3, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize("time", ["12", "24:00", "9:75", "13pm", "midnight", "soon"])
def test_a_time_that_could_be_misread_is_refused(time: str) -> None:
    assert "24-hour clock" in closing("1", "7", "2026", time).errors[0]


def test_the_hour_that_the_clock_change_leaves_out_is_refused() -> None:
    assert "does not exist" in closing("29", "3", "2026", "01:30").errors[0]
    assert closing("29", "3", "2026", "02:00").data == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_the_hour_that_the_clock_change_brings_twice_is_refused() -> None:
    assert "comes twice" in closing("25", "10", "2026", "01:30").errors[0]
    assert closing("25", "10", "2026", "02:00").data == datetime(2026, 10, 25, 2, tzinfo=UTC)


def test_a_stored_moment_fills_the_boxes_in_uk_time() -> None:
    form = Everything(formdata=None, data={"closes": datetime(2026, 7, 1, 11, tzinfo=UTC)})
    assert form.closes.parts == {"day": "1", "month": "7", "year": "2026", "time": "12:00"}


def test_an_answer_over_its_limit_says_by_how_much_and_is_kept_whole() -> None:
    field = filled(answer="one two three four").answer
    assert field.errors == ["This is 4 words. The limit is 3: take out 1 word."]
    assert field.data == "one two three four"


def test_characters_that_cannot_be_kept_never_get_in() -> None:
    form = filled(title="  a\x00b\ud800c\r\nd\x1b ", closes__day="\x006")
    assert form.title.data == "ab\ufffdc\nd"
    assert form.closes.parts["day"] == "6"


def test_a_refusal_stands_at_the_field_that_it_names() -> None:
    form = filled(price="5")
    form.refuse(Refusal("That title is taken.", field="title"))
    form.refuse("The round has closed.")
    problems = form_problems(form)
    assert problems[0] == (None, "The round has closed.")
    assert ("#title", "That title is taken.") in problems


def test_a_stale_token_is_told_in_our_words_and_nothing_typed_is_lost(edge: Any) -> None:
    edge.config["WTF_CSRF_ENABLED"] = True
    try:
        form = filled(title="Kept")
    finally:
        edge.config["WTF_CSRF_ENABLED"] = False
    assert (None, EXPIRED) in form_problems(form)
    assert form.title.data == "Kept"
