"""The registration test over all schools: what counts, when a case opens, and who is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.models import Organisation
from portal.children.models import Child
from portal.database import db, transaction
from portal.directory.models import Service
from portal.directory.offer import SESSIONS
from portal.errors import NotFound, Refusal
from portal.hours import queries
from portal.hours.models import HoursRule, RegistrationCase
from portal.hours.rules import end_of_term
from portal.hours.services import close_case, open_cases, set_rules
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from tests.factories.accounts import a_person, a_school_person, an_organisation
from tests.factories.directory import a_service
from tests.factories.hours import a_child, all_rows, both_sign, closed, hours_agreed, varied

NEARLY = tuple(SESSIONS)[:7]  # 17.5 hours


@pytest.fixture
def service(session: Session) -> Service:
    return a_service()


def organisation(organisation_id: int) -> Organisation:
    return db.session.get_one(Organisation, organisation_id)


def officer_of(case: RegistrationCase) -> Actor:
    council = organisation(case.council_id)
    return a_person(council, "quality_officer")


def watching(service: Service) -> Actor:
    """An officer of the council under whose framework a service stands."""
    council_id = db.session.scalar(
        text(
            "SELECT council_id FROM framework JOIN lot ON lot.framework_id = framework.id"
            " JOIN standing ON standing.lot_id = lot.id WHERE standing.id = :standing"
        ),
        {"standing": service.standing_id},
    )
    return a_person(organisation(council_id), "quality_officer")


def at(service: Service) -> queries.AtProvider:
    """The only provider with hours."""
    (found,), _ = queries.at_providers(watching(service), 1)
    return found


def level(service: Service) -> int:
    return at(service).level


def test_another_councils_officer_reads_no_provider_of_this_one(service):
    hours_agreed(service, a_school_person(), ends_on=clock.today() + timedelta(days=200))
    elsewhere = a_person(an_organisation("council"), "quality_officer")
    assert (queries.at_providers(elsewhere, 1), queries.long_placements(elsewhere)) == (([], 0), [])


def test_four_children_full_time_are_near_the_test_and_the_fifth_meets_it(service):
    for _ in range(4):
        hours_agreed(service, a_school_person())
    assert (level(service), open_cases(by=THE_PORTAL)) == (1, 0)
    hours_agreed(service, a_school_person())
    assert (level(service), open_cases(by=THE_PORTAL)) == (2, 1)


@pytest.mark.parametrize("fact", ["has_ehcp", "looked_after"])
def test_one_child_with_a_plan_or_in_care_is_enough(service, fact):
    school = a_school_person()
    hours_agreed(service, school, child=a_child(school, **{fact: True}))
    assert open_cases(by=THE_PORTAL) == 1
    (case,) = all_rows(RegistrationCase)
    assert (case.full_time, case.protected, case.hours) == (1, 1, 18)


def test_hours_of_one_child_add_up_over_schools_and_are_one_child(service):
    one, other = a_school_person(), a_school_person()
    hours_agreed(service, one, NEARLY, child=a_child(one, "X1", looked_after=True))
    assert (level(service), open_cases(by=THE_PORTAL)) == (1, 0)
    hours_agreed(service, other, ("thu_pm",), child=a_child(other, "X1"))
    open_cases(by=THE_PORTAL)
    assert level(service) == 2
    assert all_rows(RegistrationCase)[0].full_time == 1


def test_without_the_pupil_number_two_schools_children_are_two(service):
    for _ in range(2):
        school = a_school_person()
        hours_agreed(service, school, NEARLY, child=a_child(school, has_ehcp=True))
    found = at(service)
    assert (found.children, found.full_time, found.level) == (2, 0, 1)


def test_what_nobody_or_only_one_has_signed_does_not_count(service):
    school = a_school_person()
    hours_agreed(service, school, child=a_child(school, has_ehcp=True), signed=False)
    assert queries.at_providers(watching(service), 1) == ([], 0)


def test_a_registered_school_and_children_past_school_age_do_not_count(session):
    school = a_school_person()
    hours_agreed(a_service(registered_school=True), school, child=a_child(school, has_ehcp=True))
    hours_agreed(a_service(), school, child=a_child(school, has_ehcp=True), year_group=12)
    assert open_cases(by=THE_PORTAL) == 0


def test_hours_that_begin_later_count_on_their_day_and_those_that_ended_do_not(service):
    school, today = a_school_person(), clock.today()
    hours_agreed(
        service,
        school,
        child=a_child(school, has_ehcp=True),
        starts_on=today - timedelta(days=40),
        ends_on=today - timedelta(days=1),
    )
    assert open_cases(by=THE_PORTAL) == 0
    later = today + timedelta(days=30)
    hours_agreed(service, school, child=a_child(school, has_ehcp=True), starts_on=later)
    assert open_cases(by=THE_PORTAL) == 1
    assert all_rows(RegistrationCase)[0].day == later


def test_a_variation_counts_from_its_first_day_once_it_is_signed(service):
    school, today = a_school_person(), clock.today()
    placement = hours_agreed(service, school, NEARLY, child=a_child(school, has_ehcp=True))
    change = today + timedelta(days=10)
    varied(placement, tuple(SESSIONS), change, today + timedelta(days=30), signed=False)
    assert open_cases(by=THE_PORTAL) == 0
    both_sign(placement)
    assert [case.state for case in all_rows(RegistrationCase)] == ["open"]
    assert all_rows(RegistrationCase)[0].day == change


def test_fewer_hours_by_a_variation_take_the_old_ones_place(service):
    school, today = a_school_person(), clock.today()
    placement = hours_agreed(service, school, child=a_child(school))
    varied(placement, ("mon_am",), today, today + timedelta(days=27))
    found = at(service)
    assert found.hours == pytest.approx(2.5)


def a_case(service: Service) -> RegistrationCase:
    school = a_school_person()
    hours_agreed(service, school, child=a_child(school, has_ehcp=True))
    open_cases(by=THE_PORTAL)
    return all_rows(RegistrationCase)[0]


def test_a_case_opens_once_and_tells_officers_and_provider_without_naming_a_child(service):
    school = a_school_person()
    council_id = next(row["council_id"] for row in _at_test_after(service, school))
    officer = a_person(organisation(council_id), "quality_officer")
    provider = a_person(organisation(service.provider_id), "administrator")
    assert (open_cases(by=THE_PORTAL), open_cases(by=THE_PORTAL)) == (1, 0)
    letters = [each for each in all_rows(Letter) if each.subject_type == "registration_case"]
    assert {officer.email, provider.email} <= {each.to_address for each in letters}
    assert not any("Jamie" in each.body for each in letters)


def _at_test_after(service: Service, school: Actor):  # type: ignore[no-untyped-def]
    hours_agreed(service, school, child=a_child(school, has_ehcp=True))
    return queries.providers_at_the_test()


def a_closed_case(service: Service) -> RegistrationCase:
    case = a_case(service)
    closed(case.id, officer_of(case), "not_full_time", "Two hours are breakfast.")
    return case


def test_a_closed_case_opens_no_other_over_the_same_facts(service):
    case = a_closed_case(service)
    assert open_cases(by=THE_PORTAL) == 0
    assert case.facts and all_rows(RegistrationCase)[0].settled_until == end_of_term(clock.today())


def last_of(agreement: str) -> None:
    """Let everything agreed have ended yesterday, but for this agreement."""
    with transaction() as session:
        session.execute(
            text(
                "UPDATE placement_agreement SET state = 'ended', closed_on = :day, close_reason = 'Moved.'"
                " WHERE reference <> :but"
            ),
            {"day": clock.today() - timedelta(days=1), "but": agreement},
        )


def test_another_child_in_the_place_of_the_one_who_left_opens_another(service):
    a_closed_case(service)
    school = a_school_person()
    last_of(hours_agreed(service, school, child=a_child(school, has_ehcp=True)).row.reference)
    assert open_cases(by=THE_PORTAL) == 1
    assert [case.full_time for case in all_rows(RegistrationCase)] == [1, 1]


def test_another_constellation_on_a_later_day_is_not_hidden_by_the_worst_day(service):
    school, later = a_school_person(), clock.today() + timedelta(days=40)
    for _ in range(2):
        hours_agreed(service, school, child=a_child(school, has_ehcp=True))
    open_cases(by=THE_PORTAL)
    case = all_rows(RegistrationCase)[0]
    closed(case.id, officer_of(case))
    hours_agreed(service, school, child=a_child(school, has_ehcp=True), starts_on=later)
    assert open_cases(by=THE_PORTAL) == 1
    assert [case.day for case in all_rows(RegistrationCase)] == [clock.today(), later]


def test_a_variation_after_the_closing_opens_another_though_the_hours_are_the_same(service):
    school, today = a_school_person(), clock.today()
    placement = hours_agreed(service, school, child=a_child(school, has_ehcp=True))
    open_cases(by=THE_PORTAL)
    case = all_rows(RegistrationCase)[0]
    closed(case.id, officer_of(case))
    varied(placement, tuple(SESSIONS), today, today + timedelta(days=60))
    open_cases(by=THE_PORTAL)
    assert [case.state for case in all_rows(RegistrationCase)] == ["closed", "open"]


def test_a_child_of_those_looked_at_that_gets_a_plan_later_opens_another(service):
    school = a_school_person()
    children = [a_child(school, has_ehcp=True), a_child(school)]
    for child in children:
        hours_agreed(service, school, child=child)
    open_cases(by=THE_PORTAL)
    case = all_rows(RegistrationCase)[0]
    closed(case.id, officer_of(case))
    with transaction() as session:
        for child, plan in zip(children, (False, True), strict=True):
            session.get_one(Child, child.id).has_ehcp = plan
    assert open_cases(by=THE_PORTAL) == 1
    assert [case.protected for case in all_rows(RegistrationCase)] == [1, 1]


def test_one_agreement_fewer_is_nothing_new(service):
    school = a_school_person()
    kept, *_ = [hours_agreed(service, school, child=a_child(school, has_ehcp=True)) for _ in range(2)]
    open_cases(by=THE_PORTAL)
    case = all_rows(RegistrationCase)[0]
    closed(case.id, officer_of(case))
    last_of(kept.row.reference)
    assert level(service) == 2 and open_cases(by=THE_PORTAL) == 0


def test_next_term_the_same_facts_are_looked_at_again(service):
    school, today = a_school_person(), clock.today()
    child = a_child(school, has_ehcp=True)
    hours_agreed(service, school, child=child, ends_on=today + timedelta(days=300))
    open_cases(by=THE_PORTAL)
    case = all_rows(RegistrationCase)[0]
    closed(case.id, officer_of(case))
    for days, opened in ((0, 0), (1, 1)):
        noon = datetime.combine(end_of_term(today) + timedelta(days=days), time(12), tzinfo=UTC)
        with clock.staged_at(noon):
            assert open_cases(by=THE_PORTAL) == opened


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 9, 1), date(2026, 12, 31)),
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 4, 10)),
        (date(2027, 4, 11), date(2027, 8, 31)),
    ],
)
def test_a_school_year_has_three_terms(day, end):
    assert end_of_term(day) == end


def test_what_was_agreed_after_the_page_was_opened_is_not_closed_unseen(service):
    case = a_case(service)
    officer = officer_of(case)
    seen = queries.facts_on(case.day, provider_id=case.provider_id, child_id=None)
    school = a_school_person()
    hours_agreed(service, school, child=a_child(school, has_ehcp=True))
    with pytest.raises(Refusal, match="Since you opened this page"):
        close_case(case_id=case.id, finding="reduced", note="Seen.", seen=seen, by=officer)
    closed(case.id, officer)
    assert open_cases(by=THE_PORTAL) == 0


def test_a_case_is_closed_once_with_a_finding_and_a_note(service):
    case = a_case(service)
    officer = officer_of(case)
    for finding, note in (("", "Seen."), ("reduced", " ")):
        with pytest.raises(Refusal):
            closed(case.id, officer, finding, note)
    for _ in range(2):
        closed(case.id, officer)
    with pytest.raises(MoveRefused):
        closed(case.id, officer, "reported")


def test_another_council_and_whoever_only_watches_close_nothing(service):
    case = a_case(service)
    elsewhere = a_person(an_organisation("council"), "quality_officer")
    auditor = a_person(organisation(case.council_id), "auditor")
    for by in (elsewhere, auditor):
        with pytest.raises(NotFound):
            close_case(case_id=case.id, finding="reduced", note="Seen.", seen=(), by=by)
    with pytest.raises(NotFound):
        queries.case_for(elsewhere, case.id)


def administrator() -> Actor:
    return a_person(an_organisation("council"), "administrator")


def test_other_figures_count_at_once_and_the_old_ones_stay_provable(service):
    school = a_school_person()
    hours_agreed(service, school, NEARLY, child=a_child(school, has_ehcp=True))
    assert open_cases(by=THE_PORTAL) == 0
    rules = replace(queries.rules_in_force(), full_time_hours=17, source="Cabinet, 1 March 2026")
    set_rules(rules=rules, by=administrator())
    assert len(all_rows(RegistrationCase)) == 1
    assert [row["full_time_hours"] for row in queries.rules_before()] == [17, 18]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"source": " "}, "source"), ({"near_hours": 19}, "near_hours"), ({"near_pupils": 6}, "near_pupils")],
)
def test_figures_that_contradict_each_other_or_have_no_source_are_refused(session, change, field):
    rules = replace(queries.rules_in_force(), **change)
    with pytest.raises(Refusal) as refused:
        set_rules(rules=rules, by=administrator())
    assert refused.value.field == field


def test_the_database_lets_nobody_change_what_counted(session):
    with pytest.raises(DBAPIError), transaction():
        session.scalars(select(HoursRule)).one().pupils = 6


def test_placements_beyond_the_time_limits_are_listed_and_part_time_ones_are_not(service):
    school, today = a_school_person(), clock.today()
    long, part_time = today + timedelta(days=84), tuple(SESSIONS)[:4]
    found = hours_agreed(service, school, ends_on=long)
    hours_agreed(service, school, part_time, ends_on=long)
    hours_agreed(service, school, ends_on=today + timedelta(days=83))
    assert [row["reference"] for row in queries.long_placements(watching(service))] == [found.row.reference]


def test_a_placement_that_is_made_longer_counts_from_its_first_day(service):
    school, today = a_school_person(), clock.today()
    placement = hours_agreed(service, school, ends_on=today + timedelta(days=30))
    varied(placement, tuple(SESSIONS), today + timedelta(days=14), today + timedelta(days=90))
    (found,) = queries.long_placements(watching(service))
    assert (found["starts_on"], found["weeks"]) == (today, 13)


def test_a_plan_that_the_agreement_names_counts_though_nobody_said_so_of_the_child(service):
    hours_agreed(service, a_school_person())
    assert level(service) < 2
    hours_agreed(service, a_school_person(), ehc_plan="yes")
    assert level(service) == 2
