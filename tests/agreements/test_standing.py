"""What the register says of a provider stands wherever a school meets its agreement with it."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evaluation.exclusions.services import record_finding
from portal import clock
from portal.accounts.models import Organisation
from portal.agreements.waiting_queries import waiting_for
from portal.commissioning.provider_standing import NOT_IN_FORCE
from portal.directory.services import NotAdmitted
from tender.applications.models import Application
from tests.factories.accounts import a_person
from tests.factories.agreements import a_draft, a_signed, an_offered
from tests.factories.call_offs import asked
from tests.factories.directory import a_service, suspend_standing
from tests.factories.evaluation import an_opened_evaluation
from tests.factories.exclusions import a_ground
from tests.factories.frameworks import lot_ids
from tests.web_client import sign_in

SAID = "The provider on the register today:"
MEANS = "no child may be placed or taught there until this is lifted"


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("’", "'").split())


def test_a_suspension_shows_on_every_page_of_a_placement(client: FlaskClient, session: Session):
    placement = a_signed()
    sign_in(client, placement.school.email)
    own = (f"/agreements/{placement.id}", f"/choices/{placement.call_off_id}")
    for address in own:
        page = words(client.get(address).text)
        assert "On the register:" in page and "Admitted" in page and "Suspended" not in page
    assert SAID not in words(client.get("/agreements").text)
    suspend_standing(standing_id=placement.service.standing_id)
    for address in own:
        assert MEANS in words(client.get(address).text)
    assert f"{SAID} Suspended" in words(client.get("/agreements").text)
    client.post("/sign-out")
    sign_in(client, placement.provider.email)
    assert "taught by you until this is lifted" in words(client.get(own[0]).text)
    assert f"{SAID} Suspended" in words(client.get("/agreements").text)
    client.post("/sign-out")
    sign_in(client, placement.officer.email)
    assert f"{SAID} Suspended" in words(client.get("/placements").text)
    assert "Suspended" in client.get("/placements.csv").text and MEANS in words(client.get(own[0]).text)


def test_what_is_over_says_nothing_of_the_register(client: FlaskClient, session: Session):
    placement = a_signed()
    suspend_standing(standing_id=placement.service.standing_id)
    with clock.staged_at(clock.now() + timedelta(days=200)):
        sign_in(client, placement.school.email)
        assert "On the register" not in client.get(f"/agreements/{placement.id}").text
        assert SAID not in words(client.get("/agreements").text)


@pytest.mark.parametrize("make", [a_draft, an_offered])
def test_who_is_about_to_sign_is_warned_on_the_way(client: FlaskClient, session: Session, make):
    placement = make()
    suspend_standing(standing_id=placement.service.standing_id)
    sign_in(client, placement.school.email)
    for address in (f"/agreements/{placement.id}", f"/choices/{placement.call_off_id}"):
        page = words(client.get(address).text)
        assert words(f"is suspended by the council. {NOT_IN_FORCE}") in page
        assert "no child can be referred" not in page
    tasks = waiting_for(placement.school).now
    assert any("The provider on the register today: suspended." in task.detail for task in tasks)


def test_a_refused_signature_says_what_it_means_for_the_agreement(session: Session):
    placement = an_offered()
    placement.sign(placement.school)
    suspend_standing(standing_id=placement.service.standing_id)
    with pytest.raises(NotAdmitted) as refused:
        placement.sign(placement.provider)
    assert NOT_IN_FORCE in refused.value.sentence


def test_an_exclusion_is_said_before_somebody_chooses_and_before_somebody_signs(client, session):
    opened = an_opened_evaluation()
    application = session.get_one(Application, opened.applications[0])
    service = a_service(lot_ids(opened.round)[0], application.provider_id)
    provider = a_person(session.get_one(Organisation, application.provider_id), "administrator")
    placement = an_offered(service=service, provider=provider)
    request = asked(1, offers=1, school=placement.school, first=(service, provider))
    pages = (
        f"/referrals/{request.referrals[0].id}/choose",
        f"/choices/{placement.call_off_id}",
        f"/agreements/{placement.id}",
    )
    sign_in(client, placement.school.email)
    assert not any("is excluded by the council" in client.get(page).text for page in pages)
    record_finding(
        application_id=application.id,
        parts=["mandatory"],
        found=a_ground(True, "pcr_taxes"),
        seen={},
        by=opened.lead,
    )
    for page in pages:
        assert words(f"is excluded by the council. {NOT_IN_FORCE}") in words(client.get(page).text)
