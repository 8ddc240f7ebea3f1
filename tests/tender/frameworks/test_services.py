"""What the services of frameworks and rounds do, and what they refuse."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused
from tender.frameworks import opening_services, queries, services
from tender.frameworks.models import Framework, Lot, Round
from tender.frameworks.refusals import DraftWaiting, NotReady, ReferenceTaken, StillShut
from tender.frameworks.services import LotDetails
from tests.factories.frameworks import (
    CEILING,
    a_closed_round,
    a_draft_round,
    a_framework,
    a_procurement_lead,
    a_published_round,
    lot_ids,
)


def created(by: Actor, **changed: object) -> Framework:
    """A framework from the least that one needs."""
    details = {
        "reference": "TC1",
        "title": "Invented",
        "buyer_name": "Council",
        "legal_regime": "PA2023",
        "kind": "open_framework",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 1, 1),
        "lots": [LotDetails("1", "One"), LotDetails("2", "Two", True, 25)],
    }
    return services.create_framework(by=by, **{**details, **changed})  # type: ignore[arg-type]


def test_a_framework_keeps_its_notice_and_its_lots_in_order(session: Session) -> None:
    made = created(a_procurement_lead(), notice={"releases": [{"ocid": "x"}]}, ocid="x")
    lots = queries.lots_of_framework(made.id)
    assert [(lot.number, lot.registered_only, lot.minimum_hours_a_week) for lot in lots] == [
        ("1", False, None),
        ("2", True, 25),
    ]
    assert made.notice == {"releases": [{"ocid": "x"}]}
    assert [line["action"] for line in trail_of("framework", made.id)] == ["framework.create"]


def test_a_reference_is_used_once_in_a_council(session: Session) -> None:
    lead = a_procurement_lead()
    first = created(lead)
    with pytest.raises(ReferenceTaken) as refused:
        created(lead)
    assert refused.value.framework_id == first.id
    assert created(a_procurement_lead()).id != first.id


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"lots": []}, "lots"),
        ({"lots": [LotDetails("1", "One"), LotDetails("1", "Again")]}, "lots"),
        ({"ends_on": date(2026, 1, 1)}, "ends_on"),
    ],
)
def test_a_framework_without_sense_is_refused_whole(
    session: Session, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        created(a_procurement_lead(), **changed)
    assert refused.value.field == field
    assert session.scalar(select(func.count()).select_from(Framework)) == 0
    assert session.scalar(select(func.count()).select_from(Lot)) == 0


def test_a_new_round_gets_its_own_copy_of_the_default_pack(session: Session) -> None:
    lead = a_procurement_lead()
    draft = a_draft_round(lead=lead)
    pack = queries.pack_of(draft.id)
    assert {pack.weight_of(lot_id) for lot_id in lot_ids(draft)} == {100}
    assert {question.weight for question in pack.questions if not question.scored} == {None}
    assert [band.points for band in pack.scales[0].bands] == [0, 1, 2, 3, 4, 5]
    assert pack.question("safeguarding").minimum == 3
    assert [section.code for section in pack.sections][0] == "eligibility"


def test_the_law_of_the_framework_chooses_the_questions(session: Session) -> None:
    old = a_draft_round(framework=a_framework(regime="PCR2015"))
    new = a_draft_round(framework=a_framework(regime="PA2023"))
    assert "share_code" not in {question.code for question in queries.pack_of(old.id).questions}
    assert "share_code" in {question.code for question in queries.pack_of(new.id).questions}


def test_a_closing_time_in_the_past_is_refused(session: Session) -> None:
    with pytest.raises(Refusal, match="in the past") as refused:
        a_draft_round(opens_at=clock.now() - timedelta(days=2), closes_at=clock.now() - timedelta(days=1))
    assert refused.value.field == "closes_at"


def test_a_round_must_close_after_it_opens(session: Session) -> None:
    moment = clock.now() + timedelta(days=1)
    with pytest.raises(Refusal, match="close after it opens"):
        a_draft_round(opens_at=moment, closes_at=moment)


def test_lots_of_another_framework_are_refused(session: Session) -> None:
    lead = a_procurement_lead()
    mine, other = a_framework(lead=lead), a_framework(lead=lead)
    with pytest.raises(Refusal, match="this framework only"):
        services.create_round(
            by=lead,
            framework_id=mine.id,
            lots={lot_ids(other)[0]: CEILING},
            opens_at=clock.now(),
            closes_at=clock.now() + timedelta(days=1),
        )


def test_the_same_round_asked_for_twice_is_made_once(session: Session) -> None:
    lead = a_procurement_lead()
    framework = a_framework(lead=lead)
    opens_at, closes_at = datetime(2040, 1, 1, tzinfo=UTC), datetime(2040, 2, 1, tzinfo=UTC)
    first = a_draft_round(framework=framework, lead=lead, opens_at=opens_at, closes_at=closes_at)
    again = a_draft_round(framework=framework, lead=lead, opens_at=opens_at, closes_at=closes_at)
    assert again.id == first.id
    with pytest.raises(DraftWaiting) as refused:
        a_draft_round(framework=framework, lead=lead, closes_at=closes_at)
    assert refused.value.round_id == first.id


def test_a_round_can_carry_the_number_that_the_council_gives_it(session: Session) -> None:
    lead = a_procurement_lead()
    framework = a_framework(lead=lead)
    given = {"by": lead, "framework_id": framework.id, "lots": {lot_ids(framework)[0]: CEILING}}
    times = {"opens_at": clock.now(), "closes_at": clock.now() + timedelta(days=9)}
    fourth = services.create_round(**given, **times, number=4)
    services.publish_round(by=lead, round_id=fourth.id)
    with pytest.raises(Refusal, match="round 4 already"):
        services.create_round(**given, **times, number=4)
    assert services.create_round(**given, **times).number == 5


def test_a_draft_whose_closing_time_has_come_cannot_be_published(session: Session) -> None:
    lead = a_procurement_lead()
    draft = a_draft_round(lead=lead)
    with clock.staged_at(draft.closes_at), pytest.raises(NotReady, match="has passed"):
        services.publish_round(by=lead, round_id=draft.id)


def test_a_round_is_published_once(session: Session) -> None:
    lead = a_procurement_lead()
    published = a_published_round(lead=lead)
    with pytest.raises(MoveRefused):
        services.publish_round(by=lead, round_id=published.id)
    actions = [line["action"] for line in trail_of("round", published.id)]
    assert actions == ["round.publish", "round.create"]


def test_a_published_round_cannot_be_changed(session: Session) -> None:
    lead = a_procurement_lead()
    published = a_published_round(lead=lead)
    with pytest.raises(Conflict, match="is published"):
        services.edit_round(
            by=lead,
            round_id=published.id,
            lots={lot_ids(published)[0]: CEILING},
            opens_at=published.opens_at,
            closes_at=published.closes_at + timedelta(days=1),
        )


def test_the_box_stays_shut_until_the_very_moment_of_the_close(session: Session) -> None:
    lead = a_procurement_lead()
    published = a_published_round(lead=lead)
    just_before = published.closes_at - timedelta(microseconds=1)
    with clock.staged_at(just_before), pytest.raises(StillShut, match="UK time"):
        opening_services.open_box(by=lead, round_id=published.id)
    with clock.staged_at(published.closes_at):
        assert opening_services.open_box(by=lead, round_id=published.id).state == "opened"


def test_the_box_is_opened_once_and_the_trail_has_the_counts(session: Session) -> None:
    lead = a_procurement_lead()
    closed = a_closed_round(lead=lead)
    opening_services.open_box(by=lead, round_id=closed.id)
    with pytest.raises(MoveRefused):
        opening_services.open_box(by=lead, round_id=closed.id)
    opened = [line for line in trail_of("round", closed.id) if line["action"] == "round.open_box"]
    assert [line["actor_name"] for line in opened] == [lead.name]
    assert (opened[0]["details"]["started"], opened[0]["details"]["submitted"]) == (0, 0)


def test_nobody_makes_a_round_in_another_councils_framework(session: Session) -> None:
    with pytest.raises(NotFound):
        a_draft_round(framework=a_framework(), lead=a_procurement_lead())


def test_another_councils_round_is_not_found(session: Session) -> None:
    stranger = a_procurement_lead()
    closed, draft = a_closed_round(), a_draft_round()
    with pytest.raises(NotFound):
        opening_services.open_box(by=stranger, round_id=closed.id)
    with pytest.raises(NotFound):
        services.publish_round(by=stranger, round_id=draft.id)


def test_a_round_is_open_from_its_opening_until_its_close(session: Session) -> None:
    published = session.get_one(Round, a_published_round().id)
    moments = [published.opens_at, published.closes_at - timedelta(seconds=1), published.closes_at]
    answers = []
    for moment in moments:
        with clock.staged_at(moment):
            answers.append(services.is_open(published))
    assert answers == [True, True, False]
