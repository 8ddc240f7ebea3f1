"""A published pack changes by amendments: prepared unseen, published with a reason, told to everyone."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.audit.models import AuditLine
from portal.errors import Conflict, NotFound, Refusal
from tender.frameworks.models import Question, Round
from tender.frameworks.opening_services import open_box
from tender.frameworks.queries import pack_of, published_round
from tender.packs import amendment_services as services
from tender.packs.amendments import amendment_for
from tender.packs.models import PackVersion, StagedPack
from tender.packs.portable import from_document, pack_of_round
from tender.packs.refusals import ChangedMeanwhile, Faulty
from tests.factories.accounts import a_council
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import a_closed_round, a_draft_round, a_procurement_lead, a_published_round
from tests.factories.packs import a_new_question, prepare, publish, reword


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


@pytest.fixture
def published(lead: Actor) -> Round:
    return a_published_round(lead=lead)


@pytest.fixture
def upcoming(lead: Actor) -> Round:
    return a_published_round(lead=lead, opened=timedelta(days=-2))


def row(session: Session, of: Round, code: str) -> Question:
    found = select(Question).where(Question.round_id == of.id, Question.code == code)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def test_what_is_prepared_changes_nothing_that_is_published(
    session: Session, lead: Actor, published: Round
) -> None:
    before = pack_of(published.id)
    prepare(published, "urn", lead, text="Other words?")
    services.withdraw_question(by=lead, round_id=published.id, code="places")
    assert pack_of(published.id) == before
    amendment = amendment_for(lead, published.id)
    assert [(change.kind, change.code) for change in amendment.changes] == [
        ("changed", "urn"),
        ("withdrawn", "places"),
    ]
    assert (amendment.begun_by, amendment.number) == (lead.name, 2)


def test_publication_changes_the_rows_and_keeps_the_version(
    session: Session, lead: Actor, published: Round
) -> None:
    prepare(published, "urn", lead, text="Other words?", word_limit=6)
    prepare(published, "safeguarding_policy", lead, accepted=("pdf",), required=False)
    services.withdraw_question(by=lead, round_id=published.id, code="places")
    services.add_question(by=lead, round_id=published.id, asked=a_new_question(published, lead))
    assert publish(published, lead) == 2
    urn, policy = row(session, published, "urn"), row(session, published, "safeguarding_policy")
    assert (urn.text, urn.word_limit, urn.changed_in) == ("Other words?", 6, 2)
    assert (policy.accepted, policy.required, policy.changed_in) == (["pdf"], False, 2)
    assert row(session, published, "places").withdrawn_in == 2
    assert row(session, published, "first_aid").changed_in == 2
    assert row(session, published, "finance").changed_in == 1
    pack = pack_of(published.id)
    assert "places" not in {asked.code for asked in pack.questions}
    assert pack.section("listing").questions[-1].code == "first_aid"
    content = session.get_one(PackVersion, (published.id, 2)).content
    numbers = {lot.id: lot.number for lot in amendment_for(lead, published.id).lots}
    assert from_document(content) == pack_of_round(pack, numbers)
    assert session.get(StagedPack, published.id) is None


def test_weights_move_together(session: Session, lead: Actor, published: Round) -> None:
    prepare(published, "outcomes", lead, weight=Decimal(15))
    with pytest.raises(Refusal, match="add up to 105%"):
        publish(published, lead)
    prepare(published, "partnership", lead, weight=Decimal(5), minimum=1)
    assert publish(published, lead) == 2
    assert row(session, published, "outcomes").weight == 15


def test_a_scored_question_is_withdrawn_when_the_others_make_up_for_it(
    session: Session, lead: Actor, published: Round
) -> None:
    services.withdraw_question(by=lead, round_id=published.id, code="outcomes")
    with pytest.raises(Refusal, match="add up to 90%"):
        publish(published, lead)
    prepare(published, "partnership", lead, weight=Decimal(20))
    assert publish(published, lead) == 2


def test_a_question_on_which_another_depends_is_not_withdrawn_alone(
    session: Session, lead: Actor, published: Round
) -> None:
    asked = a_new_question(published, lead, ask_if={"question": "insurance", "answers": ["yes"]})
    services.add_question(by=lead, round_id=published.id, asked=asked)
    services.withdraw_question(by=lead, round_id=published.id, code="insurance")
    with pytest.raises(Refusal, match="depends on a question that is not there"):
        publish(published, lead)


def test_a_scored_question_is_added_only_before_the_round_opens(
    session: Session, lead: Actor, published: Round, upcoming: Round
) -> None:
    for subject in (published, upcoming):
        scored = {"judged_as": "scored", "weight": Decimal(10), "minimum": 2, "scale_id": 1}
        asked = a_new_question(subject, lead, "long_text", **scored)
        services.add_question(by=lead, round_id=subject.id, asked=asked)
        prepare(subject, "safeguarding", lead, weight=Decimal(15))
    with pytest.raises(Refusal, match="only before the round opens"):
        publish(published, lead)
    assert publish(upcoming, lead) == 2
    scale = pack_of(upcoming.id).scale_of(pack_of(upcoming.id).question("first_aid"))
    assert scale == pack_of(upcoming.id).scales[0]


def test_a_price_that_is_scored_is_added_only_before_the_round_opens(
    session: Session, lead: Actor, published: Round, upcoming: Round
) -> None:
    for subject in (published, upcoming):
        priced = {"judged_as": "priced", "weight": Decimal(10), "rule": "lowest_price", "per_lot": True}
        asked = replace(a_new_question(subject, lead, "money"), **priced)
        services.add_question(by=lead, round_id=subject.id, asked=asked)
        prepare(subject, "safeguarding", lead, weight=Decimal(15))
    with pytest.raises(Refusal, match="only before the round opens"):
        publish(published, lead)
    assert publish(upcoming, lead) == 2


def test_the_code_of_a_withdrawn_question_is_not_used_again(
    session: Session, lead: Actor, published: Round
) -> None:
    for expected in ("first_aid", "first_aid_2"):
        asked = a_new_question(published, lead)
        assert services.add_question(by=lead, round_id=published.id, asked=asked) == expected
        publish(published, lead)
        services.withdraw_question(by=lead, round_id=published.id, code=expected)
        publish(published, lead)


def test_a_question_keeps_its_kind_code_and_way_of_judging(
    session: Session, lead: Actor, published: Round
) -> None:
    prepare(published, "urn", lead, text="Other words?", kind="date", judged_as="scored", section="price")
    publish(published, lead)
    kept = row(session, published, "urn")
    assert (kept.kind, kept.judged_as, kept.section) == ("short_text", "information", "listing")


def test_a_change_that_breaks_the_question_is_refused_at_once(
    session: Session, lead: Actor, published: Round
) -> None:
    with pytest.raises(Faulty, match="minimum must be one of"):
        prepare(published, "outcomes", lead, minimum=9)


def test_two_leads_do_not_overwrite_each_other(session: Session, lead: Actor, published: Round) -> None:
    asked = amendment_for(lead, published.id).pack.question("urn")
    prepare(published, "urn", lead, text="The first lead's words?")
    with pytest.raises(ChangedMeanwhile):
        services.change_question(
            by=a_procurement_lead(published),
            round_id=published.id,
            code="urn",
            asked=asked,
            seen=asked.fingerprint,
        )


def test_what_was_changed_after_the_page_was_read_is_not_published(
    session: Session, lead: Actor, published: Round
) -> None:
    prepare(published, "urn", lead, text="Read by the lead?")
    seen = amendment_for(lead, published.id).fingerprint
    prepare(published, "urn", lead, text="Changed meanwhile?")
    with pytest.raises(ChangedMeanwhile):
        services.publish_amendment(
            by=lead, round_id=published.id, reason="Why.", seen=seen, portal_url=PORTAL_URL
        )


@pytest.mark.parametrize("code", ["urn", "places"])
def test_a_question_can_stay_as_it_is_published_after_all(
    session: Session, lead: Actor, published: Round, code: str
) -> None:
    prepare(published, "urn", lead, text="Other words?")
    services.withdraw_question(by=lead, round_id=published.id, code="places")
    services.restore_question(by=lead, round_id=published.id, code=code)
    amendment = amendment_for(lead, published.id)
    assert code not in {change.code for change in amendment.changes}
    codes = [
        asked.code for asked in amendment.standing.questions if asked.code != "places" or code == "places"
    ]
    assert [asked.code for asked in amendment.pack.questions] == codes


def test_a_discarded_amendment_is_gone(session: Session, lead: Actor, published: Round) -> None:
    prepare(published, "urn", lead, text="Other words?")
    services.discard_amendment(by=lead, round_id=published.id)
    amendment = amendment_for(lead, published.id)
    assert (amendment.changes, amendment.begun_at) == ((), None)


def test_nothing_changed_is_not_published(session: Session, lead: Actor, published: Round) -> None:
    with pytest.raises(Refusal, match="Nothing is changed yet"):
        publish(published, lead)


def test_a_version_needs_its_reason(session: Session, lead: Actor, published: Round) -> None:
    prepare(published, "urn", lead, text="Other words?")
    with pytest.raises(Refusal) as refusal:
        publish(published, lead, reason="  ")
    assert refusal.value.field == "reason"


def test_a_draft_a_closed_and_an_opened_round_are_not_amended(session: Session, lead: Actor) -> None:
    draft, closed = a_draft_round(lead=lead), a_closed_round(lead=lead)
    opened = a_closed_round(lead=lead)
    open_box(by=lead, round_id=opened.id)
    for subject in (draft, closed, opened):
        with pytest.raises(Conflict):
            services.withdraw_question(by=lead, round_id=subject.id, code="urn")


def test_another_council_amends_nothing(session: Session, published: Round) -> None:
    stranger = a_procurement_lead(a_council("Another Council"))
    with pytest.raises(NotFound):
        services.withdraw_question(by=stranger, round_id=published.id, code="urn")


def test_the_trail_says_what_each_version_changed(session: Session, lead: Actor, published: Round) -> None:
    reword(published, "urn", by=lead)
    line = session.scalars(select(AuditLine).where(AuditLine.action == "round.amend_pack")).one()
    assert (line.details["version"], line.details["changed"]) == (2, ["urn"])
    assert published_round(published.id).phase == "open"
