"""The pages of standings: the council's register and the provider's own."""

import pytest
from flask.testing import FlaskClient

from portal.accounts.access import THE_PORTAL
from portal.provision.waiting_queries import waiting_for as waiting_for_provider
from portal.standings.reminders import remind
from portal.standings.waiting_queries import waiting_for
from tests.counting import counted
from tests.factories.commissioning import PORTAL_URL
from tests.factories.organisations import letters_to
from tests.factories.standings import (
    Stood,
    a_document,
    a_stood,
    asks_for,
    changed,
    in_days,
    let_evidence_run_out,
)
from tests.web_client import send, sign_in


@pytest.fixture
def stood(session) -> Stood:
    return a_stood()


def day(name: str, days: int) -> dict[str, str]:
    at = in_days(days)
    return {f"{name}-day": str(at.day), f"{name}-month": str(at.month), f"{name}-year": str(at.year)}


def read(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.get_data(as_text=True)


def test_an_officer_suspends_a_provider_from_the_register(stood, client):
    sign_in(client, stood.officer.email)
    assert stood.provider.organisation_name in read(client, "/standings?status=admitted")
    address = f"/standings/{stood.standing_id}/change"
    answer = send(
        client,
        address,
        step="suspend",
        cause="safeguarding",
        reason="Checks missing.",
        **day("review_on", 30),
    )
    assert "when you invited the provider" in answer.get_data(as_text=True)
    answer = send(
        client,
        address,
        step="suspend",
        cause="safeguarding",
        reason="Checks missing.",
        uninvited_because="Children are there today.",
        **day("review_on", 30),
        **day("representations_by", 7),
    )
    assert answer.status_code == 303
    page = read(client, answer.location)
    assert "Checks missing." in page and "To be reviewed by" in page
    assert "not invited to say something before this was decided: Children are there today." in page
    assert "No standing is like this" in read(client, "/standings?status=admitted")


def test_what_was_typed_stays_when_a_change_is_refused(stood, client):
    sign_in(client, stood.officer.email)
    answer = send(
        client, f"/standings/{stood.standing_id}/change", step="suspend", cause="quality", reason="My reason."
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Say when the suspension is looked at again." in page and "My reason." in page


def test_an_approver_reads_the_answer_and_decides(stood, client):
    change_id = changed(stood, "remove")
    sign_in(client, stood.provider.email)
    address = f"/your-standing/changes/{change_id}"
    assert "Nothing has been decided" in read(client, address)
    assert send(client, address, text="We would like to stay.").status_code == 303
    client.get("/sign-out")
    other = client.application.test_client()
    sign_in(other, stood.approver.email)
    assert "We would like to stay." in read(other, f"/standings/changes/{change_id}")
    decided = send(other, f"/standings/changes/{change_id}", decision="approve", note="Heard, and no plan.")
    assert decided.status_code == 303 and stood.row.state == "removed"


def test_an_officer_checks_a_document_and_the_provider_sees_it_counts(stood, client):
    asks_for(stood, "public_liability")
    version = a_document(stood)
    sign_in(client, stood.officer.email)
    assert "/standings/documents/" in read(client, "/standings/documents")
    address = f"/standings/documents/{version.document_id}"
    page = read(client, address)
    assert "Valid until" in page
    assert client.get(f"{address}/open").status_code == 303
    seen = {"seen": version.expires_on.isoformat()}
    assert send(client, address, accepted="yes", **seen).status_code == 303
    own = client.application.test_client()
    sign_in(own, stood.provider.email)
    assert "It counts until" in read(own, "/your-standing")


def test_what_a_lot_asks_for_is_set_by_an_officer(stood, client):
    sign_in(client, stood.officer.email)
    address = f"/standings/lots/{stood.lot_id}"
    assert send(client, address, kinds="first_aid", **day("applies_from", 40)).status_code == 303
    assert "1 kind of document" in read(client, "/standings/lots")
    assert "First aid certificate" in read(client, f"/standings/{stood.standing_id}")


def test_a_provider_sees_why_it_takes_no_new_children(stood, client):
    changed(stood, "suspend_new", representations_by=in_days(3))
    sign_in(client, stood.provider.email)
    page = read(client, "/your-standing")
    assert "Suspended for new referrals" in page and "You can answer" in read(client, "/")


def test_the_register_costs_the_same_for_one_and_for_many(stood, client):
    sign_in(client, stood.officer.email)
    with counted() as one:
        read(client, "/standings")
    for _ in range(3):
        a_stood()
    with counted() as many:
        read(client, "/standings")
    assert len(one) == len(many) <= 12


def test_the_home_pages_ask_once_about_standings(stood):
    asks_for(stood, "public_liability")
    a_document(stood)
    changed(stood, "suspend_new", review_on=in_days(5), representations_by=in_days(9))
    changed(stood, "remove")
    for ask, viewer in (
        (waiting_for, stood.officer),
        (waiting_for, stood.approver),
        (waiting_for_provider, stood.provider),
    ):
        with counted() as made:
            assert ask(viewer).now
        assert len(made) == 1


def test_a_standing_that_closed_by_itself_says_so(stood, client):
    let_evidence_run_out(stood.standing_id)
    sign_in(client, stood.officer.email)
    address = f"/standings/{stood.standing_id}"
    page = read(client, address)
    assert "Nothing since its admission" not in page and "the last day of its evidence" in page
    remind(portal_url=PORTAL_URL, by=THE_PORTAL)
    page = read(client, address)
    assert "It closed to new children by itself after" in page and "evidence that the lot asks for" in page


def test_a_service_whose_evidence_has_run_out_is_called_so_on_its_page(stood, client):
    let_evidence_run_out(stood.standing_id)
    sign_in(client, stood.provider.email)
    page = read(client, f"/services/{stood.service.id}")
    assert "Evidence expired" in page and "Term not running" not in page


def test_a_provider_reads_who_decided_on_the_page_and_in_the_letter(stood, client):
    suspension, proposal = changed(stood, "suspend"), changed(stood, "remove")
    sign_in(client, stood.provider.email)
    page = read(client, f"/your-standing/changes/{suspension}")
    assert f"by {stood.officer.name} for the council" in page
    page = read(client, f"/your-standing/changes/{proposal}")
    assert "Proposed" in page and stood.officer.name in page
    bodies = [letter.body for letter in letters_to(stood.provider.email)]
    named = f"by: {stood.officer.name}, {stood.officer.organisation_name}"
    assert f"Decided {named}" in bodies[-2] and f"Proposed {named}" in bodies[-1]
