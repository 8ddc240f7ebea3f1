"""A new version may change choices, columns, rules, conditions, weights and the terms of a round; answers
stay as they were given, and say what has become of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.errors import Conflict, Refusal
from portal.mail.models import Letter
from tender.applications.answer_services import NoLongerAsked, confirm_answer, save_answer
from tender.applications.contents import Item
from tender.applications.queries import own_application_for, own_item_for, tender_of
from tender.applications.version_services import put_back
from tender.frameworks.default_pack import PackQuestion
from tender.frameworks.models import Question, Round
from tender.frameworks.queries import draft_for, lots_of_round, pack_of, published_round
from tender.packs import amendment_services as services
from tender.packs.amendments import amendment_for
from tender.packs.refusals import ChangedMeanwhile, Faulty
from tender.packs.terms import LotTerms
from tender.packs.versions import published_version
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_draft, a_submitted_application
from tests.factories.frameworks import a_procurement_lead, a_published_round, lot_ids
from tests.factories.packs import prepare, publish
from tests.tender.frameworks.test_pages import text_of, typed_in
from tests.tender.packs.test_pages import all_typed_in
from tests.web_client import sign_in

DAYS = (("mon", "Monday"), ("tue", "Tuesday"), ("wed", "Wednesday"))
COLUMNS = [["role", "Role", "short_text"], ["cost", "Cost", "money"]]
ASKED = (
    PackQuestion("day", "listing", "Day", "Which day?", "choice", "condition", options=DAYS,
                 rule="must_be_one_of", rule_value=["mon", "tue"]),
    PackQuestion("days", "listing", "Days", "Which days?", "choices", "information", options=DAYS),
    PackQuestion("staff", "listing", "Staff", "Who works there?", "table", "information",
                 shape={"columns": COLUMNS}),
    PackQuestion("why_wednesday", "listing", "Why Wednesday", "Why?", "long_text", "information",
                 word_limit=50, ask_if={"question": "day", "answers": ["wed"]}),
    PackQuestion("fee", "price", "Fee", "What do you charge?", "money", "priced", per_lot=True,
                 rule="lowest_price", weight=Decimal(10)),
    PackQuestion("outcomes", "quality", "Outcomes", "What do children achieve?", "long_text", "information",
                 word_limit=500, per_lot=True),
    PackQuestion("photo", "listing", "Photo", "What does it look like?", "file", "information",
                 accepted=("pdf", "jpeg"), max_bytes=2_500_000),
    PackQuestion("ratio", "listing", "Ratio", "Children for each adult?", "number", "information",
                 shape={"places": 1}),
)  # fmt: skip
ANSWERS = {"day": "wed", "days": ["mon", "wed"], "ratio": "4.5", "fee": "100",
           "staff": [{"role": "Tutor", "cost": "95.50"}]}  # fmt: skip


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


@pytest.fixture
def published(lead: Actor) -> Round:
    return a_published_round(1, lead=lead, asking=ASKED)


@pytest.fixture
def provider(session: Session) -> Actor:
    return a_provider_person()


@pytest.fixture
def application_id(published: Round, provider: Actor) -> int:
    return a_complete_draft(published, provider, lot_ids(published), ANSWERS)


@pytest.fixture
def later() -> Iterator[None]:
    """What happens in the test happens a minute after the version was published."""
    with clock.staged_at(clock.now() + timedelta(minutes=1)):
        yield


def item(application_id: int, provider: Actor, code: str, lot_id: int | None = None) -> Item:
    return own_item_for(provider, application_id, code, lot_id)


def without_wednesday(published: Round, lead: Actor) -> None:
    """Take Wednesday out of every question."""
    for code in ("day", "days"):
        prepare(published, code, lead, options=DAYS[:2])
    services.withdraw_question(by=lead, round_id=published.id, code="why_wednesday")
    publish(published, lead)


def letter_to(session: Session, person: Actor) -> str:
    wanted = select(Letter.body).where(Letter.to_address == person.email, Letter.title.contains("changed"))
    return session.scalars(wanted).one()


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("day", {"options": (*DAYS, ("thu", "Thursday"))}),
        ("day", {"rule": "person_decides", "rule_value": None}),
        ("day", {"rule_value": ["wed"]}),
        ("staff", {"shape": {"columns": [*COLUMNS, ["years", "Years", "number"]], "least_rows": 2}}),
        ("why_wednesday", {"ask_if": None}),
        ("why_wednesday", {"ask_if": {"question": "day", "answers": ["tue"]}}),
        ("fee", {"rule": "up_to_ceiling", "rule_value": "30"}),
    ],
)
def test_a_version_changes_what_the_builder_can_change(
    lead: Actor, published: Round, code: str, changes: dict[str, Any]
) -> None:
    prepare(published, code, lead, **changes)
    assert publish(published, lead) == 2
    asked = pack_of(published.id).question(code)
    assert {name: getattr(asked, name) for name in changes} == changes
    change = published_version(published.id, 2).changes[0]
    assert change.code == code and change.aspects


def test_the_weight_of_a_price_moves_and_lots_still_make_a_hundred(lead: Actor, published: Round) -> None:
    prepare(published, "fee", lead, weight=Decimal(20))
    with pytest.raises(Refusal, match="add up to 110%"):
        publish(published, lead)
    prepare(
        published, "safeguarding", lead, weight=pack_of(published.id).question("safeguarding").weight - 10
    )
    assert publish(published, lead) == 2
    assert pack_of(published.id).question("fee").weight == 20


@pytest.mark.parametrize(
    ("code", "changes", "sentence"),
    [
        ("day", {"rule": "must_be_yes", "rule_value": None}, "Choose a rule that fits"),
        ("day", {"options": DAYS[2:]}, "Give at least two choices"),
        ("day", {"options": DAYS[1:]}, "Name at least one of the question's own choices"),
        ("days", {"ask_if": {"question": "fee", "answers": ["yes"]}}, "has no fixed answers"),
        ("day", {"ask_if": {"question": "days", "answers": ["mon"]}}, "which is asked later"),
        ("fee", {"ask_if": {"question": "day", "answers": ["mon"]}}, "asked of everybody"),
        ("staff", {"shape": {"columns": [["cost", "Cost", "number"]]}}, "column of another kind"),
        ("ratio", {"shape": {}}, "more decimal places"),
    ],
)
def test_a_change_is_checked_as_in_a_draft_and_beside_what_was_answered(
    lead: Actor, published: Round, code: str, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Faulty, match=sentence):
        prepare(published, code, lead, **changes)


def test_a_choice_on_which_another_question_depends_is_not_taken_out_alone(
    lead: Actor, published: Round
) -> None:
    prepare(published, "day", lead, options=DAYS[:2])
    with pytest.raises(Refusal, match="depends on an answer that “Day” does not have"):
        publish(published, lead)


def test_an_answer_whose_choice_is_gone_is_kept_and_waits_to_be_given_anew(
    lead: Actor, published: Round, provider: Actor, application_id: int
) -> None:
    without_wednesday(published, lead)
    day, days = item(application_id, provider, "day"), item(application_id, provider, "days")
    assert (day.value, day.lines, day.state) == ("wed", ("Wednesday",), "wrong")
    assert (days.value, days.lines, days.state) == (["mon", "wed"], ("Monday", "Wednesday"), "wrong")
    problems = " ".join(
        problem.sentence for problem in tender_of(own_application_for(provider, application_id)).missing
    )
    assert "“Day” is no longer among the choices: the council has taken “Wednesday” out." in problems
    save_answer(application_id=application_id, code="day", value="mon", version=day.version, by=provider)
    assert item(application_id, provider, "day").state == "answered"


@pytest.mark.usefixtures("later")
def test_an_answer_whose_choice_is_gone_can_neither_stand_nor_come_back(
    lead: Actor, published: Round, provider: Actor, application_id: int
) -> None:
    with clock.staged_at(clock.now() - timedelta(seconds=30)):
        without_wednesday(published, lead)
    place: dict[str, Any] = {"application_id": application_id, "code": "day", "by": provider}
    before = item(application_id, provider, "day")
    with pytest.raises(NoLongerAsked):
        confirm_answer(**place)
    save_answer(**place, value="mon", version=before.version)
    with pytest.raises(NoLongerAsked):
        put_back(**place, earlier=before.version, version=before.version + 1)
    assert item(application_id, provider, "day").value == "mon"


def test_what_stood_in_a_column_that_is_gone_is_still_read(
    lead: Actor, published: Round, provider: Actor, application_id: int
) -> None:
    prepare(published, "staff", lead, shape={"columns": COLUMNS[:1]})
    publish(published, lead)
    staff = item(application_id, provider, "staff")
    assert staff.lines == ("Role: Tutor; Cost: 95.50",)
    assert staff.grid is not None and staff.grid.head == ("Role", "Cost")


def test_a_choice_that_comes_back_is_offered_again(
    session: Session, lead: Actor, published: Round, provider: Actor, application_id: int
) -> None:
    without_wednesday(published, lead)
    gone = select(Question.former_options).where(Question.round_id == published.id, Question.code == "day")
    assert session.scalars(gone).one() == [["wed", "Wednesday"]]
    prepare(published, "day", lead, options=DAYS)
    publish(published, lead)
    assert session.scalars(gone).one() == []
    assert item(application_id, provider, "day").state == "answered"


def test_whoever_has_to_answer_anew_is_told_without_what_they_answered(
    session: Session, lead: Actor, published: Round, provider: Actor, application_id: int
) -> None:
    fits = a_provider_person()
    a_complete_draft(published, fits, lot_ids(published), ANSWERS | {"day": "mon", "days": ["tue"]})
    without_wednesday(published, lead)
    body = letter_to(session, provider)
    assert body.count("Your answer no longer fits it as it stands") == 2 and "“Wednesday”" not in body
    assert "no longer fits" not in letter_to(session, fits)


def test_a_submitted_answer_whose_choice_is_gone_stays_and_its_provider_is_told_so(
    session: Session, lead: Actor, published: Round, provider: Actor
) -> None:
    application_id = a_submitted_application(published, lot_ids(published), provider, ANSWERS)
    without_wednesday(published, lead)
    assert item(application_id, provider, "day").lines == ("Wednesday",)
    body = letter_to(session, provider)
    assert "stays so as it is" in body and "An answer that no longer fits is judged as you gave it." in body


def test_whoever_is_asked_only_now_is_told(
    session: Session, lead: Actor, published: Round, provider: Actor
) -> None:
    application_id = a_draft(published, provider, lot_ids(published))
    prepare(published, "why_wednesday", lead, ask_if=None)
    publish(published, lead)
    assert f"/applications/{application_id}/questions/why_wednesday" in letter_to(session, provider)


# ------------------------------------------------------------------ the round's terms


def amend_terms(published: Round, lead: Actor, seen: str | None = None, **changes: Any) -> None:
    """Prepare other terms for the round's one lot, or other words on applying."""
    amendment = amendment_for(lead, published.id)
    lot = amendment.lots[0]
    terms = amendment.terms.lots[lot.number]
    words = changes.pop("how_to_apply", amendment.terms.how_to_apply)
    services.change_terms(
        by=lead,
        round_id=published.id,
        how_to_apply=words,
        lots={lot.id: replace(terms, **changes)},
        seen=amendment.terms.fingerprint if seen is None else seen,
    )


def test_prices_and_how_to_apply_change_by_a_version_and_everyone_is_told(
    session: Session, lead: Actor, published: Round, provider: Actor, application_id: int
) -> None:
    amend_terms(published, lead, price_ceiling=Decimal(150), how_to_apply="Ring us first.")
    assert lots_of_round(published.id)[0].price_ceiling == 120
    assert publish(published, lead) == 2
    assert lots_of_round(published.id)[0].price_ceiling == 150
    assert published_round(published.id).how_to_apply == "Ring us first."
    names = [aspect.name for aspect in published_version(published.id, 2).terms_changed]
    assert names == ["How to apply", "Highest price of lot 1"]
    body = letter_to(session, provider)
    assert (
        "Highest price of lot 1: £150 a day. Before: £120 a day" in body and "How to apply: changed" in body
    )


def test_a_price_without_which_a_formula_cannot_work_is_not_taken_away(lead: Actor, published: Round) -> None:
    prepare(published, "fee", lead, rule="up_to_ceiling")
    amend_terms(published, lead, price_ceiling=None)
    with pytest.raises(Refusal, match="scored up to a highest price"):
        publish(published, lead)


def test_terms_are_not_overwritten_and_must_make_sense(lead: Actor, published: Round) -> None:
    seen = amendment_for(lead, published.id).terms.fingerprint
    amend_terms(published, lead, minimum_total=Decimal(50))
    with pytest.raises(ChangedMeanwhile):
        amend_terms(published, lead, seen, minimum_total=Decimal(60))
    with pytest.raises(Refusal, match="above 0 and at most 100"):
        amend_terms(published, lead, minimum_total=Decimal(101))
    assert amendment_for(lead, published.id).terms.lots["1"] == LotTerms(Decimal(120), "day", Decimal(50))


def test_the_database_lets_terms_change_by_a_version_alone(session: Session, published: Round) -> None:

    for statement in (
        "UPDATE round SET how_to_apply = 'Otherwise.' WHERE id = :id",
        "UPDATE round_lot SET price_ceiling = 1 WHERE round_id = :id",
        "UPDATE question SET options = '[]' WHERE round_id = :id AND code = 'day'",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement), {"id": published.id})


def test_whoever_edits_a_published_round_is_told_the_way(lead: Actor, published: Round) -> None:
    with pytest.raises(Conflict, match="new version of its questions, its highest prices and how to apply"):
        draft_for(lead, published.id)


# ------------------------------------------------------------------ the pages


@pytest.mark.parametrize("code", ["day", "days", "staff", "why_wednesday", "fee", "ratio", "photo",
                                  "insurance", "safeguarding_policy", "safeguarding"])  # fmt: skip
def test_keeping_a_page_as_it_came_changes_nothing(
    client: FlaskClient, lead: Actor, published: Round, code: str
) -> None:
    sign_in(client, lead.email)
    address = f"/rounds/{published.id}/amendment/questions/{code}"
    fields = all_typed_in(client.get(address).get_data(as_text=True))
    assert client.post(address, data=fields).status_code == 303
    assert amendment_for(lead, published.id).begun_at is None


def test_choices_and_rule_are_amended_on_the_page_and_the_rest_cannot_be(
    client: FlaskClient, lead: Actor, published: Round
) -> None:
    sign_in(client, lead.email)
    address = f"/rounds/{published.id}/amendment/questions/day"
    page = client.get(address).get_data(as_text=True)
    assert 'name="judged_as"' not in page and 'name="section"' not in page and 'name="code"' not in page
    fields = typed_in(page) | {"options": "mon: Monday\nfri: Friday", "rule_value": "Friday"}
    smuggled = {"judged_as": "information", "section": "price", "code": "other"}
    assert client.post(address, data=fields | smuggled).status_code == 303
    asked = amendment_for(lead, published.id).pack.question("day")
    assert (asked.options, asked.rule_value) == ((("mon", "Monday"), ("fri", "Friday")), ["fri"])
    assert (asked.judged_as, asked.section) == ("condition", "listing")
    shown = client.get(f"/rounds/{published.id}/amendment/publish").get_data(as_text=True)
    assert ">Choices</h4>" in shown and "Pass or fail: passes with" in shown and shown.count("Friday") == 2


def test_terms_are_amended_on_their_page(client: FlaskClient, lead: Actor, published: Round) -> None:
    sign_in(client, lead.email)
    address = f"/rounds/{published.id}/amendment/terms"
    fields = typed_in(client.get(address).get_data(as_text=True))
    assert client.post(address, data=fields).status_code == 303
    assert amendment_for(lead, published.id).begun_at is None
    client.post(address, data=fields | {"lots-0-ceiling": "130", "how_to_apply": "Ring us first."})
    assert "Prices and how to apply Changed" in text_of(client.get(f"/rounds/{published.id}/amendment"))
    shown = text_of(client.get(f"/rounds/{published.id}/amendment/publish"))
    assert "£130" in shown and "Ring us first." in shown
    assert publish(published, lead) == 2
    assert "£130" in text_of(client.get(f"/opportunities/{published.id}/versions/2"))


def test_the_provider_reads_on_the_question_why_its_answer_has_to_change(
    client: FlaskClient, lead: Actor, published: Round, provider: Actor, application_id: int
) -> None:
    without_wednesday(published, lead)
    sign_in(client, provider.email)
    page = text_of(client.get(f"/applications/{application_id}/questions/day"))
    assert "the council has taken “Wednesday” out" in page and "My answer still fits" not in page
    assert client.post(f"/applications/{application_id}/questions/day/confirm").status_code == 409
