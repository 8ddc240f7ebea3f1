"""Every page, as every role: it answers, it is whole, and it takes nonsense with a sentence."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from portal.accounts.gate import PUBLIC, access_of
from tests.architecture.forms_on_pages import FormOnPage, forms_of
from tests.architecture.pages import problems_of
from tests.architecture.places import PLACES
from tests.architecture.rare_pages import RARE
from tests.architecture.world import ANYONE, ROLES, Visit, World, readable, token_in, undone

# 409: the page belongs to an earlier state (a published round is not edited), and says so. 422: a filter that
# cannot be read, with a sentence.
ANSWERS = {200, 302, 303, 403, 404, 409, 422}
# What an empty or senseless form may be answered with: done, or refused with a page that says why.
AFTER_NONSENSE = {200, 302, 303, 403, 404, 409, 413, 422}
FILLINGS = ("empty", "nonsense")
# After these there is nobody left to send the other forms.
SIGNS_OUT = {"sign_in.sign_out", "your_sign_in.sign_out_everywhere"}
# Sent by a script while somebody types, or from the head of every page.
BUTTONS_OF_SCRIPTS_AND_HEADERS = {
    "scoring.autosave",
    "practice.autosave",
    "uploads.begin",
    "uploads.finish",
    "evidence_uploads.begin",
    "evidence_uploads.finish",
    "paper_uploads.begin",
    "paper_uploads.finish",
    "promises.begin",
    "promises.finish",
    "sign_in.keep_alive",
    "sign_in.passkey_options",
    "sign_in.use_passkey",
    "factors.passkey_options",
    "factors.add_passkey",
    *SIGNS_OUT,
}


def test_every_route_has_values_for_its_parameters(world: World) -> None:
    known = {*PLACES, frozenset(), frozenset(["key"])}
    unknown = {rule.endpoint for rule in readable(world.app) if frozenset(rule.arguments) not in known}
    assert unknown == set()


def test_every_page_answers_every_role(world: World) -> None:
    assert [str(visit) for visit in world.visits if visit.status not in ANSWERS] == []


def test_every_route_is_reached_by_somebody(world: World) -> None:
    store = world.app.config["PORTAL"].s3_endpoint_url
    reached = {v.endpoint for v in world.visits if v.status == 200 or v.location.startswith(store)}
    assert {rule.endpoint for rule in readable(world.app)} - reached == set()


def test_a_stranger_reads_public_pages_alone(world: World) -> None:
    read = {visit.endpoint for visit in world.visits if visit.role == ANYONE and visit.status == 200}
    assert {endpoint for endpoint in read if access_of(world.app, endpoint) != PUBLIC} == set()


def test_an_application_is_read_by_its_provider_and_the_council_alone(world: World) -> None:
    rooms = ("applications.", "answers.", "release.letter")
    providers = [
        visit for visit in world.pages if "provider" in visit.role and visit.endpoint.startswith(rooms)
    ]
    assert {visit.endpoint for visit in providers} >= {
        "applications.receipt",
        "answers.show",
        "release.letter",
    }
    assert [str(visit) for visit in providers if "own" not in visit.label.split()] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_whole(role: str, world: World) -> None:
    first = {(visit.endpoint, visit.content): visit for visit in reversed(world.pages)}
    shown = [visit for visit in first.values() if visit.role == role]
    problems = [f"{visit}: {problem}" for visit in shown for problem in problems_of(visit.html, world.app)]
    assert problems == []


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("role", ROLES)
def test_a_form_with_nothing_or_nonsense_in_it_is_answered_by_a_whole_page(
    role: str, filling: str, world: World
) -> None:
    client, problems = world.client(role), []
    token = token_of(client)
    kept = client.get_cookie("portal")
    for visit, form, target, _ in forms_shown_to(world, role):
        if kept:  # some forms end the session, or begin another
            client.set_cookie("portal", kept.value)
        with undone(world.app):
            answer = send(client, form, target, getattr(form, filling)(token))
        problems += [f"{target} from {visit}: {problem}" for problem in wrong_with(answer, world)]
    assert problems == []


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("endpoint", RARE)
def test_a_page_that_no_address_leads_to_is_whole_and_takes_nonsense(
    endpoint: str, filling: str, world: World
) -> None:
    role, show = RARE[endpoint]
    client = world.client(role)
    with undone(world.app):
        html = show(world, client)
        assert problems_of(html, world.app) == []
        leads = {view_of(world, form, to): (form, to) for form in forms_of(html, "/") for to in form.targets}
        form, target = leads[endpoint]
        answer = send(client, form, target, getattr(form, filling)(token_of(client)))
        assert wrong_with(answer, world) == []


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("role", ["provider with a draft", "evaluator"])
def test_a_script_that_saves_nothing_or_nonsense_is_told_so(role: str, filling: str, world: World) -> None:
    client = world.client(role)
    token = token_of(client)
    forms = [form for _, form, _, _ in forms_shown_to(world, role) if form.saves_to]
    assert forms
    for form in forms:
        data, headers = getattr(form, filling)(token), {"Accept": "application/json"}
        with undone(world.app):
            answer = client.post(form.saves_to, data=data, headers=headers)
        assert answer.status_code in (200, 422) and answer.get_json()["message"], form.saves_to


def test_every_form_was_sent(world: World) -> None:
    shown = {view for role in ROLES for _, _, _, view in forms_shown_to(world, role)}
    posted = {rule.endpoint for rule in world.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posted - shown - set(RARE) == BUTTONS_OF_SCRIPTS_AND_HEADERS


def test_a_fault_and_a_refusal_without_a_word_are_noticed(world: World) -> None:
    page = world.pages[0].html
    assert wrong_with(Response(page, 200), world) == []
    assert wrong_with(Response(page, 500), world) == ["answered 500"]
    assert wrong_with(Response(page, 422), world) == ["refused without an error summary"]


def forms_shown_to(world: World, role: str) -> list[tuple[Visit, FormOnPage, str, str]]:
    """A role's forms with the address and the view of each button; alike in view, state and fields, once."""
    shown: dict[object, tuple[Visit, FormOnPage, str, str]] = {}
    for visit in (visit for visit in world.pages if visit.role == role):
        for form in visit.forms:
            for target in form.targets:
                view = view_of(world, form, target)
                if view not in SIGNS_OUT:
                    kind = view, visit.label.partition("?")[0], frozenset(form.fields)
                    shown.setdefault(kind, (visit, form, target, view))
    return list(shown.values())


def view_of(world: World, form: FormOnPage, target: str) -> str:
    """The endpoint that a form's button leads to."""
    return world.app.url_map.bind("localhost").match(urlsplit(target).path, method=form.method.upper())[0]


def send(client: FlaskClient, form: FormOnPage, target: str, data: Mapping[str, Any]) -> TestResponse:
    """Send a form as a browser does."""
    return client.get(target, query_string=data) if form.method == "get" else client.post(target, data=data)


def token_of(client: FlaskClient) -> str:
    """The token of this client's session."""
    return token_in(client.get("/sign-in", follow_redirects=True).get_data(as_text=True))


def wrong_with(answer: Response, world: World) -> list[str]:
    """What is wrong with the answer to a senseless form."""
    if answer.status_code not in AFTER_NONSENSE:
        return [f"answered {answer.status_code}"]
    if answer.status_code in (302, 303):
        return []
    html = answer.get_data(as_text=True)
    silent = answer.status_code == 422 and "govuk-error-summary" not in html
    return problems_of(html, world.app) + (["refused without an error summary"] if silent else [])
