"""The administrator's area: who sees it, what it shows, what it changes."""

import pytest

from portal.accounts.access import THE_PORTAL
from portal.accounts.models import Organisation
from portal.accounts.permissions import ROLES
from portal.accounts.queries import actor_by_email
from portal.accounts.services import register_organisation
from portal.database import db
from tests.evaluation.pages import statements_of
from tests.factories.accounts import (
    a_council,
    a_council_administrator,
    a_person,
    a_provider_person,
    a_school_person,
    a_trust_of,
    an_organisation,
    an_unchecked_organisation,
)
from tests.factories.organisations import letters_to
from tests.web_client import sign_in

PAGES = {
    "/administration/organisations": {"administrator", "quality_officer", "auditor"},
    "/administration/people": {"administrator", "auditor"},
    "/administration/settings": {"administrator"},
}


@pytest.fixture
def administrator(session, client):
    found = a_council_administrator()
    sign_in(client, found.email)
    return found


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("role", sorted(ROLES["council"]))
def test_each_role_of_the_council_sees_its_own_pages_alone(session, client, role):
    sign_in(client, a_person(a_council(), role).email)
    for path, seen_by in PAGES.items():
        assert client.get(path).status_code == (200 if role in seen_by else 403), path


@pytest.mark.parametrize("maker", [a_provider_person, a_school_person])
def test_nobody_outside_the_council_gets_in(session, client, maker):
    sign_in(client, maker().email)
    other = an_organisation()
    for path in (*PAGES, "/administration", f"/administration/organisations/{other.id}"):
        assert client.get(path).status_code == 403, path
    assert client.post(f"/administration/organisations/{other.id}/check").status_code == 403


def test_the_auditor_reads_and_changes_nothing(session, client):
    waiting = an_unchecked_organisation()
    member = a_person(waiting, "administrator")
    sign_in(client, a_person(a_council(), "auditor").email)
    shown = page(client, f"/administration/organisations/{waiting.id}")
    assert member.email in shown and "<button" not in shown.split("<main")[1].split("</main>")[0]
    assert client.post(f"/administration/organisations/{waiting.id}/check").status_code == 403
    assert client.post(f"/administration/people/{member.person_id}/deactivate").status_code == 403
    assert client.get(f"/administration/organisations/{waiting.id}/invite").status_code == 403


def test_the_quality_officer_sees_the_organisation_and_not_its_people(session, client):
    person = a_provider_person("Weir Street Workshop")
    sign_in(client, a_person(a_council(), "quality_officer").email)
    shown = page(client, f"/administration/organisations/{person.organisation_id}")
    assert "Weir Street Workshop" in shown and person.email not in shown


def test_organisations_are_found_by_word_number_kind_and_standing(administrator, client):
    register_organisation(
        kind="provider", name="Numbered Works", identifiers=[("GB-CHC", "1098765")], by=THE_PORTAL
    )
    an_organisation("school", "Numbered School")
    for query in ("q=works+numbered", "q=1098765", "state=waiting&kind=provider&q=numbered"):
        shown = page(client, f"/administration/organisations?{query}")
        assert "Numbered Works" in shown and "Numbered School" not in shown, query
    assert "No organisation is like this" in page(client, "/administration/organisations?q=%25")


def test_a_filter_that_is_none_is_no_filter(administrator, client):
    assert "1 organisation" in page(client, "/administration/organisations?kind=nonsense&page=x")


def test_a_waiting_organisation_is_checked_from_the_home_page(administrator, client):
    person = a_person(an_unchecked_organisation(), "administrator")
    assert "1 organisation waits for your check" in page(client, "/")
    path = f"/administration/organisations/{person.organisation_id}"
    assert "It passes the check" in page(client, path)
    assert client.post(f"{path}/check").status_code == 303
    assert client.post(f"{path}/check").status_code == 409
    assert "Organisation checked" in page(client, path)
    assert "waits for your check" not in page(client, "/")
    assert len(letters_to(person.email)) == 1


@pytest.mark.parametrize(("verb", "checked"), [("refuse", False), ("deactivate", True)])
def test_refusing_and_deactivating_ask_for_the_reason(administrator, client, verb, checked):
    found = an_organisation(checked=checked)
    path = f"/administration/organisations/{found.id}"
    answer = client.post(f"{path}/{verb}")
    assert answer.status_code == 422 and "Give the reason" in answer.get_data(as_text=True)
    assert client.post(f"{path}/{verb}", data={"reason": "It moved away."}).status_code == 303
    assert "It moved away." in page(client, path)


def test_a_deactivated_organisation_is_brought_back(administrator, client):
    found = an_organisation()
    path = f"/administration/organisations/{found.id}"
    client.post(f"{path}/deactivate", data={"reason": "It moved away."})
    assert client.post(f"{path}/reactivate").status_code == 303
    db.session.expire_all()
    assert db.session.get_one(Organisation, found.id).state == "checked"


def test_the_own_council_is_not_deactivated(administrator, client):
    path = f"/administration/organisations/{administrator.organisation_id}"
    assert "Deactivate" not in page(client, path)
    assert client.post(f"{path}/deactivate", data={"reason": "No."}).status_code == 422


def test_the_first_person_of_a_school_comes_by_the_councils_invitation(administrator, client):
    school = an_organisation("school")
    path = f"/administration/organisations/{school.id}"
    typed = {"email": "head@example.org", "roles": ["administrator", "commissioner"]}
    assert client.post(f"{path}/invite", data=typed).status_code == 303
    assert "head@example.org" in page(client, path)
    assert "invites you" in letters_to("head@example.org")[0].title


def test_a_trust_shows_its_schools(administrator, client):
    trust, schools = a_trust_of(2)
    shown = page(client, f"/administration/organisations/{trust.id}")
    assert all(school.name in shown for school in schools)


def test_people_are_found_by_name_and_address(administrator, client):
    person = a_provider_person()
    for words in (person.name, person.email.upper(), person.email[:8]):
        assert person.email in page(client, f"/administration/people?q={words}")
    assert "Nobody has this name" in page(client, "/administration/people?q=zzzz")


def test_a_persons_page_shows_memberships_and_no_secret(administrator, client):
    person = a_provider_person("Weir Street Workshop")
    shown = page(client, f"/administration/people/{person.person_id}")
    assert "Weir Street Workshop" in shown and "Administrator" in shown
    assert "argon2" not in shown and "password" not in shown.split("<main")[1].lower()


def test_an_account_is_deactivated_and_brought_back(app, administrator, client):
    person = a_provider_person()
    theirs = sign_in(app.test_client(), person.email)
    path = f"/administration/people/{person.person_id}"
    assert client.post(f"{path}/deactivate").status_code == 303
    assert theirs.get("/organisation").location.startswith("/sign-in")
    assert "cannot sign in" in page(client, path)
    assert client.post(f"{path}/reactivate").status_code == 303
    assert actor_by_email(person.email).signed_in


def test_nobody_deactivates_themselves(administrator, client):
    answer = client.post(f"/administration/people/{administrator.person_id}/deactivate")
    assert answer.status_code == 409 and "yourself" in answer.get_data(as_text=True)


def test_the_administrator_gives_roles_in_the_council(administrator, client):
    council = db.session.get_one(Organisation, administrator.organisation_id)
    colleague = a_person(council, "evaluator")
    shown = page(client, f"/administration/people/{colleague.person_id}")
    path = shown.split('href="/organisation/people/')[1].split('"')[0]
    refused = client.post(f"/organisation/people/{path}", data={"roles": ["evaluator", "approver"]})
    assert refused.status_code == 422 and "cannot be both" in refused.get_data(as_text=True)
    assert client.post(f"/organisation/people/{path}", data={"roles": "moderator"}).status_code == 303
    assert actor_by_email(colleague.email).roles == {"moderator"}


@pytest.mark.parametrize(
    "path", ["/administration/organisations/99999999", "/administration/people/99999999"]
)
def test_what_is_not_there_is_not_found(administrator, client, path):
    assert client.get(f"/administration/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/administration/organisations", "/administration/people"])
def test_a_long_list_costs_no_more_statements(session, administrator, client, path):
    few = statements_of(session.connection(), lambda: page(client, path))
    for _ in range(15):
        a_provider_person()
    assert statements_of(session.connection(), lambda: page(client, path)) == few <= 12


def test_an_organisation_with_many_people_costs_no_more_statements(session, administrator, client):
    provider = an_organisation()
    path = f"/administration/organisations/{provider.id}"
    few = statements_of(session.connection(), lambda: page(client, path))
    for _ in range(15):
        a_person(provider, "editor")
    assert statements_of(session.connection(), lambda: page(client, path)) == few <= 12
