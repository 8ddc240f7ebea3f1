"""The pages: saying who a child is, reading it, giving files, and the log."""

import io
import re
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.models import Organisation
from portal.audit.queries import reads_of
from portal.call_offs.models import CallOff
from portal.children.models import ChildFile
from portal.children.queries import identity_for
from portal.children.sealing import configure_sealing
from portal.sign_in.models import KeptForm
from tests.counting import counted
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.factories.applications import a_file
from tests.factories.children import NAME, Chosen, a_child_file, a_choice, a_named_choice, a_upn, cancel
from tests.web_client import sign_in

TYPED = {
    "drawn_with": "0",
    "name": NAME,
    "born_on-day": "4",
    "born_on-month": "3",
    "born_on-year": "2012",
    "upn": a_upn().lower(),
    "no_upn_reason": "",
    "has_ehcp": "yes",
    "looked_after": "no",
}


def page_of(chosen: Chosen, further: str = "") -> str:
    return f"/choices/{chosen.call_off_id}/child{further}"


def upload(client: FlaskClient, chosen: Chosen, name: str = "EHCP Jamie.pdf", kind: str = "ehc_plan"):  # type: ignore[no-untyped-def]
    content = a_file()["stream"].getvalue()
    data = {"kind": kind, "file": (io.BytesIO(content), name)}
    return client.post(page_of(chosen, "/files"), data=data)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_school_says_who_the_child_is_and_the_provider_reads_it(client: FlaskClient) -> None:
    chosen = a_choice()
    sign_in(client, chosen.school.email)
    assert "Say who the child is" in client.get(page_of(chosen)).get_data(as_text=True)
    sent = client.post(page_of(chosen, "/identify"), data=TYPED)
    assert sent.status_code == 303 and upload(client, chosen).status_code == 303
    client.post("/sign-out")
    sign_in(client, chosen.provider.email)
    read = words(client.get(page_of(chosen)).get_data(as_text=True))
    assert NAME in read and "4 March 2012" in read and a_upn() in read and "EHC plan" in read
    assert "Change this" not in read and "Remove" not in read


def test_what_was_typed_stays_when_something_is_wrong(client: FlaskClient) -> None:
    chosen = a_choice()
    sign_in(client, chosen.school.email)
    answer = client.post(page_of(chosen, "/identify"), data=TYPED | {"upn": "A999999980001"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and f'value="{NAME}"' in page and 'href="#upn"' in page
    assert 'value="A999999980001"' in page and "same_child" not in page


def test_a_known_child_is_confirmed_on_the_page(client: FlaskClient) -> None:
    school = a_school_person()
    a_named_choice(school)
    chosen = a_choice(school)
    sign_in(client, school.email)
    typed = TYPED | {"name": "James Invented"}
    asked = client.post(page_of(chosen, "/identify"), data=typed)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 422 and "It is the same child" in page and NAME not in page
    confirmed = client.post(page_of(chosen, "/identify"), data=typed | {"same_child": "y"})
    assert confirmed.status_code == 303 and identity_for(school, chosen.call_off_id).name == "James Invented"


def test_two_colleagues_who_change_it_do_not_overwrite_each_other(client: FlaskClient) -> None:
    chosen = a_named_choice()
    sign_in(client, chosen.school.email)
    shown = client.get(page_of(chosen, "/identify")).get_data(as_text=True)
    assert re.search(r'name="drawn_with"[^>]*value="1"', shown)
    mine, theirs = TYPED | {"drawn_with": "1", "name": "A"}, TYPED | {"drawn_with": "1", "name": "B"}
    assert client.post(page_of(chosen, "/identify"), data=mine).status_code == 303
    refused = client.post(page_of(chosen, "/identify"), data=theirs)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "A colleague has changed this" in page
    assert 'value="B"' in page and re.search(r'name="drawn_with"[^>]*value="2"', page)


@pytest.mark.parametrize("further", ["", "/identify", "/log", "/files/1"])
def test_everybody_else_finds_nothing(client: FlaskClient, session: Session, further: str) -> None:
    chosen = a_named_choice()
    file_id = a_child_file(chosen)
    further = further.replace("/1", f"/{file_id}")
    elsewhere = session.get_one(Organisation, a_school_person().organisation_id)
    people = [a_provider_person(), a_person(elsewhere, "commissioner", "safeguarding_lead")]
    people += [a_person(a_council(), role) for role in ("administrator", "quality_officer", "auditor")]
    for person in people:
        sign_in(client, person.email)
        assert client.get(page_of(chosen, further)).status_code in (403, 404)
        client.post("/sign-out")


def test_after_cancelling_the_provider_finds_nothing_and_the_school_changes_nothing(
    client: FlaskClient,
) -> None:
    chosen = a_named_choice()
    file_id = a_child_file(chosen)
    cancel(chosen)
    sign_in(client, chosen.provider.email)
    for further in ("", f"/files/{file_id}"):
        assert client.get(page_of(chosen, further)).status_code == 404
    client.post("/sign-out")
    sign_in(client, chosen.school.email)
    page = client.get(page_of(chosen)).get_data(as_text=True)
    assert NAME in page and "Change this" not in page
    assert client.get(page_of(chosen, "/identify")).status_code == 404
    assert client.post(page_of(chosen, f"/files/{file_id}/remove")).status_code == 404


def test_each_page_that_shows_a_name_is_written_down_and_others_are_not(
    client: FlaskClient, session: Session
) -> None:
    chosen = a_named_choice()
    a_child_file(chosen)
    child = session.get_one(CallOff, chosen.call_off_id).child_id
    sign_in(client, chosen.provider.email)
    assert NAME not in client.get("/").get_data(as_text=True)
    assert NAME not in client.get(f"/referrals/{chosen.referral.id}").get_data(as_text=True)
    assert not reads_of("child", child)
    client.get(page_of(chosen))
    link = re.search(rf'href="({page_of(chosen)}/files/\d+)"', client.get(page_of(chosen)).get_data(True))
    assert link and client.get(link[1]).status_code == 303
    assert [line["action"] for line in reads_of("child", child)] == [
        "child.read_file",
        "child.read",
        "child.read",
    ]


def test_no_title_address_or_header_says_who_the_child_is(client: FlaskClient, session: Session) -> None:
    chosen = a_named_choice()
    a_child_file(chosen, name=NAME)
    addresses = [page_of(chosen), page_of(chosen, "/identify")]
    sign_in(client, chosen.school.email)
    for address in addresses:
        answer = client.get(address)
        page = answer.get_data(as_text=True)
        titles = re.findall(r"<title>.*?</title>|<h1.*?</h1>", page, re.S)
        linked = re.findall(r'(?:href|action|src)="([^"]*)"', page)
        for told in (*titles, *linked, *map(str, answer.headers.values())):
            assert not any(secret in told for secret in ("Jamie", "Invented-Example", a_upn()))
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_of_another_choice_is_not_found_under_this_one(client: FlaskClient) -> None:
    school = a_school_person()
    one, other = a_named_choice(school), a_named_choice(school)
    file_id = a_child_file(other)
    sign_in(client, school.email)
    assert client.get(page_of(one, f"/files/{file_id}")).status_code == 404
    assert client.post(page_of(one, f"/files/{file_id}/remove")).status_code == 404


def test_a_file_that_is_not_taken_is_refused_with_its_sentence(client: FlaskClient, session: Session) -> None:
    chosen = a_named_choice()
    sign_in(client, chosen.school.email)
    data = {"kind": "medical", "file": (io.BytesIO(b"MZ\x90\x00 no document"), "plan.pdf")}
    answer = client.post(page_of(chosen, "/files"), data=data)
    assert answer.status_code == 422 and "There is a problem" in answer.get_data(as_text=True)
    assert session.scalars(select(ChildFile)).all() == []


def test_the_safeguarding_lead_reads_the_log_page_by_page(client: FlaskClient) -> None:
    chosen = a_named_choice()
    lead = chosen.colleague("safeguarding_lead")
    for _ in range(55):
        identity_for(chosen.provider, chosen.call_off_id)
    sign_in(client, lead.email)
    first = client.get("/children/log").get_data(as_text=True)
    assert first.count("<time") == 50 and chosen.provider.organisation_name in words(first)
    assert client.get("/children/log?page=2").get_data(as_text=True).count("<time") == 6
    assert NAME not in first and "Access log" in first
    assert client.get("/children/log?who=others&page=2").get_data(as_text=True).count("<time") == 5
    of_one = client.get(page_of(chosen, "/log")).get_data(as_text=True)
    assert f"Who has read of the child of referral {chosen.referral.reference}" in of_one


@pytest.mark.parametrize("files", [1, 9])
def test_the_page_costs_the_same_for_one_file_and_for_nine(client: FlaskClient, files: int) -> None:
    chosen = a_named_choice()
    for _ in range(files):
        a_child_file(chosen)
    sign_in(client, chosen.provider.email)
    with counted() as statements:
        assert client.get(page_of(chosen)).status_code == 200
    assert len(statements) == 7


def test_what_is_sent_after_the_session_ended_is_not_kept_in_clear(
    client: FlaskClient, session: Session
) -> None:
    chosen = a_choice()
    with clock.staged_at(clock.now() - timedelta(hours=13)):
        sign_in(client, chosen.school.email)
    answer = client.post(page_of(chosen, "/identify"), data=TYPED)
    assert answer.status_code == 302 and answer.location.startswith("/sign-in")
    assert session.scalars(select(KeptForm)).all() == []
    client.post(f"/referrals/{chosen.referral.id}/withdraw", data={"note": "kept"})
    assert len(session.scalars(select(KeptForm)).all()) == 1  # what other forms hold is kept


def test_a_wrong_key_is_told_on_the_page(client: FlaskClient) -> None:
    chosen = a_named_choice()
    sign_in(client, chosen.provider.email)
    configure_sealing([Fernet.generate_key().decode()])
    try:
        answer = client.get(page_of(chosen))
    finally:
        configure_sealing(client.application.config["PORTAL"].child_data_keys)
    assert answer.status_code == 409 and "CHILD_DATA_KEY" in answer.get_data(as_text=True)
