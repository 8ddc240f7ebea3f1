"""Requests to join an organisation that is registered already."""

import pytest

from portal.accounts.access import THE_PORTAL
from portal.accounts.queries import actor_by_email
from portal.accounts.services import RegisteredAlready, check_identifier, register_organisation
from portal.database import db
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.organisations.join_services import approve_join, decline_join, withdraw_join
from portal.organisations.models import JoinRequest
from portal.organisations.queries import found_to_join
from tests.factories.accounts import (
    a_council,
    a_council_administrator,
    a_provider_person,
    an_organisation,
)
from tests.factories.directory import a_colleague
from tests.factories.organisations import PORTAL_URL, a_request, letters_to, somebody_without_organisation
from tests.web_client import sign_in


@pytest.fixture
def administrator(session):
    return a_provider_person("Weir Street Workshop")


def approve(request, by, *roles):
    return approve_join(request_id=request.id, roles=roles or ["editor"], portal_url=PORTAL_URL, by=by)


def test_the_administrators_are_told_and_approve(administrator):
    stranger = somebody_without_organisation()
    request = a_request(stranger, administrator.organisation_id)
    assert "asks to join" in letters_to(administrator.email)[-1].title
    approve(request, administrator, "certifier")
    assert actor_by_email(stranger.email).roles == {"certifier"}
    assert "Certifier" in letters_to(stranger.email)[-1].body


def test_declining_tells_the_reason_and_takes_nobody_in(administrator):
    stranger = somebody_without_organisation()
    request = a_request(stranger, administrator.organisation_id)
    decline_join(request_id=request.id, reason="We do not know you.", by=administrator)
    assert "We do not know you." in letters_to(stranger.email)[-1].body
    assert actor_by_email(stranger.email).organisation_id is None
    with pytest.raises(MoveRefused):
        approve(request, administrator)


def test_asking_twice_is_one_request(administrator):
    stranger = somebody_without_organisation()
    assert a_request(stranger, administrator.organisation_id).id == (
        a_request(stranger, administrator.organisation_id).id
    )
    assert len(letters_to(administrator.email)) == 1


def test_a_withdrawn_request_cannot_be_approved(administrator):
    stranger = somebody_without_organisation()
    request = a_request(stranger, administrator.organisation_id)
    with pytest.raises(NotFound):
        withdraw_join(request_id=request.id, by=administrator)
    withdraw_join(request_id=request.id, by=stranger)
    with pytest.raises(MoveRefused):
        approve(request, administrator)


def test_an_address_that_is_not_confirmed_is_not_taken_in(administrator):
    request = a_request(somebody_without_organisation(confirmed=False), administrator.organisation_id)
    with pytest.raises(Refusal, match="not confirmed"):
        approve(request, administrator)


def test_a_member_does_not_ask(administrator):
    with pytest.raises(Refusal, match="member of this organisation already"):
        a_request(administrator, administrator.organisation_id)


def test_nobody_asks_to_join_a_council(session):
    with pytest.raises(NotFound):
        a_request(somebody_without_organisation(), a_council().id)


@pytest.mark.parametrize("who", ["editor", "stranger", "other"])
def test_only_an_administrator_of_that_organisation_answers(administrator, who):
    request = a_request(somebody_without_organisation(), administrator.organisation_id)
    by = {
        "editor": lambda: a_colleague(administrator, "editor"),
        "stranger": lambda: somebody_without_organisation("second@example.org"),
        "other": a_provider_person,
    }[who]()
    with pytest.raises(NotFound):
        approve(request, by)


def test_the_council_answers_where_there_is_no_administrator(session, client):
    school, administrator = an_organisation("school", "Kiln Lane Primary"), a_council_administrator()
    stranger = somebody_without_organisation()
    request = a_request(stranger, school.id)
    assert "asks to join Kiln Lane Primary" in letters_to(administrator.email)[-1].title
    sign_in(client, administrator.email)
    assert "has no administrator" in client.get("/").get_data(as_text=True)
    answer = client.post(f"/organisation/requests/{request.id}/approve", data={"roles": "administrator"})
    assert answer.status_code == 303
    assert actor_by_email(stranger.email).roles == {"administrator"}


def test_the_page_approves_with_the_roles_chosen(administrator, client):
    request = a_request(somebody_without_organisation(), administrator.organisation_id, "I bake.")
    sign_in(client, administrator.email)
    assert "asks to join your organisation" in client.get("/").get_data(as_text=True)
    page = client.get(f"/organisation/requests/{request.id}").get_data(as_text=True)
    assert "I bake." in page and "stranger@example.org" in page
    path = f"/organisation/requests/{request.id}/approve"
    assert client.post(path).status_code == 422
    for _ in range(2):  # a double click does it once
        assert client.post(path, data={"roles": "editor"}).status_code == 303
    assert len(letters_to("stranger@example.org")) == 1


def test_the_page_declines(administrator, client):
    request = a_request(somebody_without_organisation(), administrator.organisation_id)
    sign_in(client, administrator.email)
    path = f"/organisation/requests/{request.id}/decline"
    assert client.post(path, data={"reason": "word " * 101}).status_code == 422
    assert client.post(path).status_code == 303
    db.session.expire_all()
    assert db.session.get_one(JoinRequest, request.id).state == "declined"


@pytest.mark.parametrize("verb", ["", "/approve", "/decline"])
def test_anothers_request_looks_as_if_it_was_not_there(administrator, client, verb):
    request = a_request(somebody_without_organisation(), administrator.organisation_id)
    sign_in(client, a_provider_person().email)
    path = f"/organisation/requests/{request.id}{verb}"
    answer = client.post(path, data={"roles": "editor"}) if verb else client.get(path)
    assert answer.status_code == 404


def test_somebody_without_an_account_registers_and_asks(administrator, client):
    found = client.get("/join?q=weir").get_data(as_text=True)
    assert "Weir Street Workshop" in found and administrator.email not in found
    typed = {"name": "Nora", "email": "nora@example.org", "password": "wooden kettle parade"}
    answer = client.post(f"/join/{administrator.organisation_id}", data={**typed, "message": "New cook."})
    assert answer.status_code == 303
    assert "asks to join" in letters_to(administrator.email)[-1].title
    assert actor_by_email("nora@example.org").organisation_id is None


def test_an_address_with_an_account_is_answered_the_same_and_asks_nothing(administrator, client):
    typed = {"name": "Nora", "password": "wooden kettle parade"}
    path = f"/join/{administrator.organisation_id}"
    fresh = client.post(path, data={**typed, "email": "nora@example.org"})
    taken = client.post(path, data={**typed, "email": "nora@example.org"})
    assert (fresh.status_code, fresh.location) == (taken.status_code, taken.location)
    assert db.session.query(JoinRequest).count() == 1


def test_a_person_with_an_account_asks_and_withdraws_on_the_pages(administrator, client):
    sign_in(client, somebody_without_organisation().email)
    assert client.post(f"/join/{administrator.organisation_id}").status_code == 303
    assert "You asked to join" in client.get("/").get_data(as_text=True)
    request = db.session.query(JoinRequest).one()
    assert client.post(f"/join/requests/{request.id}").status_code == 303
    db.session.expire_all()
    assert db.session.get_one(JoinRequest, request.id).state == "withdrawn"


def test_nobody_sees_anothers_request(administrator, client):
    request = a_request(somebody_without_organisation(), administrator.organisation_id)
    sign_in(client, somebody_without_organisation("second@example.org").email)
    assert client.get(f"/join/requests/{request.id}").status_code == 404


@pytest.mark.parametrize("typed", ["00123456", "123456", " 0012 3456 "])
def test_an_organisation_is_found_by_its_number_however_it_is_typed(session, typed):
    register_organisation(
        kind="provider", name="Numbered", identifiers=[("GB-COH", "00123456")], by=THE_PORTAL
    )
    assert [row["name"] for row in found_to_join(typed)] == ["Numbered"]


@pytest.mark.parametrize("typed", ["", "%", "we", "%%%", "___"])
def test_too_little_or_a_wildcard_finds_nothing(administrator, typed):
    assert found_to_join(typed) == []


def test_a_council_is_not_found(session):
    a_council("Findable Council")
    assert found_to_join("Findable") == []


@pytest.mark.parametrize(
    ("scheme", "typed", "kept"),
    [
        ("GB-COH", "123456", "00123456"),
        ("GB-COH", "ip12345r", "IP12345R"),
        ("GB-CHC", "1098765-2", "1098765-2"),
        ("GB-SC", "sc 012345", "SC012345"),
        ("GB-NIC", "NIC101234", "101234"),
        ("GB-UKPRN", "10001234", "10001234"),
        ("GB-URN", "105 432", "105432"),
        ("GB-PPON", "prcj7674mrwm", "PRCJ-7674-MRWM"),
    ],
)
def test_a_number_is_kept_in_one_spelling(session, scheme, typed, kept):
    assert check_identifier(scheme, typed) == kept


@pytest.mark.parametrize(
    ("scheme", "typed"),
    [
        ("GB-COH", "12345"),
        ("GB-CHC", "12"),
        ("GB-SC", "012345"),
        ("GB-NIC", "201234"),
        ("GB-UKPRN", "20001234"),
        ("GB-URN", "1054321"),
        ("GB-PPON", "PACJ-7674-MRWM"),
        ("GB-PPON", "PRCJ-7604-MRWM"),
        ("GB-COH", "٠٠١٢٣٤٥٦"),
    ],
)
def test_a_number_of_the_wrong_shape_is_refused(session, scheme, typed):
    with pytest.raises(Refusal, match="right shape"):
        check_identifier(scheme, typed)


def test_a_number_that_somebody_has_leads_to_asking_to_join(session, client):
    register_organisation(kind="provider", name="First", identifiers=[("GB-COH", "00123456")], by=THE_PORTAL)
    with pytest.raises(RegisteredAlready, match="Ask to join"):
        check_identifier("GB-COH", "123456")
    assert "/join" in client.get("/register").get_data(as_text=True)
