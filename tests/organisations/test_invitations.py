"""Invitations: one letter, one use, fourteen days."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal import clock
from portal.accounts.member_services import ConflictOfInterest
from portal.accounts.queries import actor_by_email
from portal.database import db
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.organisations.models import Invitation, hash_of
from portal.organisations.services import (
    ForSomebodyElse,
    InvitationOver,
    accept,
    accept_as_newcomer,
    accept_own,
    invite,
    revoke,
    send_again,
)
from tests.factories.accounts import a_council_administrator, a_provider_person, an_organisation
from tests.factories.organisations import (
    PORTAL_URL,
    an_invitation,
    letters_to,
    somebody_without_organisation,
    token_in,
)
from tests.web_client import sign_in

NEW = {"name": "Nora Newcomer", "password": "wooden kettle parade"}


def test_the_letter_holds_the_token_and_the_table_only_its_hash(session):
    invitation, token = an_invitation(a_provider_person())
    assert invitation.token_hash == hash_of(token) and token not in invitation.token_hash
    assert len(token) >= 40


def test_a_newcomer_registers_with_name_and_password_and_is_in(session, client):
    administrator = a_provider_person()
    _, token = an_invitation(administrator, "new@example.org", "editor")
    assert "invites you" in client.get(f"/invitations/{token}").get_data(as_text=True)
    assert client.post(f"/invitations/{token}", data=NEW).status_code == 303
    newcomer = actor_by_email("new@example.org")
    assert (newcomer.organisation_id, newcomer.roles) == (administrator.organisation_id, {"editor"})
    assert client.get("/referrals").status_code == 200


def test_an_invitation_works_once(session, client):
    _, token = an_invitation(a_provider_person(), "new@example.org")
    accept_as_newcomer(token=token, **NEW)
    with pytest.raises(InvitationOver):
        accept_as_newcomer(token=token, **NEW)
    answer = client.get(f"/invitations/{token}")
    assert answer.status_code == 404 and "does not work any more" in answer.get_data(as_text=True)


def test_an_invitation_runs_out_after_fourteen_days(session):
    invitation, token = an_invitation(a_provider_person(), "new@example.org")
    assert invitation.expires_at - invitation.sent_at == timedelta(days=14)
    with clock.staged_at(invitation.expires_at), pytest.raises(InvitationOver):
        accept_as_newcomer(token=token, **NEW)


def test_a_withdrawn_invitation_does_not_work(session):
    administrator = a_provider_person()
    invitation, token = an_invitation(administrator, "new@example.org")
    revoke(invitation_id=invitation.id, by=administrator)
    with pytest.raises(InvitationOver):
        accept_as_newcomer(token=token, **NEW)
    with pytest.raises(MoveRefused):
        revoke(invitation_id=invitation.id, by=administrator)


def test_sending_again_stops_the_old_link(session):
    administrator = a_provider_person()
    invitation, old = an_invitation(administrator, "new@example.org")
    send_again(invitation_id=invitation.id, portal_url=PORTAL_URL, by=administrator)
    new = token_in(letters_to("new@example.org")[-1].body)
    with pytest.raises(InvitationOver):
        accept_as_newcomer(token=old, **NEW)
    assert accept_as_newcomer(token=new, **NEW)


def test_somebody_with_an_account_accepts_when_signed_in_with_that_address(session, client):
    administrator, stranger = a_provider_person(), somebody_without_organisation("known@example.org")
    _, token = an_invitation(administrator, "Known@Example.org", "certifier")
    page = client.get(f"/invitations/{token}").get_data(as_text=True)
    assert "Sign in" in page and "Password" not in page
    sign_in(client, stranger.email)
    assert client.post(f"/invitations/{token}").status_code == 303
    assert actor_by_email("known@example.org").roles == {"certifier"}


def test_somebody_signed_in_with_another_address_cannot_accept(session, client):
    _, token = an_invitation(a_provider_person(), "meant@example.org")
    other = somebody_without_organisation("other@example.org")
    with pytest.raises(ForSomebodyElse):
        accept(token=token, by=other)
    sign_in(client, other.email)
    assert client.post(f"/invitations/{token}").status_code == 422
    assert actor_by_email(other.email).organisation_id is None


def test_an_address_that_is_not_confirmed_opens_no_invitation(session, client):
    invitation, _ = an_invitation(a_provider_person(), "victim@example.org")
    squatter = somebody_without_organisation("victim@example.org", confirmed=False)
    sign_in(client, squatter.email)
    assert "invites you" not in client.get("/").get_data(as_text=True)
    assert client.get(f"/invitations/mine/{invitation.id}").status_code == 404
    assert client.post(f"/invitations/mine/{invitation.id}").status_code == 404


def test_the_service_too_opens_nothing_to_an_address_that_is_not_confirmed(session):
    invitation, _ = an_invitation(a_provider_person(), "victim@example.org")
    squatter = somebody_without_organisation("victim@example.org", confirmed=False)
    with pytest.raises(NotFound):
        accept_own(invitation_id=invitation.id, by=replace(squatter, confirmed=False))


def test_an_invitation_waits_on_the_home_page_and_is_accepted_there(session, client):
    administrator, stranger = a_provider_person(), somebody_without_organisation("known@example.org")
    invitation, _ = an_invitation(administrator, stranger.email)
    sign_in(client, stranger.email)
    assert f"/invitations/mine/{invitation.id}" in client.get("/").get_data(as_text=True)
    assert client.post(f"/invitations/mine/{invitation.id}").status_code == 303
    assert actor_by_email(stranger.email).organisation_id == administrator.organisation_id


def test_nobody_accepts_anothers_invitation_from_the_home_page(session):
    invitation, _ = an_invitation(a_provider_person(), "meant@example.org")
    with pytest.raises(NotFound):
        accept_own(invitation_id=invitation.id, by=somebody_without_organisation())


def test_a_providers_person_cannot_accept_to_judge_for_the_council(session):
    provider, administrator = a_provider_person(), a_council_administrator()
    _, token = an_invitation(administrator, provider.email, "evaluator")
    with pytest.raises(ConflictOfInterest):
        accept(token=token, by=provider)
    assert db.session.query(Invitation).filter_by(state="accepted").count() == 0


def test_roles_that_clash_cannot_be_invited(session):
    with pytest.raises(Refusal, match="cannot be both"):
        an_invitation(a_council_administrator(), "new@example.org", "evaluator", "approver")


def test_a_member_is_not_invited_again(session):
    administrator = a_provider_person()
    with pytest.raises(Refusal, match="member already"):
        an_invitation(administrator, administrator.email)


def test_an_address_is_invited_once_at_a_time(session):
    administrator = a_provider_person()
    an_invitation(administrator, "new@example.org")
    with pytest.raises(Refusal, match="invited already"):
        an_invitation(administrator, "NEW@example.org")


@pytest.mark.parametrize("email", ["nobody", "a@b", "a b@example.org", "a@example.org\nBcc: b@example.org"])
def test_what_is_no_address_is_not_invited(session, email):
    with pytest.raises(Refusal, match="correct format"):
        an_invitation(a_provider_person(), email)


def test_nobody_invites_to_another_organisation(session):
    with pytest.raises(NotFound):
        invite(
            organisation_id=an_organisation().id,
            email="new@example.org",
            roles=["editor"],
            portal_url=PORTAL_URL,
            by=a_provider_person(),
        )


@pytest.mark.parametrize("verb", ["again", "revoke"])
def test_anothers_invitation_cannot_be_touched(session, client, verb):
    invitation, token = an_invitation(a_provider_person(), "new@example.org")
    sign_in(client, a_provider_person().email)
    assert client.post(f"/organisation/invitations/{invitation.id}/{verb}").status_code == 404
    assert accept_as_newcomer(token=token, **NEW)


def test_the_page_invites_lists_sends_again_and_withdraws(session, client):
    administrator = a_provider_person()
    sign_in(client, administrator.email)
    sent = client.post(
        "/organisation/people/invite", data={"email": "new@example.org", "roles": ["editor", "certifier"]}
    )
    assert sent.status_code == 303
    assert "new@example.org" in client.get("/organisation/people").get_data(as_text=True)
    invitation = db.session.query(Invitation).one()
    for verb, letters in (("again", 2), ("revoke", 2)):
        path = f"/organisation/invitations/{invitation.id}/{verb}"
        assert client.post(path).status_code == 303
        assert len(letters_to("new@example.org")) == letters
    assert "Invitations (0)" in client.get("/organisation/people").get_data(as_text=True)


def test_what_was_typed_stays_when_an_invitation_is_refused(session, client):
    sign_in(client, a_provider_person().email)
    answer = client.post("/organisation/people/invite", data={"email": "new@example.org"})
    assert answer.status_code == 422
    assert "Choose at least one role." in answer.get_data(as_text=True)
    assert "new@example.org" in answer.get_data(as_text=True)


def test_a_weak_password_does_not_use_the_invitation_up(session, client):
    _, token = an_invitation(a_provider_person(), "new@example.org")
    answer = client.post(f"/invitations/{token}", data={"name": "N", "password": "short"})
    assert answer.status_code == 422
    assert client.post(f"/invitations/{token}", data=NEW).status_code == 303


def test_whoever_is_invited_to_the_council_takes_a_second_step_first(session, client):
    _, token = an_invitation(a_council_administrator(), "new@example.org", "quality_officer")
    client.post(f"/invitations/{token}", data=NEW)
    assert client.get("/administration/organisations").status_code == 302
