"""What the drafting of a pack does, and what it refuses."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from portal.errors import Conflict, NotFound, Refusal
from tender.frameworks.models import Round
from tender.frameworks.queries import pack_of
from tender.packs import section_services, services
from tender.packs.refusals import ChangedMeanwhile, Faulty
from tests.factories.drafting import added, asked, changed, weigh
from tests.factories.frameworks import a_draft_round, a_procurement_lead, a_published_round, lot_ids


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


@pytest.fixture
def draft(lead: Actor) -> Round:
    return a_draft_round(lead=lead)


def codes(draft: Round, section: str) -> list[str]:
    return [each.code for each in pack_of(draft.id).section(section).questions]


def test_everything_that_a_question_says_can_be_changed(draft: Round, lead: Actor) -> None:
    second = lot_ids(draft)[1]
    change = {
        "title": "Other", "text": "New", "why": "Because", "how_judged": "By reading", "required": False,
        "per_lot": True, "word_limit": 300, "weight": Decimal("12.50"), "minimum": 1, "standard": "1.2",
        "lots": (second,),
    }  # fmt: skip
    changed(draft, "outcomes", by=lead, **change)
    found = asked(draft, "outcomes")
    assert {name: getattr(found, name) for name in change} == change


SOUND: dict[str, dict[str, Any]] = {
    "long_text": {},
    "short_text": {},
    "number": {"shape": {"least": "1", "most": "9"}},
    "money": {"shape": {"least": "1.50"}},
    "date": {"shape": {"earliest": "2026-09-01"}},
    "yes_no": {},
    "choice": {"options": (("a", "A"), ("b", "B"))},
    "choices": {"options": (("a", "A"), ("b", "B"))},
    "table": {"shape": {"columns": [["name", "Name", "short_text"]]}},
    "file": {"accepted": ("pdf",), "shape": {"needs_expiry": True}},
    "declaration": {},
    "postcode": {},
    "rate_card": {"shape": {"units": ["day"], "group_sizes": [["one", "One to one"]]}},
}


@pytest.mark.parametrize("kind", SOUND)
def test_a_question_of_every_kind_can_be_added(draft: Round, lead: Actor, kind: str) -> None:
    code = added(draft, kind, by=lead, title="Something new", **SOUND[kind])
    found = asked(draft, code)
    assert (code, found.kind, found.position) == ("something_new", kind, len(pack_of(draft.id).questions))
    assert {name: getattr(found, name) for name in SOUND[kind]} == SOUND[kind]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weight": Decimal(0)}, "weight"),
        ({"weight": Decimal(101)}, "weight"),
        ({"minimum": 6}, "minimum"),
        ({"scale_id": None}, "scale_id"),
        ({"word_limit": 0}, "word_limit"),
        ({"lots": (999_999_999,)}, "lots"),
        ({"code": "With spaces"}, "code"),
        ({"code": "needs"}, "code"),
        ({"ask_if": {"question": "insurance", "answers": ["yes"]}}, "ask_if"),
        ({"judged_as": "condition", "rule": "must_be_yes"}, "rule"),
    ],
)
def test_a_question_without_sense_is_refused_at_its_field(
    draft: Round, lead: Actor, change: dict[str, object], field: str
) -> None:
    with pytest.raises(Faulty) as refused:
        changed(draft, "outcomes", by=lead, **{"text": "New", **change})
    assert field in [fault.field for fault in refused.value.faults]
    assert asked(draft, "outcomes").text != "New"


def test_two_editors_of_one_question_see_a_clash_whatever_they_change(draft: Round, lead: Actor) -> None:
    seen = asked(draft, "finance")
    changed(draft, "finance", by=lead, why="First")
    with pytest.raises(ChangedMeanwhile):
        services.change_question(
            by=lead, round_id=draft.id, code="finance", asked=replace(seen, text="Second"),
            seen=seen.fingerprint,
        )  # fmt: skip
    assert (asked(draft, "finance").why, asked(draft, "finance").text) == ("First", seen.text)


def test_questions_move_within_their_section_and_stop_at_its_ends(draft: Round, lead: Actor) -> None:
    before = codes(draft, "quality")
    services.move_question(by=lead, round_id=draft.id, code=before[0], down=True)
    services.move_question(by=lead, round_id=draft.id, code=before[-1], down=True)
    assert codes(draft, "quality") == [before[1], before[0], *before[2:]]
    positions = [each.position for each in pack_of(draft.id).questions]
    assert positions == list(range(1, len(positions) + 1))


def test_a_question_goes_to_the_end_of_another_section(draft: Round, lead: Actor) -> None:
    changed(draft, "summary", by=lead, section="eligibility")
    assert codes(draft, "eligibility")[-1] == "summary"
    assert asked(draft, "safeguarding_policy").position == asked(draft, "summary").position + 1


def test_a_copy_stands_below_its_original(draft: Round, lead: Actor) -> None:
    copy = services.duplicate_question(by=lead, round_id=draft.id, code="curriculum")
    assert codes(draft, "quality")[1:3] == ["curriculum", copy] == ["curriculum", "curriculum_2"]
    assert asked(draft, copy).text == asked(draft, "curriculum").text


def test_a_question_is_removed_unless_another_depends_on_it(draft: Round, lead: Actor) -> None:
    changed(draft, "exclusion_detail", by=lead, ask_if={"question": "exclusion", "answers": ["some"]})
    with pytest.raises(Refusal, match="What happened"):
        services.remove_question(by=lead, round_id=draft.id, code="exclusion")
    with pytest.raises(Faulty, match="Keep the code"):
        changed(draft, "exclusion", by=lead, code="grounds")
    services.remove_question(by=lead, round_id=draft.id, code="exclusion_detail")
    services.remove_question(by=lead, round_id=draft.id, code="exclusion")
    assert codes(draft, "eligibility")[:2] == ["supplier_details", "registration_test"]


def test_all_weights_are_set_at_once_and_a_clash_changes_none(draft: Round, lead: Actor) -> None:
    weigh(draft, by=lead, outcomes="12.5", partnership="7.5")
    assert [asked(draft, code).weight for code in ("outcomes", "partnership")] == [12.5, 7.5]
    with pytest.raises(ChangedMeanwhile):
        services.set_weights(by=lead, round_id=draft.id, weights={"outcomes": (Decimal(1), 1)}, seen="before")
    with pytest.raises(Faulty) as refused:
        weigh(draft, by=lead, outcomes="0")
    assert refused.value.faults[0].field == "outcomes-weight"


def test_sections_come_change_move_with_their_questions_and_go_when_empty(draft: Round, lead: Actor) -> None:
    code = section_services.add_section(by=lead, round_id=draft.id, title="More", introduction="")
    section_services.move_section(by=lead, round_id=draft.id, code="safety", down=False)
    pack = pack_of(draft.id)
    assert [section.code for section in pack.sections][:2] == ["safety", "eligibility"]
    assert pack.questions[0].code == "safeguarding_policy" and pack.questions[0].position == 1
    with pytest.raises(Refusal, match="has questions"):
        section_services.remove_section(by=lead, round_id=draft.id, code="safety")
    for _ in range(2):
        section_services.remove_section(by=lead, round_id=draft.id, code=code)
    assert code not in [section.code for section in pack_of(draft.id).sections]


def test_two_editors_of_one_section_see_a_clash(draft: Round, lead: Actor) -> None:
    change = {"by": lead, "round_id": draft.id, "code": "safety", "introduction": "."}
    seen = pack_of(draft.id).section("safety").fingerprint
    section_services.change_section(**change, title="First", seen=seen)
    with pytest.raises(ChangedMeanwhile):
        section_services.change_section(**change, title="Second", seen=seen)
    assert pack_of(draft.id).section("safety").title == "First"


def test_every_change_leaves_its_line(draft: Round, lead: Actor) -> None:
    changed(draft, "finance", by=lead, text="New")
    services.remove_question(by=lead, round_id=draft.id, code="finance")
    actions = [line["action"] for line in trail_of("round", draft.id)]
    assert actions == ["round.remove_question", "round.edit_question", "round.create"]


def test_a_published_pack_is_not_drafted_nor_that_of_another_council(draft: Round, lead: Actor) -> None:
    published, stranger = a_published_round(), a_procurement_lead()
    with pytest.raises(Conflict, match="is published"):
        services.remove_question(by=a_procurement_lead(published), round_id=published.id, code="finance")
    with pytest.raises(NotFound):
        services.remove_question(by=stranger, round_id=draft.id, code="finance")
    with pytest.raises(NotFound):
        section_services.add_section(by=stranger, round_id=draft.id, title="x", introduction="")
