"""Buying places in advance, and placing children from them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.blocks.models import PlaceBlock
from portal.blocks.queries import block_for, open_to
from portal.blocks.services import NothingFree, close, free_after, propose
from portal.call_offs.models import CallOff
from portal.call_offs.services import cancel_call_off
from portal.database import db, transaction
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from tests.commissioning.test_pages import hidden
from tests.factories.accounts import a_council, a_person, a_school_person, an_organisation
from tests.factories.blocks import (
    a_block,
    an_agreed_block,
    answered,
    opens_blocks,
    some_terms,
    take_place_from,
)
from tests.factories.call_offs import Asked, asked
from tests.factories.commissioning import PORTAL_URL
from tests.factories.directory import a_service
from tests.web_client import sign_in

pytestmark = pytest.mark.usefixtures("session")


def one_offer(first: Asked | None = None, school: Actor | None = None) -> Asked:
    """One provider asked for one child, which it can take; the provider of another request again."""
    return asked(
        1, offers=1, first=first.places[0] if first else None, school=school or (first and first.school)
    )


def take(block: PlaceBlock, request: Asked, by: Actor | None = None) -> CallOff:
    return take_place_from(block, request.referrals[0], by or request.school)


def bought(request: Asked, **changes: object) -> PlaceBlock:
    service, provider = request.places[0]
    return an_agreed_block(service, request.school, provider, **changes)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"places": 0}, "places"),
        ({"sessions": ()}, "sessions"),
        ({"starts_on": clock.today() - timedelta(days=1)}, "starts_on"),
        ({"ends_on": clock.today()}, "ends_on"),
        ({"price": Decimal(0)}, "price"),
        ({"reason": " "}, "reason"),
    ],
)
def test_terms_that_nobody_could_agree_to_are_refused_at_their_field(change, field):
    opens_blocks()
    with pytest.raises(Refusal) as refused:
        a_block(a_service(), a_school_person(), **change)
    assert refused.value.field == field


def test_a_framework_that_opens_no_block_purchase_allows_none():
    with pytest.raises(Refusal, match="opens no block purchase"):
        propose(service_id=a_service().id, terms=some_terms(), portal_url=PORTAL_URL, by=a_school_person())


def test_both_sides_are_written_to():
    request = one_offer()
    bought(request)
    titles = [each.title for each in db.session.query(Letter).filter_by(subject_type="place_block")]
    assert any("wants to buy 2 places" in title for title in titles)
    assert any("agrees to your block purchase" in title for title in titles)


def test_a_refusal_says_why_and_is_final():
    request = one_offer()
    block = a_block(request.places[0][0], request.school)
    with pytest.raises(Refusal):
        answered(block, request.provider(0), agree=False)
    for _ in range(2):
        answered(block, request.provider(0), agree=False, note="Not at this price.")
    with pytest.raises(MoveRefused):
        answered(block, request.provider(0))


def test_strangers_read_answer_and_end_nothing():
    request, stranger = one_offer(), asked(1)
    block = a_block(request.places[0][0], request.school)
    for viewer in (stranger.school, stranger.provider(0)):
        with pytest.raises(NotFound):
            block_for(viewer, block.id)
    with pytest.raises(NotFound):
        answered(block, stranger.provider(0))
    with pytest.raises(NotFound):
        close(block_id=block.id, reason="No.", portal_url=PORTAL_URL, by=stranger.school)


def test_a_choice_takes_a_place_and_the_last_one_can_be_taken_once():
    request = one_offer()
    block = bought(request, places=1)
    choice = take(block, request)
    assert (choice.route, choice.block_id, block_for(request.school, block.id).free) == ("block", block.id, 0)
    assert take(block, request).id == choice.id
    with pytest.raises(NothingFree):
        take(block, one_offer(request))


def test_a_cancelled_choice_and_one_whose_last_day_has_passed_free_their_place():
    request = one_offer()
    block = bought(request, places=1)
    choice = take(block, request)
    free_after(call_off_id=choice.id, last_day=clock.today() - timedelta(days=1))
    assert block_for(request.school, block.id).free == 1
    free_after(call_off_id=choice.id, last_day=clock.today())
    assert block_for(request.school, block.id).free == 0
    cancel_call_off(call_off_id=choice.id, reason="Moved.", portal_url=PORTAL_URL, by=request.school)
    assert block_for(request.school, block.id).free == 1


def test_a_schools_places_are_its_own_and_the_councils_are_everybodys():
    request = one_offer()
    service, provider = request.places[0]
    own = bought(request)
    lead = a_person(a_council(), "procurement_lead")
    everybodys = an_agreed_block(service, lead, provider)
    other = one_offer(request, school=a_school_person())
    assert [block.id for block in open_to(other.school, service.id)] == [everybodys.id]
    with pytest.raises(NotFound):
        take(own, other)
    assert take(everybodys, other).block_id == everybodys.id


def test_a_trust_buys_for_its_schools():
    trust = an_organisation("school_group")
    school = a_person(an_organisation("school", group=trust), "commissioner")
    request = one_offer(school=school)
    service, provider = request.places[0]
    block = an_agreed_block(service, a_person(trust, "commissioner"), provider)
    assert take(block, request).block_id == block.id


def test_what_is_not_agreed_ended_or_run_out_gives_no_place():
    request = one_offer()
    service, _ = request.places[0]
    a_block(service, request.school)
    ended = bought(request)
    close(block_id=ended.id, reason="The need is gone.", portal_url=PORTAL_URL, by=request.school)
    run_out = bought(request)
    assert [block.id for block in open_to(request.school, service.id)] == [run_out.id]
    with clock.staged_at(clock.now() + timedelta(days=71)):
        assert open_to(request.school, service.id) == []


def test_the_database_lets_nobody_change_what_was_proposed(session: Session):
    block = bought(one_offer())
    with pytest.raises(DBAPIError), transaction():
        session.get_one(PlaceBlock, block.id).price = Decimal(1)


def test_a_school_buys_and_takes_on_the_pages(client: FlaskClient):
    request = one_offer()
    service, provider = request.places[0]
    sign_in(client, request.school.email)
    assert "opens no block purchase" in client.get(f"/services/{service.id}/block").text
    opens_blocks()
    start, end = clock.today() + timedelta(days=1), clock.today() + timedelta(days=60)
    typed: dict[str, object] = {"places": "2", "sessions": ["mon_am"], "price": "80", "unit": "day"}
    for name, day in (("starts_on", start), ("ends_on", end)):
        typed |= {f"{name}-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    refused = client.post(f"/services/{service.id}/block", data=typed)
    assert refused.status_code == 422 and "Say why you buy in advance." in refused.text
    sent = client.post(f"/services/{service.id}/block/send", data=typed | {"reason": "Every autumn."})
    block = db.session.query(PlaceBlock).one()
    assert sent.location == f"/blocks/{block.id}" and sent.location in client.get("/blocks").text
    answered(block, provider)
    address = f"/referrals/{request.referrals[0].id}/choose"
    assert f"{address}/block" in client.get(address).text
    assert "2 of 2 free" in client.get(f"{address}/block").text
    taken = client.post(f"{address}/block", data={"block": str(block.id), "reason": "A place is free."})
    assert taken.status_code == 303 and taken.location.startswith("/choices/")


def test_a_provider_finds_the_purchase_at_home_and_answers(client: FlaskClient):
    request = one_offer()
    block = a_block(request.places[0][0], request.school)
    sign_in(client, request.provider(0).email)
    assert f"/blocks/{block.id}" in client.get("/").text
    assert "Choose whether you agree." in client.post(f"/blocks/{block.id}/answer", data={}).text
    refused = client.post(f"/blocks/{block.id}/answer", data={"decision": "refuse"})
    assert refused.status_code == 422 and "Say why you refuse." in refused.text
    client.post(f"/blocks/{block.id}/answer", data={"decision": "agree"})
    assert "Agreed" in client.get(f"/blocks/{block.id}").text


def test_an_organisation_of_the_council_reads_its_own(session: Session):
    request = one_offer()
    lead = a_person(a_council(), "procurement_lead")
    block = a_block(request.places[0][0], lead)
    assert block_for(lead, block.id).buyer == session.get_one(Organisation, lead.organisation_id).name


def test_all_places_over_the_whole_term_cost_places_times_half_days_exactly():
    terms = some_terms(
        places=3,
        sessions=("mon_am", "mon_pm", "fri_am"),
        starts_on=date(2026, 3, 30),  # a Monday; Good Friday and Easter Monday lie in the term
        ends_on=date(2026, 4, 17),
        price=Decimal("95.01"),
    )
    assert terms.half_days == 2 + 2 + 1 + 1  # Mondays 30 March and 13 April, Fridays 10 and 17 April
    assert terms.total == Decimal("855.09")  # 3 places × 6 half days × £47.505
    assert some_terms(price=Decimal("38.10"), price_unit="hour", places=1).week_price == Decimal("190.50")


def test_what_it_costs_altogether_is_read_before_it_is_sent_and_on_the_purchase(client: FlaskClient):
    service, buyer = a_service(), a_school_person()
    opens_blocks()
    sign_in(client, buyer.email)
    start = clock.today() + timedelta(days=14)
    typed = {
        "places": "2",
        "sessions": ["mon_am", "tue_am"],
        "price": "95",
        "unit": "day",
        "reason": "Every autumn.",
        **{f"starts_on-{part}": getattr(start, part) for part in ("day", "month", "year")},
        **{f"ends_on-{part}": getattr(start + timedelta(days=69), part) for part in ("day", "month", "year")},
    }
    shown = client.post(f"/services/{service.id}/block", data=typed)
    terms = some_terms(
        sessions=("mon_am", "tue_am"),
        starts_on=start,
        ends_on=start + timedelta(days=69),
        price=Decimal(95),
    )
    total = f"£{terms.total:,.2f}"
    assert shown.status_code == 200 and total in shown.text
    assert db.session.query(PlaceBlock).count() == 0
    carried = hidden(shown.text)
    assert 'value="95"' in client.post(f"/services/{service.id}/block/change", data=carried).text
    sent = [client.post(f"/services/{service.id}/block/send", data=carried) for _ in range(2)]
    assert sent[0].status_code == 303 and sent[0].location == sent[1].location
    page = client.get(sent[0].location).text
    assert total in page and "Waits for the provider" in page
    provider = a_person(db.session.get_one(Organisation, service.provider_id), "administrator")
    client.post("/sign-out")
    sign_in(client, provider.email)
    for address in (sent[0].location, "/blocks"):
        page = client.get(address).text
        assert "Waits for you" in page and "Waits for the provider" not in page and total in page


@pytest.mark.parametrize(("days", "said"), [(1, "began on"), (70, "began on"), (71, "ended on")])
def test_nobody_agrees_to_days_that_have_passed(days, said):
    request = asked(1, offers=1)
    service, provider = request.places[0]
    block = a_block(service, request.school)
    with clock.staged_at(clock.now() + timedelta(days=days)):
        with pytest.raises(Refusal, match=said) as refused:
            answered(block, provider)
        assert refused.value.field == "decision"
        answered(block, provider, agree=False, note="Too late for us.")
    assert db.session.get_one(PlaceBlock, block.id).state == "refused"


def test_on_its_first_day_a_purchase_can_still_be_agreed():
    request = asked(1, offers=1)
    service, provider = request.places[0]
    assert an_agreed_block(service, request.school, provider, starts_on=clock.today()).state == "agreed"
