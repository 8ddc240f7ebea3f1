"""The council's check: what an organisation can do before, without and after it."""

from datetime import timedelta

import pytest

from evaluation.outcomes.decision_services import Proposal, recommend, recommend_as_suggested
from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.accounts.models import Organisation
from portal.accounts.organisation_services import NotChecked, ask_again
from portal.accounts.permissions import ALL_PERMISSIONS, ROLES, permissions_of
from portal.accounts.queries import actor_by_email
from portal.accounts.services import register_organisation
from portal.database import db
from portal.directory.models import SearchRow
from portal.directory.services import NotAdmitted, admit_provider
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.organisations.member_services import (
    check_organisation,
    deactivate_organisation,
    reactivate_organisation,
    refuse_organisation,
)
from tender.applications.models import Application
from tests.factories.accounts import (
    a_council_administrator,
    a_person,
    a_provider_person,
    an_unchecked_organisation,
)
from tests.factories.applications import a_submitted_application
from tests.factories.commissioning import a_referral
from tests.factories.directory import a_service, a_service_and_its_person, service_facts, some_lots
from tests.factories.frameworks import a_closed_round, lot_ids
from tests.factories.organisations import PORTAL_URL, letters_to
from tests.factories.outcomes import a_computed_evaluation
from tests.web_client import sign_in

REASON = "The charity number belongs to somebody else."


@pytest.mark.parametrize("state", ["waiting", "refused"])
def test_an_unchecked_provider_may_write_and_submit_and_touch_nothing_of_others(state):
    held = permissions_of("provider", ["administrator"], state)
    assert {"application:edit", "application:submit"} <= held
    assert not held & {"service:edit", "referral:answer"}


@pytest.mark.parametrize("state", ["waiting", "refused", "deactivated"])
@pytest.mark.parametrize("role", sorted(ROLES["school"]))
def test_an_unchecked_school_can_do_nothing(role, state):
    assert permissions_of("school", [role], state) == frozenset()


@pytest.mark.parametrize("kind", sorted(ROLES))
def test_a_deactivated_organisation_can_do_nothing(kind):
    assert permissions_of(kind, ROLES[kind], "deactivated") == frozenset()


def test_a_state_that_nobody_knows_grants_nothing():
    assert permissions_of("provider", ["administrator"], "nonsense") == frozenset()


def test_an_unchecked_provider_submits_on_the_day_of_the_deadline(session):
    round = a_closed_round(1)
    provider = a_person(an_unchecked_organisation(), "administrator")
    assert a_submitted_application(round, lot_ids(round), provider)


def test_an_unchecked_provider_is_admitted_to_nothing(session):
    waiting = an_unchecked_organisation(name="Half Moon Learning")
    with pytest.raises(NotChecked, match="Half Moon Learning has not passed"):
        a_service(provider=waiting)


def test_the_lead_is_told_whom_the_council_must_check_before_admitting(session):
    computed = a_computed_evaluation([{}])
    application_id = computed.applications[0]
    lot_id = lot_ids(computed.round)[0]
    provider = db.session.get_one(Organisation, db.session.get_one(Application, application_id).provider_id)
    provider.state = "waiting"
    session.commit()
    with pytest.raises(NotChecked, match=provider.name):
        recommend(
            application_id=application_id, lot_id=lot_id, proposal=Proposal("admit", "Good."), version=0,
            by=computed.lead,
        )  # fmt: skip
    with pytest.raises(NotChecked):
        recommend_as_suggested(round_id=computed.round_id, lot_id=lot_id, by=computed.lead)


def test_a_provider_that_registers_waits_and_a_council_does_not(session):
    assert an_unchecked_organisation().state == "waiting"
    council = register_organisation(kind="council", name="Invented Council", by=THE_PORTAL)
    assert council.state == "checked" and council.checked_at


def test_passing_the_check_opens_everything_and_tells_the_people(session):
    person = a_person(an_unchecked_organisation(), "administrator")
    administrator = a_council_administrator()
    check_organisation(organisation_id=person.organisation_id, portal_url=PORTAL_URL, by=administrator)
    found = db.session.get_one(Organisation, person.organisation_id)
    assert (found.state, found.checked_by_id) == ("checked", administrator.person_id)
    assert actor_by_email(person.email).may("referral:answer")
    assert "has passed" in letters_to(person.email)[-1].title


def test_a_refused_organisation_reads_why_and_asks_again(session):
    person = a_person(an_unchecked_organisation(), "administrator")
    refuse_organisation(
        organisation_id=person.organisation_id,
        reason=REASON,
        portal_url=PORTAL_URL,
        by=a_council_administrator(),
    )
    assert REASON in letters_to(person.email)[-1].body
    ask_again(by=person)
    assert db.session.get_one(Organisation, person.organisation_id).state == "waiting"
    with pytest.raises(MoveRefused):
        ask_again(by=person)


@pytest.mark.parametrize("change", [refuse_organisation, deactivate_organisation])
def test_refusing_and_deactivating_need_a_reason(session, change):
    more = {"portal_url": PORTAL_URL} if change is refuse_organisation else {}
    with pytest.raises(Refusal, match="Give the reason"):
        change(
            organisation_id=an_unchecked_organisation().id, reason=" ", by=a_council_administrator(), **more
        )


@pytest.mark.parametrize("role", sorted(set(ROLES["council"]) - {"administrator"}))
def test_no_other_role_of_the_council_checks(session, role):
    council = a_council_administrator().organisation_id
    person = a_person(db.session.get_one(Organisation, council), role)
    with pytest.raises(NotFound):
        check_organisation(organisation_id=an_unchecked_organisation().id, portal_url=PORTAL_URL, by=person)


def test_a_deactivated_provider_leaves_the_search_and_comes_back(session):
    service, person = a_service_and_its_person()
    administrator = a_council_administrator()
    deactivate_organisation(organisation_id=person.organisation_id, reason=REASON, by=administrator)
    assert db.session.get(SearchRow, service.id) is None
    with pytest.raises(NotAdmitted):
        a_referral(service)
    reactivate_organisation(organisation_id=person.organisation_id, portal_url=PORTAL_URL, by=administrator)
    db.session.expire_all()
    assert db.session.get(SearchRow, service.id) is not None
    assert a_referral(service).state == "sent"


def test_a_deactivated_provider_is_not_admitted_again(session):
    service, person = a_service_and_its_person()
    deactivate_organisation(
        organisation_id=person.organisation_id, reason=REASON, by=a_council_administrator()
    )
    with pytest.raises(NotChecked):
        admit_provider(
            provider_id=person.organisation_id,
            lot_id=some_lots(1)[0],
            application_id=None,
            starts_on=clock.today(),
            ends_on=clock.today() + timedelta(days=9),
            service=service_facts(),
            by=THE_PORTAL,
        )


def test_nobody_deactivates_the_organisation_for_which_they_act(session):
    administrator = a_council_administrator()
    with pytest.raises(Refusal, match="for which you act"):
        deactivate_organisation(
            organisation_id=administrator.organisation_id, reason=REASON, by=administrator
        )


def test_people_of_a_deactivated_organisation_read_why_and_reach_nothing_else(session, client):
    person = a_provider_person()
    deactivate_organisation(
        organisation_id=person.organisation_id, reason=REASON, by=a_council_administrator()
    )
    sign_in(client, person.email)
    assert "has deactivated" in client.get("/").get_data(as_text=True)
    assert REASON in client.get("/organisation").get_data(as_text=True)
    for closed in ("/organisation/people", "/referrals", "/search", "/administration"):
        assert client.get(closed).status_code == 403, closed


def test_people_of_a_waiting_school_see_that_it_waits(session, client):
    person = a_person(an_unchecked_organisation("school"), "commissioner")
    sign_in(client, person.email)
    page = client.get("/").get_data(as_text=True)
    assert "waits for the council" in page and "Find provision" not in page
    assert client.get("/search").status_code == 403


def test_a_refused_provider_asks_again_on_its_page(session, client):
    person = a_person(an_unchecked_organisation(), "administrator")
    refuse_organisation(
        organisation_id=person.organisation_id,
        reason=REASON,
        portal_url=PORTAL_URL,
        by=a_council_administrator(),
    )
    sign_in(client, person.email)
    assert REASON in client.get("/organisation").get_data(as_text=True)
    assert client.post("/organisation/ask-again").status_code == 303
    assert client.post("/organisation/ask-again").status_code == 409
    assert actor_by_email(person.email).organisation_state == "waiting"


def test_every_permission_is_granted_by_some_role_of_a_checked_organisation():
    granted = frozenset().union(*(permissions_of(kind, ROLES[kind]) for kind in ROLES))
    assert granted == ALL_PERMISSIONS
