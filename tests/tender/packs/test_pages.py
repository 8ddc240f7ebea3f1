"""The pages on which a pack is written, and who may not see them."""

import html
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.storage.uploads import LARGEST_FILE
from tender.frameworks.models import Round
from tender.frameworks.queries import pack_of
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.drafting import added, asked, changed, weigh
from tests.factories.frameworks import a_draft_round, a_procurement_lead, a_published_round, lot_ids
from tests.tender.frameworks.test_pages import text_of, typed_in
from tests.web_client import sign_in

PAGES = (
    "", "/weights", "/copy", "/sections", "/scales", "/sections/safety", "/sections/safety/questions",
    "/sections/safety/questions/table", "/questions/finance", "/questions/finance/remove",
)  # fmt: skip


@pytest.fixture
def council(session: Session) -> Organisation:
    return a_council()


@pytest.fixture
def lead(council: Organisation, client: FlaskClient) -> Iterator[Actor]:
    """A procurement lead who is signed in."""
    person = a_procurement_lead(council)
    sign_in(client, person.email)
    yield person


@pytest.fixture
def draft(lead: Actor) -> Round:
    return a_draft_round(lead=lead)


def fields_at(client: FlaskClient, address: str) -> dict[str, str]:
    """What the page's form would send as it came."""
    return typed_in(client.get(address).get_data(as_text=True))


def test_a_question_is_changed_on_its_page_and_the_pack_says_what_weights_make(
    client: FlaskClient, draft: Round
) -> None:
    address = f"/rounds/{draft.id}/pack/questions/outcomes"
    fields = fields_at(client, address)
    answer = client.post(address, data=fields | {"weight": "12.5", "minimum": "3"})
    assert answer.location == f"/rounds/{draft.id}/pack#question-outcomes"
    assert (str(asked(draft, "outcomes").weight), asked(draft, "outcomes").minimum) == ("12.50", 3)
    page = text_of(client.get(f"/rounds/{draft.id}/pack"))
    assert "Every lot: 102.5%, 2.5% too much" in page
    assert "The weights of lots 1 and 2 add up to 102.5%. They must make exactly 100%." in page


def test_saving_a_page_as_it_came_changes_nothing(client: FlaskClient, draft: Round, lead: Actor) -> None:
    added(draft, "table", by=lead, code="premises", shape={"columns": [["n", "Name", "short_text"]]})
    added(draft, "choice", by=lead, code="how", options=(("a", "A: or b"), ("b", "B")), judged_as="condition",
          rule="must_be_one_of", rule_value=["b"])  # fmt: skip
    added(draft, "number", by=lead, code="many", shape={"least": "2"}, judged_as="condition", rule="at_least",
          rule_value="5", ask_if={"question": "how", "answers": ["b"]})  # fmt: skip
    added(draft, "number", by=lead, code="hours", shape={"least": "2.25", "places": 2})
    added(draft, "file", by=lead, code="proof", accepted=("jpg", "jpeg"), max_bytes=2097152,
          shape={"least_cover": "5000000.00", "document_type": "public_liability"})  # fmt: skip
    added(draft, "rate_card", by=lead, code="card", shape={"units": ["day"], "transport": True})
    added(draft, "date", by=lead, code="since", shape={"latest": "2026-09-01"})
    before = pack_of(draft.id)
    for each in before.questions:
        address = f"/rounds/{draft.id}/pack/questions/{each.code}"
        answer = client.post(address, data=all_typed_in(client.get(address).get_data(as_text=True)))
        assert answer.status_code == 303, (each.code, text_of(answer))
        assert asked(draft, each.code) == each


def all_typed_in(page: str) -> dict[str, object]:
    """As `typed_in`, with every ticked box of those that share a name."""
    ticked: dict[str, list[str]] = {}
    for tag in re.findall(r'<input [^>]*type="checkbox"[^>]*\schecked[^>]*>', page):
        ticked.setdefault(re.findall(r'name="([^"]+)"', tag)[0], []).append(
            re.findall(r'value="([^"]*)"', tag)[0]
        )
    plain = {name: html.unescape(text) for name, text in typed_in(page).items()}
    return {**plain, **ticked}


def test_a_clash_over_a_question_shows_both_texts(client: FlaskClient, draft: Round) -> None:
    address = f"/rounds/{draft.id}/pack/questions/finance"
    fields = fields_at(client, address)
    client.post(address, data=fields | {"text": "The first text"})
    clash = client.post(address, data=fields | {"text": "The second text"})
    assert clash.status_code == 409
    assert "The first text" in text_of(clash) and "The second text" in text_of(clash)
    client.post(address, data=typed_in(clash.get_data(as_text=True)))
    assert asked(draft, "finance").text == "The second text"


def test_a_question_is_added_in_two_steps(client: FlaskClient, draft: Round) -> None:
    chosen = client.post(f"/rounds/{draft.id}/pack/sections/listing/questions", data={"kind": "choice"})
    assert chosen.location == f"/rounds/{draft.id}/pack/sections/listing/questions/choice"
    fields = fields_at(client, chosen.location) | {
        "title": "Transport", "text": "Who drives?", "options": "we: We do\nThe school",
        "judged_as": "condition", "rule": "must_be_one_of", "rule_value": "We do",
    }  # fmt: skip
    answer = client.post(chosen.location, data=fields)
    assert answer.location == f"/rounds/{draft.id}/pack#question-transport"
    found = asked(draft, "transport")
    assert found.options == (("we", "We do"), ("the_school", "The school"))
    assert (found.rule, found.rule_value) == ("must_be_one_of", ["we"])


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("choice", {"options": "a: One\na: Two"}, "Line 2 has the code “a”"),
        ("choice", {"options": "One"}, "Give at least two choices."),
        ("choice", {"options": "A\nB", "judged_as": "condition", "rule": "must_be_one_of", "rule_value": "C"},
         "Line 1, “C”, is not one of the choices above."),
        ("table", {"columns": ""}, "Enter at least one column."),
        ("number", {"least": "9", "most": "3"}, "The upper limit is below the lower one."),
        ("number", {"judged_as": "condition", "rule": "at_least"}, "Give the number"),
        ("number", {"most": "9.25", "places": "1"}, "A limit has more decimal places"),
        ("long_text", {"judged_as": "scored", "weight": "x"}, "must be a number above 0"),
        ("long_text", {"judged_as": "scored", "weight": "", "minimum": "2"}, "must be more than 0"),
        ("file", {"megabytes": "101"}, "must be between 1 and 100"),
        ("rate_card", {"per_lot": ""}, "Each lot has its own highest price"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_words_and_nothing_typed_is_lost(
    client: FlaskClient, draft: Round, kind: str, typed: dict[str, str], sentence: str
) -> None:
    address = f"/rounds/{draft.id}/pack/sections/listing/questions/{kind}"
    fields = fields_at(client, address) | {"title": "Kept", "text": "Why?", **typed}
    answer = client.post(address, data=fields)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    shown = typed_in(answer.get_data(as_text=True))
    assert shown["title"] == "Kept" and all(shown[name] == value for name, value in typed.items())


def test_what_was_typed_for_another_way_of_judging_does_not_matter(client: FlaskClient, draft: Round) -> None:
    address = f"/rounds/{draft.id}/pack/questions/outcomes"
    fields = fields_at(client, address) | {"judged_as": "information", "weight": "x", "minimum": "999"}
    assert client.post(address, data=fields).status_code == 303
    assert asked(draft, "outcomes").weight is None


def test_a_price_is_scored_by_a_formula_and_a_mark_breaks_ties(
    client: FlaskClient, draft: Round, lead: Actor
) -> None:
    code = added(draft, "money", by=lead, title="Your price", per_lot=True)
    at = f"/rounds/{draft.id}/pack/questions"
    typed = {**fields_at(client, f"{at}/{code}"), "judged_as": "priced", "formula": "lowest_price"}
    refused = client.post(f"{at}/{code}", data={**typed, "price_weight": "", "low_price": "40"})
    assert refused.status_code == 422 and "must be more than 0" in refused.get_data(as_text=True)
    assert (
        client.post(f"{at}/{code}", data={**typed, "price_weight": "10", "low_price": "40"}).status_code
        == 303
    )
    ties = {**fields_at(client, f"{at}/safeguarding"), "breaks_ties": "y"}
    assert client.post(f"{at}/safeguarding", data=ties).status_code == 303
    price = asked(draft, code)
    assert (price.judged_as, price.rule, price.rule_value, price.weight) == (
        "priced",
        "lowest_price",
        "40",
        10,
    )
    assert asked(draft, "safeguarding").breaks_ties
    assert "scored by price" in text_of(client.get(f"/rounds/{draft.id}/pack/weights"))


def test_answers_of_two_questions_cannot_decide(client: FlaskClient, draft: Round) -> None:
    address = f"/rounds/{draft.id}/pack/questions/exclusion_detail"
    ticked = ["exclusion=some", "registration_test=unsure"]
    answer = client.post(address, data={**fields_at(client, address), "ask_if": ticked})
    assert "Tick answers of one question only." in text_of(answer)
    client.post(address, data={**fields_at(client, address), "ask_if": ticked[:1]})
    assert asked(draft, "exclusion_detail").ask_if == {"question": "exclusion", "answers": ["some"]}
    page = text_of(client.get(f"/rounds/{draft.id}/pack"))
    assert "Asked only if the answer to “Exclusion grounds” is “A ground applies" in page


def test_all_weights_are_changed_on_one_page(client: FlaskClient, draft: Round) -> None:
    address = f"/rounds/{draft.id}/pack/weights"
    fields = fields_at(client, address)
    answer = client.post(address, data=fields | {"outcomes-weight": "15", "then": "stay"})
    assert answer.location == address
    assert "Every lot: 105%, 5% too much" in text_of(client.get(address))
    clash = client.post(address, data=fields | {"outcomes-weight": "1"})
    assert clash.status_code == 409 and "15%" in text_of(clash)
    wrong = client.post(address, data=fields_at(client, address) | {"outcomes-minimum": "9"})
    assert wrong.status_code == 422 and "The minimum must be one of the scale" in text_of(wrong)


def test_the_pack_is_moved_duplicated_and_thinned_by_buttons(client: FlaskClient, draft: Round) -> None:
    pack = f"/rounds/{draft.id}/pack"
    client.post(f"{pack}/questions/curriculum/move", data={"to": "up"})
    assert pack_of(draft.id).section("quality").questions[0].code == "curriculum"
    client.post(f"{pack}/sections/listing/move", data={"to": "up"})
    assert [section.code for section in pack_of(draft.id).sections][-1] == "price"
    copy = client.post(f"{pack}/questions/urn/duplicate").location
    assert copy == f"{pack}/questions/urn_2"
    assert "Remove “Unique reference number (URN) (copy)”?" in text_of(client.get(f"{copy}/remove"))
    client.post(f"{copy}/remove")
    assert "urn_2" not in {each.code for each in pack_of(draft.id).questions}


def test_a_scale_is_changed_but_keeps_the_bands_that_minimums_need(client: FlaskClient, draft: Round) -> None:
    scale = pack_of(draft.id).scales[0]
    address = f"/rounds/{draft.id}/pack/scales/{scale.id}"
    fields = fields_at(client, address)
    lines = fields["bands"].splitlines()
    wrong = client.post(address, data=fields | {"bands": "\n".join(lines[:3])})
    assert "has the minimum 3. Keep that band" in text_of(wrong)
    assert (
        client.post(address, data=fields | {"bands": "\n".join([*lines[:4], "8 Best: All"])}).status_code
        == 303
    )
    assert [(band.points, band.label) for band in pack_of(draft.id).scales[0].bands][-1] == (8, "Best")
    assert pack_of(draft.id).scales[0].highest == 8


def test_a_new_scale_serves_until_it_is_removed(client: FlaskClient, draft: Round, lead: Actor) -> None:
    address = f"/rounds/{draft.id}/pack/scales"
    client.post(address, data=fields_at(client, address) | {"name": "Short"})
    made = pack_of(draft.id).scales[-1]
    changed(draft, "outcomes", by=lead, scale_id=made.id, minimum=1)
    assert client.post(f"{address}/{made.id}/remove").status_code == 422
    changed(draft, "outcomes", by=lead, scale_id=pack_of(draft.id).scales[0].id)
    client.post(f"{address}/{made.id}/remove")
    assert [scale.name for scale in pack_of(draft.id).scales] == ["Quality, 0 to 5"]


def test_each_problem_leads_to_the_page_that_mends_it(client: FlaskClient, draft: Round, lead: Actor) -> None:
    weigh(draft, by=lead, outcomes="9")
    changed(draft, "exclusion_detail", by=lead, ask_if={"question": "exclusion", "answers": ["some"]})
    client.post(f"/rounds/{draft.id}/pack/questions/exclusion/move", data={"to": "down"})
    client.post(f"/rounds/{draft.id}/pack/questions/exclusion/move", data={"to": "down"})
    answer = client.post(f"/rounds/{draft.id}/publish")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "The weights of lots 1 and 2 add up to 99%." in text_of(answer)
    assert f'href="/rounds/{draft.id}/pack/weights"' in page
    assert "depends on “Exclusion grounds”, which is asked later" in text_of(answer)
    assert f'href="/rounds/{draft.id}/pack/questions/exclusion_detail"' in page


def test_a_pack_is_copied_over_a_draft(
    client: FlaskClient, draft: Round, lead: Actor, session: Session
) -> None:
    source = a_published_round(lead=lead, lots=3)
    assert lot_ids(source) != lot_ids(draft)
    address = f"/rounds/{draft.id}/pack/copy"
    assert "Tick that" in text_of(client.post(address, data={"source": str(source.id)}))
    changed(draft, "finance", by=lead, title="To be replaced")
    answer = client.post(address, data={"source": str(source.id), "sure": "y"})
    assert answer.location == f"/rounds/{draft.id}/pack"
    assert asked(draft, "finance").title == "Financial standing"


def test_a_published_pack_is_read_and_not_written(client: FlaskClient, lead: Actor) -> None:
    published = a_published_round(lead=lead)
    page = client.get(f"/rounds/{published.id}/pack")
    assert "It changes by new versions only." in text_of(page)
    assert "/pack/questions/" not in page.get_data(as_text=True)
    for address in PAGES[1:]:
        assert client.get(f"/rounds/{published.id}/pack{address}").status_code == 409, address
    assert client.post(f"/rounds/{published.id}/pack/questions/finance/remove").status_code == 409


@pytest.mark.parametrize("role", ["evaluator", "moderator", "approver", "auditor", "administrator"])
def test_nobody_but_the_lead_sees_or_changes_a_draft(
    client: FlaskClient, council: Organisation, role: str
) -> None:
    draft = a_draft_round(lead=a_procurement_lead(council))
    sign_in(client, a_person(council, role).email)
    for address in PAGES:
        assert client.get(f"/rounds/{draft.id}/pack{address}").status_code in (403, 404)
    assert client.post(f"/rounds/{draft.id}/pack/questions/finance/remove").status_code == 403


@pytest.mark.usefixtures("lead")
def test_another_council_finds_nothing(client: FlaskClient) -> None:
    draft = a_draft_round()
    for address in PAGES:
        assert client.get(f"/rounds/{draft.id}/pack{address}").status_code == 404, address


def test_a_provider_has_no_business_here(client: FlaskClient, session: Session) -> None:
    sign_in(client, a_provider_person().email)
    assert client.get(f"/rounds/{a_published_round().id}/pack").status_code == 403


@pytest.mark.usefixtures("lead")
def test_every_page_of_a_pack_stays_within_its_statements(
    client: FlaskClient, draft: Round, statements: list[str]
) -> None:
    for address in PAGES:
        statements.clear()
        assert client.get(f"/rounds/{draft.id}/pack{address}").status_code == 200, address
        assert len(statements) <= 8, (address, statements)


def test_a_file_of_the_largest_size_that_can_be_uploaded_is_asked_for_and_edited(
    client: FlaskClient, draft: Round, lead: Actor
) -> None:
    code = added(draft, "file", by=lead, title="Plans", accepted=("pdf",), max_bytes=LARGEST_FILE)
    address = f"/rounds/{draft.id}/pack/questions/{code}"
    fields = fields_at(client, address)
    assert fields["megabytes"] == "100"
    assert client.post(address, data=fields | {"title": "Plans of the site"}).status_code == 303
    assert (asked(draft, code).title, asked(draft, code).max_bytes) == ("Plans of the site", LARGEST_FILE)
