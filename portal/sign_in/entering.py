"""From a first step to a session: who owes a second step goes there, everybody ends up where they wanted."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from config import Settings
from portal import clock
from portal.accounts import sessions
from portal.accounts.gate import actor, when_expired
from portal.accounts.models import Person
from portal.sign_in import keeping
from portal.sign_in.devices import remember, set_device_cookie
from portal.sign_in.queries import factors_of, person_by_uniquifier
from portal.sign_in.services import signed_in
from portal.sign_in.throttle import network_of
from portal.web.handling import error_page

KEPT = "kept"
_NOT_KEPT = ("csrf_token",)
OUR_ROUTES = ("sign_in.", "letters.", "factors.", "your_sign_in.", "issuer.")


def settings() -> Settings:
    """The settings of this installation."""
    return current_app.config["PORTAL"]


def network() -> str:
    """The network that this request comes from, as attempts are counted."""
    return network_of(request.remote_addr)


def after_first_step(
    person: Person, *, first: str, factor: str = "", onward: str | None = None
) -> ResponseReturnValue:
    """Go on to the second step, where one is owed and `factor` does not name it already; else in."""
    onward = onward or onward_path()
    factors = factors_of(person.id)
    if factor or not (factors.any or factors.compulsory):
        return finish(person, first=first, factor=factor, onward=onward)
    sessions.wait_for_second_step(person.fs_uniquifier, first=first, onward=onward)
    if factors.any:
        return redirect(url_for("sign_in.second_step"), 303)
    return redirect(url_for("factors.choose"), 303)


def finish(person: Person, *, first: str, factor: str, onward: str) -> ResponseReturnValue:
    """Begin the session, write that down, and lead on: to what was kept for them, or where they wanted."""
    sessions.begin(person, factor=factor)
    remember(person.id)
    signed_in(person, first=first, factor=factor)
    kept_id = session.pop(KEPT, 0)
    if keeping.kept_form(person.id, kept_id):
        return redirect(url_for("sign_in.kept", kept_id=kept_id), 303)
    return redirect(onward, 303)


def somebody() -> Person | None:
    """Whoever is signed in, or owes only the second step: the person whose second factors are shown."""
    standing = sessions.standing()
    uniquifier = standing[0] if standing and actor().signed_in else None
    if uniquifier is None and (waiting := sessions.pending()):
        uniquifier = waiting.uniquifier
    return person_by_uniquifier(uniquifier) if uniquifier else None


def onward_path() -> str:
    """The page that was asked for, when it is one of ours; else the home page."""
    return own_path(request.args.get("next", ""))


def own_path(target: str) -> str:
    """`target` when it is a path of the portal and nothing else; the home page otherwise."""
    parts = urlsplit(target)
    ours = (
        target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and not parts.netloc
        and not parts.scheme
        and not any(ord(letter) < 33 or letter == "\\" for letter in target)
    )
    return target if ours else url_for("home.show")


def keep_what_was_sent(uniquifier: str) -> None:
    """Put away the form of somebody whose session is over, for when they have signed in again."""
    sent = _what_was_sent()
    kept_id = keeping.keep(uniquifier=uniquifier, sent=sent) if sent else None
    if kept_id:
        session[KEPT] = kept_id


def _what_was_sent() -> keeping.Kept | None:
    """This request's form; None where it holds a password or a code, as the forms of this room do, or where
    its view says that it must lie nowhere in clear (`never_kept`)."""
    endpoint = request.endpoint or ""
    if endpoint.startswith(OUR_ROUTES) or getattr(
        current_app.view_functions.get(endpoint), "never_kept", False
    ):
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_KEPT]
    page = urlsplit(request.referrer or "")
    back = page.path if page.netloc == request.host else url_for("home.show")
    return keeping.Kept(request.full_path.rstrip("?"), back, fields)


def offer_to_send_again(error: CSRFError) -> ResponseReturnValue:
    """A form with the token of an earlier session: shown again with a fresh one, to be sent by a button.

    Only what this portal's own pages sent comes back; what another site sent is refused.
    """
    if request.headers.get("X-Requested-With"):
        return {"message": "Not saved yet: you have signed in again meanwhile. Press “Save”."}, 400
    sent = _what_was_sent() if actor().signed_in else None
    if sent is None or request.headers.get("Origin", "") != request.host_url.rstrip("/"):
        return error_page(400, "form_expired")
    return render_template("sign_in/kept.html", kept=sent, again=True), 400


def signed_in_person() -> Person:
    """The person of this session; only behind the gate."""
    person: Any = somebody()
    return person


def init_sign_in(app: Flask) -> None:
    """Keep what is sent too late, tell pages how long a session lasts, and send devices their cookie."""
    when_expired(keep_what_was_sent)
    app.register_error_handler(CSRFError, offer_to_send_again)
    app.after_request(set_device_cookie)
    app.context_processor(_session_seconds)


def _session_seconds() -> dict[str, int]:
    end = sessions.ends_at()
    return {"session_seconds": int((end - clock.now()).total_seconds()) if end else 0}
