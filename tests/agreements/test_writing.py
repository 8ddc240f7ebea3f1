"""Writing an agreement: what is filled in, what is missing, who may, and what is kept."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portal import clock
from portal.agreements.change_services import cancel_agreement, drop, vary, when_choice_is_cancelled
from portal.agreements.differences import changes_between
from portal.agreements.limits import warnings_of
from portal.agreements.list_queries import agreements_for, placements
from portal.agreements.models import AgreementVersion
from portal.agreements.paper import standing_of
from portal.agreements.parents import copy_for_parents
from portal.agreements.queries import agreement_for
from portal.agreements.services import NotReady, digest_of, offer, save_terms, start_agreement, take_back
from portal.agreements.signing_services import end_agreement
from portal.agreements.terms import NEEDED, Terms, sha256_of
from portal.call_offs.lifecycle import CALL_OFF
from portal.call_offs.models import CallOff
from portal.commissioning.check_services import sign_check
from portal.database import transaction
from portal.directory.services import NotAdmitted
from portal.errors import Conflict, NotFound, Refusal
from portal.hours.queries import rules_in_force
from portal.hours.services import set_rules
from portal.lifecycle import MoveRefused, move
from portal.web.filters import uk_date
from tests.factories.accounts import a_council, a_person, a_school_person
from tests.factories.agreements import PORTAL_URL, a_call_off, a_draft, a_signed, an_offered, as_if_begun
from tests.factories.directory import a_colleague, offers, suspend_standing


def terms_of(placement, viewer=None):
    return placement.seen_by(viewer or placement.school).shown.terms


def test_what_is_known_is_filled_in(session):
    call_off, service, school, provider = a_call_off()
    offers(service, tiers=["tier2"], price_includes=["lunch"], subjects=["motor"], transport="none")
    sign_check(
        service_id=service.id,
        kind="safeguarding",
        done_on=clock.today(),
        done_by="Head",
        note="Seen.",
        by=school,
    )
    lead = a_colleague(school, "safeguarding_lead")
    begun = start_agreement(call_off_id=call_off.id, by=school)
    terms = a_view(begun, school)
    assert terms.starts_on == clock.today() + timedelta(days=14)
    assert terms.weeks == 12
    assert (terms.price, terms.price_unit, terms.price_covers) == (Decimal("90.00"), "day", "Lunch")
    assert (terms.tier, terms.curriculum) == ("tier2", "Motor vehicles")
    assert lead.name in terms.school_safeguarding_lead
    assert terms.vetting_confirmed_on == clock.today()
    assert terms.ehc_plan == "no"
    assert "rebuild trust" in terms.objectives and "engines" in terms.plan
    assert len(terms.reviews_on) == 2


def a_view(agreement_id, school):
    return agreement_for(school, agreement_id).shown.terms


def test_begun_twice_it_is_one(session):
    call_off, _, school, _ = a_call_off()
    assert len({start_agreement(call_off_id=call_off.id, by=school) for _ in range(2)}) == 1


@pytest.mark.parametrize("who", ["another school", "the provider", "a coordinator"])
def test_only_the_schools_commissioner_begins_it(session, who):
    call_off, _, school, provider = a_call_off()
    by = {
        "another school": a_school_person,
        "the provider": lambda: provider,
        "a coordinator": lambda: a_colleague(school, "placement_coordinator"),
    }[who]()
    with pytest.raises(NotFound):
        start_agreement(call_off_id=call_off.id, by=by)


def test_nothing_is_offered_before_it_is_whole(session):
    call_off, _, school, _ = a_call_off()
    begun = start_agreement(call_off_id=call_off.id, by=school)
    with pytest.raises(NotReady) as refused:
        offer(agreement_id=begun, portal_url=PORTAL_URL, by=school)
    assert ("aims", "Say where the child starts from.") in refused.value.problems


@pytest.mark.parametrize(
    ("field", "nothing"), [("tier", ""), ("ehc_plan", ""), ("baseline_attendance", None), ("curriculum", "")]
)
def test_what_the_councils_figures_rest_on_is_said_before_it_is_offered(session, field, nothing):
    placement = a_draft()
    placement.save(**{field: nothing})
    with pytest.raises(NotReady) as refused:
        placement.offer()
    assert refused.value.problems == [NEEDED[field]]


def test_nobody_signs_for_a_child_whom_nobody_has_named(session):
    placement = a_draft(named=False)
    with pytest.raises(Refusal, match="Say who the child is"):
        placement.offer()


def test_it_is_not_offered_to_a_provider_that_may_take_nobody(session):
    placement = a_draft()
    suspend_standing(standing_id=placement.service.standing_id)
    with pytest.raises(NotAdmitted):
        placement.offer()


def test_two_editors_see_a_clash_and_nothing_is_overwritten(session):
    placement = a_draft()
    seen = digest_of(terms_of(placement), ["transport"])
    placement.save(transport="By taxi.", by=a_colleague(placement.school, "commissioner"))
    with pytest.raises(Conflict, match="A colleague"):
        save_terms(
            agreement_id=placement.id, values={"transport": "On foot."}, seen=seen, by=placement.school
        )
    assert terms_of(placement).transport == "By taxi."


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_on": clock.today()}, "ends_on"),
        ({"longest_weeks": 11}, "longest_weeks"),
        ({"ends_on": clock.today() + timedelta(days=200)}, "longest_weeks"),
        ({"sessions": ["tue_am", "mon_am"]}, "sessions"),
        ({"sessions": ["sat_am"]}, "sessions"),
        ({"reviews_on": [clock.today() + timedelta(days=900)]}, "reviews_on"),
    ],
)
def test_terms_that_cannot_be_are_refused_at_their_field(session, change, field):
    placement = a_draft()
    with pytest.raises(Refusal) as refused:
        placement.save(**change)
    assert refused.value.field == field


def test_reviews_follow_the_term_until_somebody_has_set_them(session):
    placement = a_draft()
    start = clock.today() + timedelta(days=100)
    placement.save(starts_on=start, ends_on=start + timedelta(days=60))
    reviews = terms_of(placement).reviews_on
    assert reviews and all(start <= day <= start + timedelta(days=60) for day in reviews)
    placement.save(reviews_on=[start + timedelta(days=10), start + timedelta(days=50)])
    placement.save(ends_on=start + timedelta(days=30))
    assert terms_of(placement).reviews_on == [start + timedelta(days=10)]


def test_what_is_out_for_signing_is_not_written(session):
    with pytest.raises(MoveRefused):
        an_offered().save(price=Decimal(1))


def test_the_provider_reads_nothing_of_a_draft(session):
    placement = a_draft()
    with pytest.raises(NotFound):
        placement.seen_by(placement.provider)
    placement.offer()
    assert placement.seen_by(placement.provider).open.number == 1
    take_back(agreement_id=placement.id, reason="Price.", portal_url=PORTAL_URL, by=placement.school)
    assert [each.state for each in placement.seen_by(placement.provider).versions] == ["withdrawn"]


def test_the_council_reads_what_was_agreed_and_not_what_it_says_of_the_child(session):
    placement = an_offered()
    officer = placement.officer
    with pytest.raises(NotFound):
        placement.seen_by(officer)
    placement.sign(placement.school)
    placement.sign(placement.provider)
    facts = placement.seen_by(officer)
    (aims,) = (section["rows"] for section in facts.shown.content if section["code"] == "aims")
    assert [row[0] for row in aims] == ["reviews_on"]
    assert facts.moves == frozenset()
    for role in ("evaluator", "procurement_lead", "approver", "auditor", "administrator"):
        with pytest.raises(NotFound):
            placement.seen_by(a_colleague(officer, role))


def test_other_councils_and_schools_read_nothing(session):
    placement, other = a_signed(), a_signed()
    for stranger in (other.school, other.provider, other.officer):
        with pytest.raises(NotFound):
            placement.seen_by(stranger)


def test_a_variation_counts_when_both_have_signed_it_and_both_versions_stay(session):
    placement = a_signed()
    as_if_begun(placement)
    vary(agreement_id=placement.id, reason="It goes well.", by=placement.school)
    placement.save(sessions=["mon_am", "tue_am", "wed_am"])
    placement.offer()
    placement.sign(placement.school)
    assert placement.seen_by(placement.provider).shown.terms.sessions == ["mon_am", "tue_am"]
    placement.sign(placement.provider)
    facts = placement.seen_by(placement.provider)
    assert (facts.version_in_force, [each.state for each in facts.versions]) == (2, ["agreed", "agreed"])
    changed = {
        change.title for change in changes_between(facts.versions[0].content, facts.versions[1].content)
    }
    changed -= {"First day", "Last day", "Longest period"}  # as the factory moved them, under what was signed
    assert changed == {"This version counts from", "Half days", "Hours a week", "A full week costs"}


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"price": Decimal(80)}, False),
        ({"sessions": ["mon_am"]}, False),
        ({"sessions": ["mon_am", "mon_pm", "tue_am"]}, True),
    ],
)
def test_only_a_variation_that_adds_asks_for_the_standing_again(session, change, refused):
    placement = a_signed()
    vary(agreement_id=placement.id, reason="As agreed.", by=placement.school)
    placement.save(**change)
    placement.offer()
    placement.sign(placement.school)
    suspend_standing(standing_id=placement.service.standing_id)
    if refused:
        with pytest.raises(NotAdmitted):
            placement.sign(placement.provider)
    else:
        assert placement.sign(placement.provider) is True


def test_a_variation_can_be_dropped(session):
    placement = a_signed()
    vary(agreement_id=placement.id, reason="Perhaps.", by=placement.school)
    placement.offer()
    drop(agreement_id=placement.id, reason="No.", portal_url=PORTAL_URL, by=placement.school)
    facts = placement.seen_by(placement.school)
    assert (facts.open, facts.version_in_force, facts.state) == (None, 1, "in_force")


@pytest.mark.parametrize("side", ["school", "provider"])
def test_either_side_ends_it_early_and_the_other_reads_why(session, side):
    placement = a_signed()
    by = getattr(placement, side)
    last = clock.today() + timedelta(days=20)
    for _ in range(2):  # a second click ends it once
        end_agreement(agreement_id=placement.id, last_day=last, reason="Moved.", portal_url=PORTAL_URL, by=by)
    other = placement.seen_by(placement.provider if side == "school" else placement.school)
    assert (other.state, other.last_day, other.close_reason, other.over) == ("ended", last, "Moved.", False)


@pytest.mark.parametrize("days", [-40, 400])
def test_the_last_day_must_be_one_that_can_be(session, days):
    placement = a_signed()
    with pytest.raises(Refusal) as refused:
        end_agreement(
            agreement_id=placement.id, last_day=clock.today() + timedelta(days=days), reason="Moved.",
            portal_url=PORTAL_URL, by=placement.school,
        )  # fmt: skip
    assert refused.value.field == "last_day"


def test_what_was_cancelled_is_gone_for_the_provider_and_can_be_begun_again(session):
    placement = an_offered()
    reference = placement.row.reference
    cancel_agreement(agreement_id=placement.id, reason="The family moved.", by=placement.school)
    with pytest.raises(NotFound):
        placement.seen_by(placement.provider)
    again = start_agreement(call_off_id=placement.call_off_id, by=placement.school)
    assert again != placement.id
    assert agreement_for(placement.school, again).reference == f"{reference}-2"


def cancel_choice(placement, by):
    with transaction() as session:
        call_off = session.get_one(CallOff, placement.call_off_id, with_for_update=True)
        call_off.cancel_reason = "Changed our mind."
        move(CALL_OFF, call_off, "cancel", by=by)


def test_a_choice_that_is_cancelled_takes_its_agreement_with_it(session):
    placement = an_offered()
    cancel_choice(placement, placement.school)
    assert placement.row.state == "cancelled"


def test_a_choice_with_an_agreement_in_force_is_not_cancelled(session):
    placement = a_signed()
    with pytest.raises(Refusal, match="End it first"):
        cancel_choice(placement, placement.school)
    assert when_choice_is_cancelled in CALL_OFF.subscribers["cancel"]


def test_the_fingerprint_is_of_what_was_shown(session):
    placement = an_offered()
    version = session.query(AgreementVersion).filter_by(agreement_id=placement.id).one()
    assert version.sha256 == sha256_of(version.content)
    placement.service.title = "Another name"
    session.flush()
    assert "Another name" not in str(placement.seen_by(placement.school).open.content)


DAY = clock.today() + timedelta(days=60)


@pytest.mark.parametrize(
    ("terms", "warned"),
    [
        (Terms(DAY, DAY + timedelta(weeks=6), sessions=["mon_am"]), ""),
        (
            Terms(clock.today(), DAY, sessions=["mon_am"], reviews_on=[clock.today() + timedelta(30)]),
            "school days",
        ),
        (Terms(DAY, DAY + timedelta(weeks=20), sessions=["mon_am"]), "without a review"),
        (
            Terms(DAY, DAY + timedelta(weeks=6), vetting_confirmed_on=clock.today() - timedelta(days=400)),
            "more than a year old",
        ),
    ],
)
def test_soft_limits_warn_and_refuse_nothing(session, terms, warned):
    said = warnings_of(0, terms, today=clock.today())
    assert (said == () and not warned) or (len(said) == 1 and warned in said[0])


def test_a_colleague_of_the_school_without_the_role_reads_nothing(session):
    placement = an_offered()
    with pytest.raises(NotFound):
        placement.seen_by(a_colleague(placement.school, "administrator"))


def a_variation(starts_on, **changes):
    """A placement that began on this day, with a variation that is being written."""
    placement = a_signed(starts_on=starts_on)
    vary(agreement_id=placement.id, reason="Longer.", by=placement.school)
    placement.save(**changes)
    return placement


def agreed_by_both(placement):
    placement.offer()
    placement.sign(placement.school)
    placement.sign(placement.provider)


def test_a_change_is_proposed_to_count_from_the_next_monday(session):
    began = clock.today() - timedelta(days=30)
    placement = a_variation(began, price=Decimal(80))
    draft = placement.seen_by(placement.school).open
    assert draft.terms.starts_on.weekday() == 0
    assert clock.today() <= draft.terms.starts_on < clock.today() + timedelta(days=7)
    placement = a_variation(clock.today() + timedelta(days=30), price=Decimal(80))
    assert placement.seen_by(placement.school).open.terms.starts_on == clock.today() + timedelta(days=30)


def test_a_change_counts_no_earlier_than_what_it_follows(session):
    began = clock.today() - timedelta(days=30)
    placement = a_variation(began)
    with pytest.raises(Refusal, match="at the earliest") as refused:
        placement.save(starts_on=began - timedelta(days=1))
    assert refused.value.field == "starts_on"


def test_the_first_day_stays_and_the_weeks_count_from_it(session):
    began = clock.today() - timedelta(days=30)
    last = began + timedelta(weeks=20) - timedelta(days=1)
    placement = a_variation(began, ends_on=last, longest_weeks=20)
    agreed_by_both(placement)
    facts = placement.seen_by(placement.school)
    assert facts.shown.terms.first_day == began and facts.shown.terms.weeks == 20
    rows = {code: words for section in facts.shown.content for code, _, words in section["rows"]}
    assert rows["starts_on"] == uk_date(began, weekday=True) and "20 weeks" in rows["ends_on"]
    assert rows["counts_from"] == uk_date(facts.shown.terms.starts_on, weekday=True)
    said = " ".join(words for part in copy_for_parents(facts) for words in part.paragraphs)
    assert f"From {rows['starts_on']} to" in said and f"counts from {rows['counts_from']}" in said
    for lines, _ in (agreements_for(placement.school, 1), placements(placement.officer)):
        assert [(line.starts_on, line.stage) for line in lines] == [(began, "in_force")]


def test_a_version_says_until_when_it_counts(session):
    placement = a_variation(clock.today() - timedelta(days=30))
    later = clock.today() + timedelta(days=20)
    placement.save(starts_on=later)
    agreed_by_both(placement)
    facts = placement.seen_by(placement.school)
    said = [standing_of(facts, version) for version in facts.versions]
    assert said == [
        f"In force until version 2 counts, from {uk_date(later)}.",
        f"Signed by both. It counts from {uk_date(later)}.",
    ]


def test_reviews_before_a_change_stay(session):
    placement = a_signed(starts_on=clock.today() - timedelta(days=50))
    vary(agreement_id=placement.id, reason="Longer.", by=placement.school)
    reviews = placement.seen_by(placement.school).agreed.terms.reviews_on
    placement.save(starts_on=clock.today())
    assert reviews[0] < clock.today() and placement.seen_by(placement.school).open.terms.reviews_on == reviews


def test_a_draft_proposes_the_weeks_of_the_councils_own_figure(session):
    rules = replace(rules_in_force(), intensive_weeks=6, source="Cabinet, 1 March 2026")
    set_rules(rules=rules, by=a_person(a_council(), "administrator"))
    terms = terms_of(a_draft())
    assert (terms.weeks, terms.longest_weeks) == (6, 6)


def test_the_longest_period_is_agreed_and_read_by_everybody(session):
    placement = a_draft()
    placement.save(longest_weeks=None)
    with pytest.raises(NotReady, match="longest period"):
        placement.offer()
    placement.save(longest_weeks=26)
    placement.offer()
    facts = placement.seen_by(placement.provider)
    said = "26 weeks from the first day, all changes included"
    assert ["longest_weeks", "Longest period", said] in facts.open.content[1]["rows"]
    (when,) = [part for part in copy_for_parents(facts) if part.title == "When?"]
    assert any("It lasts 26 weeks at most, unless school and provider" in words for words in when.paragraphs)


def test_a_variation_does_not_outlast_what_both_have_agreed_unless_it_says_so(session):
    placement = a_signed()
    vary(agreement_id=placement.id, reason="It goes well.", by=placement.school)
    later = clock.today() + timedelta(days=150)
    with pytest.raises(Refusal) as refused:
        placement.save(ends_on=later)
    assert refused.value.field == "longest_weeks"
    placement.save(ends_on=later, longest_weeks=30)
    assert placement.seen_by(placement.school).open.terms.longest_weeks == 30
