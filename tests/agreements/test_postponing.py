"""What has not begun is postponed by a variation; what was bought outlasts its purchase by one."""

from datetime import timedelta

import pytest

from portal import clock
from portal.agreements.change_services import vary
from portal.agreements.list_queries import placements
from portal.agreements.queries import days_agreed
from portal.call_offs.bought import bought_for
from portal.errors import Refusal
from portal.hours.queries import hours_at
from tests.agreements.test_bought import AIMS_AND_CARE, a_bought_draft
from tests.factories.agreements import Placement, a_signed, as_if_begun
from tests.factories.hours import both_sign

pytestmark = pytest.mark.usefixtures("session")

SOON = clock.today() + timedelta(days=14)
LATER = clock.today() + timedelta(days=28)


def postponed(placement: Placement, to=LATER) -> None:  # type: ignore[no-untyped-def]
    vary(agreement_id=placement.id, reason="The tutor is ill.", by=placement.school)
    placement.save(
        starts_on=to,
        ends_on=to + timedelta(days=60),
        reviews_on=[to + timedelta(days=days) for days in (30, 60)],
    )
    placement.offer()


def hours_on(placement: Placement, day) -> int:  # type: ignore[no-untyped-def]
    return len(hours_at(placement.service.provider_id, day))


def test_what_has_not_begun_begins_anew_on_another_first_day():
    placement = a_signed(SOON)
    assert hours_on(placement, SOON)
    postponed(placement)
    assert hours_on(placement, SOON), "until both have signed, what is in force counts"
    both_sign(placement)
    assert not hours_on(placement, SOON) and hours_on(placement, LATER)
    assert days_agreed(placement.id) == (LATER, LATER)
    read = placement.seen_by(placement.school).shown
    assert (read.number, read.terms.first_day, read.terms.began_on) == (2, LATER, None)
    (line,), _ = placements(placement.officer, state="", page=1)
    assert line.starts_on == LATER


def test_what_has_begun_meanwhile_is_not_begun_anew():
    placement = a_signed(SOON)
    postponed(placement)
    placement.sign(placement.school)
    as_if_begun(placement)
    with pytest.raises(Refusal, match="would begin it anew"):
        placement.sign(placement.provider)


def test_what_runs_is_varied_from_a_day_on_and_its_first_day_stays():
    placement = a_signed(SOON)
    as_if_begun(placement)
    vary(agreement_id=placement.id, reason="More days.", by=placement.school)
    draft = placement.seen_by(placement.school).open
    assert draft and not draft.begins_anew and draft.terms.began_on == clock.today() - timedelta(days=3)


def test_a_bought_placement_outlasts_its_purchase_on_terms_of_its_own():
    placement = a_bought_draft()
    placement.save(**AIMS_AND_CARE, vetting_confirmed_on=clock.today())
    bought = bought_for(placement.school, placement.call_off_id)
    assert bought
    beyond = bought.ends_on + timedelta(days=20)
    with pytest.raises(Refusal, match="on terms of its own") as refused:
        placement.save(ends_on=beyond)
    assert refused.value.field == "ends_on"
    placement.offer()
    both_sign(placement)
    as_if_begun(placement)
    vary(agreement_id=placement.id, reason="To stay until summer.", by=placement.school)
    placement.save(
        starts_on=bought.ends_on + timedelta(days=1), ends_on=beyond, price=80, sessions=["fri_am"]
    )
    placement.offer()
    both_sign(placement)
    said = {
        code: words for s in placement.seen_by(placement.school).shown.content for code, _, words in s["rows"]
    }
    assert "bought" not in said and said["sessions"] == "Friday morning"
