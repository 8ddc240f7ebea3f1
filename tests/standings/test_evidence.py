"""Evidence that a lot asks for: it closes a standing by itself, and opens it again when it is checked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.audit.queries import reads_of, trail_of
from portal.database import db, transaction
from portal.directory.queries import SearchCriteria, search
from portal.directory.services import NotAdmitted, require_admitted
from portal.errors import NotFound, Refusal
from portal.evidence.services import InUse, correct_evidence, remove_evidence, replace_evidence
from portal.provision.waiting_queries import waiting_for as waiting_for_provider
from portal.standings.evidence_queries import asked_of, document_for, to_check
from portal.standings.evidence_services import ChangedMeanwhile, ask_for_evidence, open_document
from portal.standings.queries import own_standings, register
from portal.standings.reminders import remind
from portal.standings.waiting_queries import waiting_for
from tests.factories.accounts import a_council, a_person, a_school_person
from tests.factories.applications import a_file
from tests.factories.commissioning import PORTAL_URL, a_referral, accept
from tests.factories.evidence import INSURANCE
from tests.factories.organisations import letters_to
from tests.factories.standings import (
    Stood,
    a_document,
    a_stood,
    asks_for,
    changed,
    check,
    in_days,
    newest_of,
)


@pytest.fixture
def stood(session) -> Stood:
    return a_stood()


def later(days: int):
    return clock.staged_at(clock.now() + timedelta(days=days))


def found() -> list[int]:
    return [hit.service.id for hit in search(SearchCriteria(clock.today())).hits]


def status(stood: Stood) -> str:
    return own_standings(stood.provider)[0].status


def letters_after(days: int, stood: Stood) -> list[str]:
    """The titles of the letters that the provider is written to so many days from now."""
    before = len(letters_to(stood.provider.email))
    with later(days):
        remind(portal_url=PORTAL_URL, by=THE_PORTAL)
    return [each.title for each in letters_to(stood.provider.email)[before:]]


def test_without_a_checked_document_a_standing_closes_the_day_that_it_is_asked_for(stood):
    asks_for(stood, "public_liability", days=10)
    with later(9):
        assert status(stood) == "admitted" and found() == [stood.service.id]
    with later(10):
        assert status(stood) == "evidence_expired" and found() == []
        with pytest.raises(NotAdmitted), transaction():
            require_admitted(stood.service.id)


def test_a_checked_document_keeps_it_open_to_its_last_day(stood):
    asks_for(stood, "public_liability", days=10)
    check(stood, a_document(stood, days=100))
    with later(100):
        assert found() == [stood.service.id]
    with later(101):
        assert found() == [] and status(stood) == "evidence_expired"


def test_what_runs_out_first_closes_it(stood):
    asks_for(stood, "public_liability", "first_aid")
    check(stood, a_document(stood, days=100))
    check(stood, a_document(stood, days=40, kind="first_aid"))
    assert stood.row.open_until == in_days(40)


def test_a_renewed_document_brings_it_back_when_it_is_checked_and_not_before(stood):
    first = a_document(stood, days=20)
    asks_for(stood, "public_liability", days=10)
    check(stood, first)
    renewed = replace(INSURANCE, expires_on=in_days(400))
    replace_evidence(evidence_id=first.evidence_id, facts=renewed, by=stood.provider, **a_file())
    with later(21):
        assert found() == []
        check(stood, newest_of(first.evidence_id))
        assert found() == [stood.service.id] and status(stood) == "admitted"
    assert "Checked: Public liability insurance" in letters_to(stood.provider.email)[-1].title


def test_a_document_that_is_found_wrong_closes_the_standing_at_once(stood):
    version = a_document(stood, days=100)
    with clock.staged_at(clock.now() - timedelta(days=20)):
        asks_for(stood, "public_liability", days=10)
    check(stood, version)
    assert found() == [stood.service.id]
    check(stood, version, accepted=False, note="The insurer does not know this number.")
    assert found() == []
    assert "does not know this number" in letters_to(stood.provider.email)[-1].body


def test_a_date_that_is_corrected_after_the_check_counts_when_it_is_checked_anew(stood):
    version = a_document(stood, days=50)
    asks_for(stood, "public_liability", days=10)
    check(stood, version)
    assert to_check(stood.officer) == ([], 0)
    correct_evidence(
        evidence_id=version.evidence_id,
        version_id=version.id,
        revision=1,
        title="Public liability",
        facts=replace(INSURANCE, expires_on=in_days(900)),
        by=stood.provider,
    )
    assert stood.row.open_until == in_days(50)
    assert [each.document_id for each in to_check(stood.officer)[0]] == [version.document_id]


def test_a_check_over_other_dates_than_the_page_showed_is_refused(stood):
    asks_for(stood, "public_liability")
    version = a_document(stood, days=50)
    db.session.expunge(version)
    version.expires_on = in_days(60)
    with pytest.raises(ChangedMeanwhile):
        check(stood, version)


@pytest.mark.parametrize(("days", "said"), [(50, {"accepted": False}), (-1, {"accepted": True})])
def test_a_check_says_what_is_wrong_and_accepts_nothing_that_has_run_out(stood, days, said):
    asks_for(stood, "public_liability")
    version = a_document(stood, days=days)
    with pytest.raises(Refusal):
        check(stood, version, **said)


def test_what_is_new_is_asked_for_from_a_later_day_and_what_is_dropped_closes_nothing(stood):
    with pytest.raises(Refusal, match="after today"):
        asks_for(stood, "public_liability", days=0)
    asks_for(stood, "public_liability", days=1)
    ask_for_evidence(lot_id=stood.lot_id, kinds=(), applies_from=in_days(1), by=stood.officer)
    assert stood.row.evidence_until is None


def test_the_provider_is_written_to_30_and_7_days_before_and_on_the_last_day_once_each(stood):
    asks_for(stood, "public_liability", days=1)
    check(stood, a_document(stood, days=100))
    assert letters_after(69, stood) == []
    for days in (70, 93, 100):
        assert len(letters_after(days, stood)) == 1
        assert letters_after(days, stood) == []
    body = letters_to(stood.provider.email)[-1].body
    assert (
        "Public liability insurance, valid until" in body and "Children who are with you already stay" in body
    )


def test_a_standing_whose_term_ends_is_written_of_as_such(stood):
    assert len(letters_after(365, stood)) == 1
    assert "its term ends" in letters_to(stood.provider.email)[-1].body


def test_two_workers_write_each_letter_once(stood):
    asks_for(stood, "public_liability", days=1)
    check(stood, a_document(stood, days=5))
    first = remind(portal_url=PORTAL_URL, by=THE_PORTAL)
    assert (first, remind(portal_url=PORTAL_URL, by=THE_PORTAL)) == (1, 0)


def test_schools_with_a_child_there_are_told_once_when_evidence_has_run_out(stood):
    school = a_school_person()
    referral = a_referral(stood.service, school)
    accept(referral, stood.provider, start_on=in_days(2))
    asks_for(stood, "public_liability", days=10)
    with later(10):
        for _ in range(2):
            remind(portal_url=PORTAL_URL, by=THE_PORTAL)
    told = [each for each in letters_to(school.email) if "takes no new children" in each.title]
    assert len(told) == 1 and referral.reference in told[0].body
    assert "already stay" in told[0].body
    assert trail_of("standing", stood.standing_id)[0]["action"] == "standing.lapse"


def test_the_council_opens_what_a_lot_asks_for_and_nothing_else_of_a_vault(stood):
    version = a_document(stood)
    with pytest.raises(NotFound):
        document_for(stood.officer, version.document_id)
    asks_for(stood, "public_liability")
    assert open_document(document_id=version.document_id, by=stood.officer).startswith("http")
    assert reads_of("evidence", version.evidence_id)[0]["action"] == "evidence.read"
    other = a_person(a_council("Invented Borough Council"), "quality_officer")
    for nobody in (other, stood.approver):
        with pytest.raises(NotFound):
            open_document(document_id=version.document_id, by=nobody)


def test_nothing_waits_of_who_is_removed_or_of_a_document_that_has_run_out(stood):
    asks_for(stood, "public_liability")
    a_document(stood, days=-1)
    assert to_check(stood.officer) == ([], 0)
    a_document(stood, days=9)
    assert to_check(stood.officer)[1] == 1
    db.session.execute(text("UPDATE standing SET state = 'removed'"))
    assert to_check(stood.officer) == ([], 0)


def test_each_side_sees_what_is_missing_and_the_home_page_says_so(stood):
    asks_for(stood, "public_liability", days=5)
    a_document(stood)
    asked = asked_of(own_standings(stood.provider))[stood.standing_id][0]
    assert (asked.checked, asked.until, asked.waits) == (False, in_days(4), True)
    assert "1 document of providers to check" in waiting_for(stood.officer).now[0].sentence
    assert [each.id for each in register(stood.officer, status="soon")[0]] == [stood.standing_id]
    with later(6):
        assert "evidence has run out" in waiting_for_provider(stood.provider).now[0].sentence


def test_a_suspension_is_not_lifted_by_a_document(stood):
    changed(stood, "suspend_new")
    check_later = a_document(stood)
    asks_for(stood, "public_liability")
    check(stood, check_later)
    assert found() == [] and status(stood) == "suspended_new"


def test_a_checked_document_stays_in_the_vault_and_a_check_is_never_changed(stood):
    asks_for(stood, "public_liability")
    version = a_document(stood)
    check(stood, version)
    with pytest.raises(InUse):
        remove_evidence(evidence_id=version.evidence_id, by=stood.provider)
    for statement in ("UPDATE evidence_check SET accepted = false", "DELETE FROM evidence_check"):
        with pytest.raises(DBAPIError, match="record"), db.session.begin_nested():
            db.session.execute(text(statement))
