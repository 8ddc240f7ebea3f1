"""Changing a framework and its lots: freely at first, with a reason once a round rests on them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from portal.database import db
from portal.errors import NotFound, Refusal
from tender.frameworks import queries
from tender.frameworks.framework_services import add_lot, edit_framework, edit_lot
from tender.frameworks.models import Framework, Lot
from tender.frameworks.refusals import ReferenceTaken
from tender.frameworks.services import LotDetails, create_framework
from tender.frameworks.words import lot_conditions
from tests.factories.accounts import a_council
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import a_draft_round, a_framework, a_procurement_lead, a_published_round
from tests.factories.outcomes import a_released_evaluation

DETAILS = LotDetails(
    "2",
    "Construction",
    minimum_hours_a_week=10,
    maximum_hours_a_week=15,
    key_stages=("KS4", "KS3"),
    largest_group=8,
    public_liability=Decimal(5_000_000),
    price_ceiling=Decimal("95.50"),
)


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead(a_council())


@pytest.fixture
def framework(lead: Actor) -> Framework:
    return a_framework(lead=lead)


def second_lot(framework: Framework) -> int:
    return queries.lots_of_framework(framework.id)[1].id


def change_of(lead: Actor, framework: Framework, details: LotDetails = DETAILS) -> dict[str, Any]:
    of = {"framework_id": framework.id, "lot_id": second_lot(framework)}
    return {"by": lead, "details": details, "portal_url": PORTAL_URL, **of}


def facts_of(framework: Framework, **changed: Any) -> dict[str, Any]:
    names = (
        *("reference", "title", "buyer_name", "legal_regime", "kind", "starts_on", "ends_on"),
        *("description", "cpv_codes"),
    )
    known = {
        name: getattr(framework, name)
        for name in (*names, "value_amount", "opened_by_two", "needs_certificate")
    }
    return known | changed


def edit(by: Actor, framework: Framework, **wanted: Any) -> None:
    edit_framework(by=by, framework_id=framework.id, portal_url=PORTAL_URL, **wanted)


def last_line(framework: Framework) -> Any:
    return trail_of("framework", framework.id)[0]


def test_a_lot_says_what_it_asks_for_in_one_wording(lead: Actor, framework: Framework) -> None:
    edit_lot(**change_of(lead, framework))
    assert lot_conditions(queries.lots_of_framework(framework.id)[1]) == [
        "Any provider",
        "10 to 15 hours a week",
        "Key stage 3, Key stage 4",
        "Groups of at most 8 children",
        "Insurance of at least: public liability £5,000,000",
    ]


def test_before_a_round_is_published_no_reason_is_asked(lead: Actor, framework: Framework) -> None:
    a_draft_round(lead=lead, framework=framework)
    edit_lot(**change_of(lead, framework))
    assert last_line(framework)["action"] == "framework.edit_lot"


def test_a_lot_of_a_published_round_changes_with_a_reason_that_the_trail_keeps(
    lead: Actor, framework: Framework
) -> None:
    a_published_round(lead=lead, framework=framework)
    change = change_of(lead, framework)
    with pytest.raises(Refusal, match="Say why") as refused:
        edit_lot(**change, reason=" ")
    assert refused.value.field == "reason"
    edit_lot(**change, reason="The insurer's terms changed.")
    line = last_line(framework)["details"]
    assert line["reason"] == "The insurer's terms changed."
    assert (line["before"]["largest_group"], line["after"]["largest_group"]) == ("", "8")


def test_saving_a_lot_unchanged_leaves_no_line(lead: Actor, framework: Framework) -> None:
    change = change_of(lead, framework)
    edit_lot(**change)
    lines = len(trail_of("framework", framework.id))
    edit_lot(**change)
    assert len(trail_of("framework", framework.id)) == lines


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"maximum_hours_a_week": 9}, "maximum_hours_a_week"),
        ({"key_stages": ("KS9",)}, "key_stages"),
        ({"public_liability": Decimal(0)}, "public_liability"),
        ({"number": "1"}, "number"),
    ],
)
def test_conditions_without_sense_are_refused_at_their_field(
    lead: Actor, framework: Framework, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        edit_lot(**change_of(lead, framework, replace(DETAILS, **wrong)))
    assert refused.value.field == field


def test_the_database_itself_refuses_more_least_than_most_hours(session: Session) -> None:
    lot = db.session.get_one(Lot, second_lot(a_framework()))
    lot.minimum_hours_a_week, lot.maximum_hours_a_week = 25, 10
    with pytest.raises(IntegrityError, match="ck_lot_maximum_hours_a_week"):
        session.flush()


def test_a_lot_is_added_behind_the_others(lead: Actor, framework: Framework) -> None:
    add_lot(by=lead, framework_id=framework.id, details=replace(DETAILS, number="2a"))
    assert [lot.number for lot in queries.lots_of_framework(framework.id)] == ["1", "2", "2a"]


def test_a_new_round_starts_from_the_lot_s_price(lead: Actor, framework: Framework) -> None:
    edit_lot(**change_of(lead, framework))
    assert [lot.price_ceiling for lot in queries.lots_of_framework(framework.id)] == [None, Decimal("95.50")]


def test_a_framework_s_facts_can_be_put_right(lead: Actor, framework: Framework) -> None:
    wanted = facts_of(framework, kind="open_framework", first_awarded_on=date(2026, 7, 1))
    edit(lead, framework, **wanted)
    assert last_line(framework)["details"]["after"] == {
        "kind": "open_framework",
        "first_awarded_on": "2026-07-01",
    }


def test_a_framework_with_a_published_round_changes_with_a_reason(lead: Actor, framework: Framework) -> None:
    a_published_round(lead=lead, framework=framework)
    wanted = facts_of(framework, title="Another title")
    with pytest.raises(Refusal, match="Say why"):
        edit(lead, framework, **wanted)
    edit(lead, framework, **wanted, reason="The notice was corrected.")
    assert queries.framework_for(lead, framework.id).title == "Another title"


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("legal_regime", "PA2023"),
        ("kind", "open_framework"),
        ("opened_by_two", True),
        ("needs_certificate", True),
        ("passed_conditions_stand", True),
    ],
)
def test_what_a_round_is_published_under_stands_until_its_letters_are_out(
    lead: Actor, framework: Framework, rule: str, value: object
) -> None:
    subject = a_published_round(lead=lead, framework=framework)
    wanted = {**facts_of(framework, **{rule: value}), "reason": "We would like to."}
    with pytest.raises(Refusal, match=f"Round {subject.number} is published under this") as refused:
        edit(lead, framework, **wanted)
    assert refused.value.field == rule


def test_once_the_letters_are_out_a_framework_gets_other_rules(session: Session) -> None:
    released = a_released_evaluation()
    framework = session.get_one(Framework, released.round.framework_id)
    edit(released.lead, framework, **facts_of(framework, needs_certificate=True), reason="Two signatures.")
    assert queries.framework_for(released.lead, framework.id).needs_certificate


def test_two_frameworks_cannot_have_one_reference(lead: Actor, framework: Framework) -> None:
    other = a_framework(lead=lead)
    with pytest.raises(ReferenceTaken):
        edit(lead, framework, **facts_of(framework, reference=other.reference))


def test_nobody_changes_another_council_s_framework(framework: Framework) -> None:
    stranger = a_procurement_lead(a_council())
    with pytest.raises(NotFound):
        edit(stranger, framework, **facts_of(framework))
    with pytest.raises(NotFound):
        add_lot(by=stranger, framework_id=framework.id, details=DETAILS)


def test_a_framework_is_not_started_with_a_lot_that_makes_no_sense(lead: Actor) -> None:
    facts = facts_of(a_framework(lead=lead), reference="NEW")
    with pytest.raises(Refusal, match="most hours"):
        create_framework(by=lead, **facts, lots=[replace(DETAILS, maximum_hours_a_week=1)])


def test_the_ways_in_which_schools_choose_are_kept_in_the_order_of_the_table(
    lead: Actor, framework: Framework
) -> None:
    assert framework.call_off_routes == ["direct_award", "mini_competition", "user_choice"]
    edit(lead, framework, **facts_of(framework, call_off_routes=["block", "direct_award", "lottery"]))
    assert queries.framework_for(lead, framework.id).call_off_routes == ["direct_award", "block"]
    assert "call_off_routes" in str(dict(last_line(framework)))


def test_a_framework_opens_at_least_one_way(lead: Actor, framework: Framework) -> None:
    with pytest.raises(Refusal) as refused:
        edit(lead, framework, **facts_of(framework, call_off_routes=[]))
    assert refused.value.field == "call_off_routes"
