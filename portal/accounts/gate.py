"""The gate: who is it, may they.

Every route declares its access with `requires(...)`, `signed_in` or `public`; `check_every_route` refuses to
start an application that has a route without it. Closed by default: a view that declared nothing is never
reached.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts import sessions
from portal.accounts.access import ANYONE, Actor
from portal.accounts.permissions import ALL_PERMISSIONS
from portal.web.brand import in_force_are, is_without_database

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
SIGNED_IN = "signed in"
# Without a confirmed address one prepares and submits one's own application, and nothing else: a letter that
# is late must keep no bidder out, and an address that may be anybody's must open nothing of others.
UNCONFIRMED_MAY = frozenset(
    {"application:edit", "application:certify", "application:submit", "document:read"}
)

_keep: Callable[[str], object] = lambda uniquifier: None  # noqa: E731 - until somebody subscribes


def requires(*permissions: str) -> Callable[[View], View]:
    """Only for people who hold any of these permissions (noun:verb)."""
    if unknown := set(permissions) - ALL_PERMISSIONS:
        raise ValueError(f"No role grants {sorted(unknown)}")
    return lambda view: _declare(view, frozenset(permissions))


def public(view: View) -> View:
    """Open to anyone, signed in or not."""
    return _declare(view, PUBLIC)


def signed_in(view: View) -> View:
    """Open to every person who is signed in."""
    return _declare(view, SIGNED_IN)


def _declare(view: View, access: str | frozenset[str]) -> View:
    @wraps(view)
    def entered(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    entered.declared_access = access  # type: ignore[attr-defined]
    return entered  # type: ignore[return-value]


def access_of(app: Flask, endpoint: str) -> str | frozenset[str] | None:
    """What the endpoint declared: `PUBLIC`, `SIGNED_IN`, a set of permissions, or None."""
    return getattr(app.view_functions.get(endpoint), "declared_access", None)


def actor() -> Actor:
    """Who makes this request, acting for which organisation."""
    if "actor" not in g:
        g.actor = ANYONE if is_without_database() else _whoever_is_in_session()
    return g.actor


def _whoever_is_in_session() -> Actor:
    found = current_user.found if current_user.is_authenticated else None
    if found is None:
        return ANYONE
    in_force_are(found.settings)
    if found.of_council and not sessions.took_second_step():
        # Somebody became a member of the council's staff while they were signed in.
        sessions.wait_for_second_step(current_user.get_id(), first="session", onward=url_for("home.show"))
        return ANYONE
    if not found.confirmed:
        narrowed = found.actor.permissions & UNCONFIRMED_MAY
        return replace(found.actor, confirmed=False, permissions=narrowed)
    return found.actor


def when_expired(keep: Callable[[str], object]) -> None:
    """Let `keep(uniquifier)` put away what somebody sent whose session (theirs) was over."""
    global _keep
    _keep = keep


def init_gate(app: Flask) -> None:
    """Put the gate before every view and let templates ask `actor` and `may`."""
    sessions.init_sessions(app)
    app.before_request(_guard)
    app.context_processor(lambda: {"actor": actor(), "may": actor().may})


def _guard() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None
    view = current_app.view_functions[endpoint]
    access = getattr(view, "declared_access", None)
    if not getattr(view, "leaves_session_alone", False):
        sessions.touch()
    if access == PUBLIC:
        return None
    if access is None:
        abort(403)
    if not actor().signed_in:
        return _to_sign_in()
    if access != SIGNED_IN and not actor().permissions & access:
        abort(403)
    return None


def _to_sign_in() -> ResponseReturnValue:
    """The way in; what was typed is kept first. A script that saves is told in words."""
    if request.headers.get("X-Requested-With"):
        way_in = url_for("sign_in.sign_in", next=_return_path())
        return {"message": "You have been signed out. Nothing was saved.", "sign_in": way_in}, 401
    if request.method == "POST" and (over := sessions.expired()):
        _keep(over)
    if sessions.pending():
        return redirect(url_for("sign_in.second_step"))
    return redirect(url_for("sign_in.sign_in", next=_return_path()))


def _return_path() -> str:
    """Where to go after signing in: this page or, for what was sent, the page that held the form."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    held_by = urlsplit(request.referrer or "")
    return held_by.path if held_by.netloc == request.host and held_by.path else url_for("home.show")


def check_every_route(app: Flask) -> None:
    """Raise `RuntimeError` naming each route that has not declared its access."""
    undeclared = sorted(
        rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None
    )
    if undeclared:
        raise RuntimeError(f"Routes without declared access: {', '.join(undeclared)}")
