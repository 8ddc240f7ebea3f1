"""Nothing about a child goes to a provider that may not have one today; and when a provider reads no more."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.exclusions.services import record_finding
from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.accounts.models import Organisation
from portal.agreements.child_names import child_named
from portal.agreements.signing_services import end_agreement
from portal.call_offs.models import CallOff
from portal.children.access import READ_ON_DAYS
from portal.children.file_services import open_file, remove_file
from portal.children.queries import choice_for, files_for, identity_for, readers_of
from portal.commissioning.models import Referral
from portal.commissioning.provider_standing import Excluded
from portal.directory.models import Service
from portal.directory.services import NotAdmitted, change_standing
from portal.errors import NotFound, Refusal
from tender.applications.models import Application
from tests.factories.accounts import a_person
from tests.factories.agreements import PORTAL_URL, Placement, a_signed
from tests.factories.children import NAME, Chosen, a_child_file, a_choice, a_named_choice, name_child
from tests.factories.directory import a_service, remove_standing, suspend_standing
from tests.factories.evaluation import an_opened_evaluation
from tests.factories.exclusions import a_ground
from tests.factories.frameworks import lot_ids
from tests.factories.organisations import letters_to
from tests.factories.standings import let_evidence_run_out as let_run_out
from tests.web_client import sign_in


def standing_of(session: Session, chosen: Chosen) -> int:
    return session.scalars(
        select(Service.standing_id)
        .join(CallOff, CallOff.service_id == Service.id)
        .where(CallOff.id == chosen.call_off_id)
    ).one()


def suspend(session: Session, chosen: Chosen) -> None:
    suspend_standing(standing_id=standing_of(session, chosen))


def suspend_for_new(session: Session, chosen: Chosen) -> None:
    change_standing(standing_id=standing_of(session, chosen), step="suspend_new", by=THE_PORTAL)


def remove(session: Session, chosen: Chosen) -> None:
    remove_standing(standing_id=standing_of(session, chosen))


def let_evidence_run_out(session: Session, chosen: Chosen) -> None:
    let_run_out(standing_of(session, chosen))


CLOSED_TO_NEW = [suspend, suspend_for_new, remove, let_evidence_run_out]


@pytest.mark.parametrize("close", CLOSED_TO_NEW)
def test_who_a_child_is_is_not_said_to_a_provider_whose_standing_is_not_open(session, close):
    chosen = a_choice()
    close(session, chosen)
    with pytest.raises(NotAdmitted, match="So nothing about a child goes to it now") as refused:
        name_child(chosen)
    assert "no child can be referred" not in refused.value.sentence
    session.expire_all()
    assert session.get_one(CallOff, chosen.call_off_id).child_id is None


@pytest.mark.parametrize("close", CLOSED_TO_NEW)
def test_nor_is_it_changed_and_no_file_is_given_but_one_can_be_taken_back(session, close):
    chosen = a_named_choice()
    file_id = a_child_file(chosen)
    close(session, chosen)
    with pytest.raises(NotAdmitted):
        name_child(chosen, name="Another Invented", seen=1)
    with pytest.raises(NotAdmitted):
        a_child_file(chosen, "ehc_plan")
    remove_file(call_off_id=chosen.call_off_id, file_id=file_id, portal_url=PORTAL_URL, by=chosen.school)
    assert not files_for(chosen.school, chosen.call_off_id)


def test_nor_to_one_that_the_council_excludes(session):
    opened = an_opened_evaluation()
    application = session.get_one(Application, opened.applications[0])
    service = a_service(lot_ids(opened.round)[0], application.provider_id)
    provider = a_person(session.get_one(Organisation, application.provider_id), "administrator")
    chosen = a_choice(None, (service, provider))
    record_finding(
        application_id=application.id,
        parts=["mandatory"],
        found=a_ground(True, "pcr_taxes"),
        seen={},
        by=opened.lead,
    )
    with pytest.raises(Excluded, match="is excluded by the council"):
        name_child(chosen)


def placed(placement: Placement, session: Session) -> Chosen:
    referral_id = session.get_one(CallOff, placement.call_off_id).referral_id
    referral = session.get_one(Referral, referral_id)
    return Chosen(placement.call_off_id, referral, placement.school, placement.provider)


@pytest.mark.parametrize("close", [suspend_for_new, let_evidence_run_out])
def test_a_child_who_is_there_stays_and_its_provider_is_told_what_it_needs(session, close):
    chosen = placed(a_signed(), session)
    close(session, chosen)
    assert a_child_file(chosen)


@pytest.mark.parametrize("close", [suspend, remove])
def test_a_provider_where_no_child_may_be_is_given_nothing_of_one_who_was(session, close):
    chosen = placed(a_signed(), session)
    close(session, chosen)
    with pytest.raises(NotAdmitted):
        a_child_file(chosen)


def test_the_page_says_why_and_asks_for_no_name(client: FlaskClient, session: Session):
    chosen = a_choice()
    suspend(session, chosen)
    sign_in(client, chosen.school.email)
    for further in ("", "/identify"):
        page = client.get(f"/choices/{chosen.call_off_id}/child{further}").text
        assert "is suspended by the council. So nothing about a child goes to it now" in page
    assert 'name="born_on-day"' not in page


def test_a_provider_reads_on_for_some_weeks_after_the_last_day_and_then_no_more(session):
    placement = a_signed()
    chosen = placed(placement, session)
    file_id = a_child_file(chosen)
    end_agreement(
        agreement_id=placement.id,
        last_day=clock.today(),
        reason="Moved.",
        portal_url=PORTAL_URL,
        by=chosen.school,
    )
    with clock.staged_at(clock.now() + timedelta(days=READ_ON_DAYS)):
        assert identity_for(chosen.provider, chosen.call_off_id).name == NAME
    with clock.staged_at(clock.now() + timedelta(days=READ_ON_DAYS + 1)):
        for read in (identity_for, choice_for):
            with pytest.raises(NotFound):
                read(chosen.provider, chosen.call_off_id)
        with pytest.raises(NotFound):
            open_file(call_off_id=chosen.call_off_id, file_id=file_id, by=chosen.provider)
        assert child_named(chosen.provider, chosen.call_off_id) is None
        assert identity_for(chosen.school, chosen.call_off_id).name == NAME
        assert readers_of(choice_for(chosen.school, chosen.call_off_id)) == []
        with pytest.raises(Refusal, match="nobody would get"):
            a_child_file(chosen)
        before = len(letters_to(chosen.provider.email))
        name_child(chosen, upn=identity_for(chosen.school, chosen.call_off_id).upn, name="New Name", seen=1)
        assert len(letters_to(chosen.provider.email)) == before


def test_the_page_on_which_a_school_gives_the_name_says_how_long_it_is_read(client: FlaskClient):
    chosen = a_choice()
    sign_in(client, chosen.school.email)
    page = client.get(f"/choices/{chosen.call_off_id}/child/identify").text
    assert f"until {READ_ON_DAYS} days after the last day of the placement" in page
