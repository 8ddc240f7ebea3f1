"""Reading a published notice: what is taken from it, what is doubted, and what is refused."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tender.frameworks.notice import Notice, NoticeUnreadable, read_notice

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOTICES = Path(__file__).parents[3] / "portal" / "development" / "notices"
REAL = [path.read_bytes() for path in sorted(NOTICES.glob("*.json"))]


def package(**tender):
    """A small release package whose tender holds the given keys; a key given as None is left out."""
    whole = {"id": "T-1", "title": "Alternative provision", "description": "", **tender}
    present = {key: value for key, value in whole.items() if value is not None}
    release = {"ocid": "ocds-x-1", "id": "1", "date": "2026-01-05T09:00:00Z", "tender": present}
    return {"version": "1.1", "releases": [release]}


def read(content, **options):
    return read_notice(json.dumps(content).encode(), now=NOW, **options)


def refusal(data):
    with pytest.raises(NoticeUnreadable) as refused:
        read_notice(data if isinstance(data, bytes) else json.dumps(data).encode(), now=NOW)
    return refused.value.sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("data", REAL, ids=["manchester", "westmorland"])
def test_the_usual_encodings_read_alike(data, encoding):
    assert read_notice(data.decode().encode(encoding), now=NOW) == read_notice(data, now=NOW)


def test_a_single_release_without_a_package_is_read():
    assert read(package()["releases"][0]).title == "Alternative provision"


@pytest.mark.parametrize("data", [b"", b"  \r\n ", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_called_empty(data):
    assert refusal(data).startswith("The file is empty.")


def test_broken_json_is_refused_with_its_line_and_column():
    assert "line 2, column 4" in refusal(b'{"a": 1,\n   "b" }'.replace(b'"b" ', b"b: 2 "))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.7\n...", "a PDF"),
        (b"PK\x03\x04\x00\x00", "a Word, Excel or zip file"),
        (b"<!doctype html>", "a web page"),
        (b"caf\xe9 \xff\xfe", "not text in UTF-8"),
        (b" " * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        (b"[" * 200_000, "nested"),
        (b'{"tender":' * 100_000, "nested"),
        (b"[1, 2]", "not an OCDS release package"),
        (b"null", "not an OCDS release package"),
        (b'{"name": "x"}', "not an OCDS release package"),
        (b'{"records": []}', "record package"),
        (b'{"releases": []}', "holds no releases"),
        (b'{"releases": null}', "holds no releases"),
        (b'{"releases": {}}', "releases is an object, which is not a list"),
        (b'{"releases": [7]}', "releases[1] is"),
        (b'{"releases": [{"ocid": "x"}]}', "no tender section"),
        (b'{"releases": [{"tender": "x"}]}', "releases[1].tender is"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else "",
)
def test_a_file_that_is_no_notice_is_refused_with_what_it_is(data, sentence):
    assert sentence in refusal(data)


@pytest.mark.parametrize(
    ("tender", "sentence"),
    [
        ({"title": None}, "has no title"),
        ({"title": " \t"}, "has no title"),
        ({"title": {"en": "x"}}, "tender.title is an object, which is not text"),
        ({"title": "x" * 501}, "longer than 500 characters"),
        ({"value": {"amount": "about £30m"}}, "tender.value.amount is “about £30m”, which is not a number"),
        ({"value": {"amount": True}}, "not a number"),
        ({"value": {"amount": float("nan")}}, "not a number"),
        ({"value": {"amount": -1}}, "cannot be the value"),
        ({"value": {"amount": 10**13}}, "cannot be the value"),
        ({"value": {"amount": 1, "currency": "pounds"}}, "not a code of three letters"),
        ({"tenderPeriod": {"endDate": "next Friday"}}, "“next Friday”, which is not a date like"),
        ({"tenderPeriod": {"endDate": "2026-02-30T10:00:00Z"}}, "not a date that exists"),
        ({"tenderPeriod": {"endDate": "0001-01-01T00:00:00+14:00"}}, "not a date of our time"),
        ({"tenderPeriod": {"endDate": 20260304}}, "not a date like"),
        ({"lots": [{"id": "1", "title": "A"}, {"id": 1, "title": "B"}]}, "have the same id, “1”"),
        ({"lots": ["A"]}, "tender.lots[1] is “A”"),
        ({"lots": [{}] * 201}, "at most 200"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_refused_by_its_name(tender, sentence):
    assert sentence in refusal(package(**tender))


def test_a_number_too_long_for_the_reader_is_refused():
    data = json.dumps(package(value={"amount": 7})).replace("7", "7" * 6000)
    assert "cannot be the value" in refusal(data.encode())
    assert "not a number" in refusal(data.replace("7" * 6000, "1e" + "9" * 40).encode())


def test_of_several_releases_the_newest_with_a_tender_is_read_and_said():
    content = package(title="January")
    content["releases"] += package(title="February")["releases"]
    content["releases"][1]["date"] = "2026-02-05T09:00:00Z"
    content["releases"].append({"ocid": "ocds-x-2", "date": "2026-03-01T00:00:00Z"})
    notice = read(content)
    assert notice.title == "February"
    assert "The file holds 3 releases. We read the newest one with a tender." in notice.warnings
    assert any("different procurements" in warning for warning in notice.warnings)


def test_an_amount_is_exact_to_the_penny():
    assert read(package(value={"amount": 663540.1, "amountGross": 0.1})).value == Decimal("663540.10")


def test_a_notice_that_says_little_is_read_with_a_doubt_for_each_gap():
    assert read(package()).warnings == (
        "The notice does not say what kind of framework this is. Choose the kind.",
        "We found no lots in the notice. Add at least one.",
        "The notice gives no value. Enter the framework's estimated value.",
        "The notice does not name the buyer. Enter the council's name.",
        "The notice gives no closing time for applications. Enter one.",
        "The notice does not say when the framework starts. Enter the date.",
        "The notice does not say when the framework ends. Enter the date.",
    )


def test_a_deadline_is_passed_from_its_very_moment():
    passed = "The closing time in the notice has passed. Enter the closing time of your next round."
    content = package(tenderPeriod={"endDate": "2026-03-01T00:00:00Z"})
    assert passed in read(content).warnings
    content = package(tenderPeriod={"endDate": "2026-03-01T00:00:01Z"})
    assert passed not in read(content).warnings


def test_a_time_without_a_zone_is_uk_time():
    notice = read(package(tenderPeriod={"endDate": "2026-07-01T12:00:00"}))
    assert notice.tender_deadline == datetime(2026, 7, 1, 11, tzinfo=UTC)


def test_a_closing_day_without_a_time_lasts_to_its_end_and_is_doubted():
    notice = read(package(tenderPeriod={"endDate": "2026-07-01"}))
    assert notice.tender_deadline == datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC)
    assert any("closing day without a time" in warning for warning in notice.warnings)


def test_a_day_is_the_day_in_the_united_kingdom_and_not_in_universal_time():
    notice = read(package(contractPeriod={"startDate": "2026-05-31T23:00:00Z", "endDate": "2030-08-31"}))
    assert (notice.starts_on, notice.ends_on) == (date(2026, 6, 1), date(2030, 8, 31))


def test_the_term_spans_that_of_the_lots_where_the_tender_has_none():
    early = {"id": "1", "title": "A", "contractPeriod": {"startDate": "2026-04-01", "endDate": "2028-03-31"}}
    late = {"id": "2", "title": "B", "contractPeriod": {"startDate": "2026-09-01", "endDate": "2030-08-31"}}
    notice = read(package(lots=[early, late]))
    assert (notice.starts_on, notice.ends_on) == (date(2026, 4, 1), date(2030, 8, 31))


def test_a_cancelled_lot_is_left_out_and_said():
    notice = read(package(lots=[{"id": "1", "title": "A"}, {"id": "2", "title": "B", "status": "cancelled"}]))
    assert [lot.number for lot in notice.lots] == ["1"]
    assert "Lot 2 is cancelled in the notice, so it is left out." in notice.warnings


def test_lots_in_the_words_win_over_a_single_lot_in_the_data():
    notice = read(package(lots=[{"id": "1"}], description="Lot 1: Tutoring. Lot 2: Mentoring."))
    assert (notice.lots_source, [lot.title for lot in notice.lots]) == (
        "description",
        ["Tutoring", "Mentoring"],
    )


def test_a_claimed_count_that_differs_is_doubted():
    notice = read(package(description="Divided into three lots: Lot 1 - Tutoring. Lot 2 - Mentoring."))
    assert "The description speaks of 3 lots, but we found 2. Check the list." in notice.warnings


@pytest.mark.parametrize(
    ("basis", "regime"),
    [
        ({"scheme": "UKPGA", "id": "2023/54"}, "PA2023"),
        ({"scheme": "CELEX", "id": "32014L0024"}, "PCR2015"),
        (None, "PCR2015"),
    ],
)
def test_the_legal_regime_follows_the_legal_basis(basis, regime):
    assert read(package(legalBasis=basis)).legal_regime == regime


@pytest.mark.parametrize(
    ("tender", "kind"),
    [
        ({"techniques": {"hasFrameworkAgreement": True}}, "light_touch_reopenable"),
        ({"techniques": {"hasFrameworkAgreement": True, "frameworkAgreement": {"type": "closed"}}}, "closed"),
        (
            {"techniques": {"hasFrameworkAgreement": True, "frameworkAgreement": {"type": "open"}}},
            "open_framework",
        ),
        ({"techniques": {"hasDynamicPurchasingSystem": True}}, "dynamic_market"),
    ],
    ids=str,
)
def test_the_kind_of_framework_follows_the_techniques(tender, kind):
    act = {"scheme": "UKPGA", "id": "2023/54"}
    assert read(package(legalBasis=act, specialRegime=["lightTouch"], **tender)).framework_kind == kind


def test_characters_that_a_database_cannot_hold_are_left_out():
    assert read(package(title="A\u0000lternative\ud800 \n provision")).title == "Alternative provision"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value, path=()):
    """The paths to every value inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    yield from (place for key, item in inside for place in ((*path, key), *places(item, (*path, key))))


def read_or_refused(data):
    try:
        notice = read_notice(data, now=NOW)
    except NoticeUnreadable as refused:
        assert refused.sentence.endswith(".") and len(refused.sentence) < 400
        return
    assert isinstance(notice, Notice) and notice.title


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_real_notice_with_anything_in_any_place_is_read_or_refused(data):
    content = json.loads(data.draw(st.sampled_from(REAL)))
    *path, last = data.draw(st.sampled_from(sorted(places(content), key=str)))
    holder = content
    for key in path:
        holder = holder[key]
    holder[last] = data.draw(JSON)
    read_or_refused(json.dumps(content).encode())


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(REAL), st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=8))
def test_a_real_notice_with_damaged_bytes_is_read_or_refused(data, start, length, instead):
    read_or_refused(data[:start] + instead + data[start + length :])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_file_at_all_is_read_or_refused(data):
    read_or_refused(data)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Lot 1 - ", "lot ſix: ", "Lot two ", "A", ". ", "\n", "Please note ", "9 lots", "(", "é"]
        )
    )
)
def test_any_description_is_read(words):
    assert read(package(description="".join(words))).description == "".join(words).strip()
