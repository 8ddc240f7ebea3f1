"""Every route declares who may enter."""

import pytest
from flask import Flask

from portal.accounts.gate import PUBLIC, SIGNED_IN, access_of, check_every_route, public, requires
from portal.accounts.permissions import ALL_PERMISSIONS
from portal.app import create_app


def test_every_route_declares_its_access(app):
    check_every_route(app)
    declared = {rule.endpoint: access_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert all(access in (PUBLIC, SIGNED_IN) or access <= ALL_PERMISSIONS for access in declared.values())


def test_an_undeclared_route_stops_the_start():
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/known", view_func=public(lambda: ""), endpoint="known")
    check_every_route(bare)
    bare.add_url_rule("/forgotten", view_func=lambda: "", endpoint="forgotten")
    with pytest.raises(RuntimeError, match="forgotten"):
        check_every_route(bare)


def test_an_undeclared_route_that_comes_later_is_shut(settings):
    late = create_app(settings)
    late.add_url_rule("/forgotten", view_func=lambda: "", endpoint="forgotten")
    assert late.test_client().get("/forgotten").status_code == 403


def test_a_permission_that_nobody_has_cannot_be_required():
    with pytest.raises(ValueError, match="tender:eat"):
        requires("tender:eat")


def test_every_page_that_is_not_public_sends_a_stranger_to_sign_in(app, client):
    closed = [
        rule
        for rule in app.url_map.iter_rules()
        if access_of(app, rule.endpoint) != PUBLIC and "GET" in rule.methods and rule.endpoint != "static"
    ]
    assert closed
    for rule in closed:
        values = {name: sample(rule, name) for name in rule.arguments}
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **values)
        answer = client.get(path)
        assert answer.status_code == 302 and answer.location.startswith("/sign-in?next="), path


def sample(rule, name):
    """A value that the rule's converter takes."""
    kind = type(rule._converters[name]).__name__
    return {
        "IntegerConverter": 1,
        "UUIDConverter": "00000000-0000-0000-0000-000000000001",
    }.get(kind, "1")
