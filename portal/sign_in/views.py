"""The way in and out: password, second step, registration; sessions kept alive; what was sent too late."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts import sessions
from portal.accounts.forms import RegisterProviderForm
from portal.accounts.gate import actor, public, signed_in
from portal.errors import NotFound, Refusal
from portal.sign_in import passkeys, services
from portal.sign_in.devices import this_device
from portal.sign_in.entering import (
    after_first_step,
    finish,
    network,
    onward_path,
    own_path,
    settings,
    signed_in_person,
)
from portal.sign_in.forms import ProveForm, SecondStepForm, SignInForm
from portal.sign_in.keeping import kept_form
from portal.sign_in.queries import factors_of, person_by_uniquifier
from portal.sign_in.throttle import TooMany
from portal.web.addresses import portal_url
from portal.web.forms import Form

bp = Blueprint("sign_in", __name__)
CHALLENGE = "challenge"


@contextmanager
def refusals(form: Form) -> Iterator[None]:
    """As `Form.refusals`; the page of what came too often is answered with 429."""
    with form.refusals():
        try:
            yield
        except TooMany:
            form.refused_with = 429
            raise


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """The first step, and on to the page that was asked for."""
    if actor().signed_in:
        return redirect(onward_path())
    form = SignInForm()
    if form.validate_on_submit():
        device = this_device()
        with refusals(form):
            person = services.first_step(
                email=form.email.data,
                password=form.password.data,
                network=network(),
                device=device.name,
                knows=device.knows,
            )
            return after_first_step(person, first="password")
    return (
        render_template("sign_in/sign_in.html", form=form, issuer=bool(settings().oidc_issuer)),
        form.http_status,
    )


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
def second_step() -> ResponseReturnValue:
    """The second step, with a code of the app or a recovery code; the page offers a passkey, too."""
    waiting = sessions.pending()
    person = person_by_uniquifier(waiting.uniquifier) if waiting else None
    if waiting is None or person is None:
        return redirect(url_for("sign_in.sign_in"))
    factors = factors_of(person.id)
    if not factors.any:
        return redirect(url_for("factors.choose"))
    form = SecondStepForm()
    if form.validate_on_submit():
        device = this_device()
        with refusals(form):
            factor = services.second_step(
                person=person, code=form.code.data, device=device.name, known=person.id in device.knows
            )
            return finish(person, first=waiting.first, factor=factor, onward=own_path(waiting.onward))
    return render_template("sign_in/second_step.html", form=form, factors=factors), form.http_status


@bp.post("/sign-in/passkey/options")
@public
def passkey_options() -> ResponseReturnValue:
    """What the browser needs to use a passkey: for the second step the person's own, else any."""
    waiting = sessions.pending()
    person = person_by_uniquifier(waiting.uniquifier) if waiting else None
    options, challenge = passkeys.options_to_use(person.id if person else None, place())
    session[CHALLENGE] = challenge
    return {"options": options}


@bp.post("/sign-in/passkey")
@public
def use_passkey() -> ResponseReturnValue:
    """Sign in with a passkey: as the second step, or as both at once."""
    waiting = sessions.pending()
    owed = person_by_uniquifier(waiting.uniquifier) if waiting else None
    try:
        person_id = passkeys.use_passkey(
            credential=request.get_json(silent=True) or {},
            challenge=session.pop(CHALLENGE, ""),
            place=place(),
            person_id=owed.id if owed else None,
        )
        person = services.person_of_passkey(person_id)
    except Refusal as refusal:
        return {"message": refusal.sentence}, 422
    onward = own_path(waiting.onward) if waiting and owed else onward_path()
    first = waiting.first if waiting and owed else "passkey"
    answer: Any = finish(person, first=first, factor="passkey", onward=onward)
    return {"onward": answer.location}


def place() -> passkeys.Place:
    """Where passkeys belong: in production the one address, else whichever the portal is asked by."""
    portal = settings()
    origin = portal.public_url if portal.production else request.host_url.rstrip("/")
    return passkeys.Place(origin, portal.service_name)


@bp.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End this session."""
    services.signed_out(actor())
    sessions.end()
    return redirect(url_for("home.show"), 303)


@bp.route("/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    """Register a provider and its first user; the letter to their address says how it goes on."""
    if actor().signed_in:
        return redirect(onward_path())
    form = RegisterProviderForm()
    if form.validate_on_submit():
        with refusals(form):
            services.register(
                organisation_name=form.organisation_name.data,
                postcode=form.postcode.data,
                address=form.address.data or "",
                telephone=form.telephone.data or "",
                identifiers=[(form.scheme.data, form.number.data)] if form.scheme.data else [],
                name=form.name.data,
                email=form.email.data,
                password=form.password.data,
                network=network(),
                portal_url=portal_url(),
            )
            session["confirming"] = form.email.data
            return redirect(url_for("letters.confirm", next=request.args.get("next")), 303)
    return render_template("sign_in/register.html", form=form), form.http_status


@bp.route("/sign-in/again", methods=["GET", "POST"])
@signed_in
def prove() -> ResponseReturnValue:
    """Before the way of signing in is changed: the password once more."""
    form = ProveForm()
    if form.validate_on_submit():
        with refusals(form):
            services.prove_again(
                person=signed_in_person(), password=form.password.data, device=this_device().name
            )
            sessions.prove()
            return redirect(onward_path(), 303)
    return render_template("sign_in/prove.html", form=form), form.http_status


@bp.get("/sign-in/time-left")
@public
def time_left() -> ResponseReturnValue:
    """How many seconds this session has left. Asking changes nothing."""
    end = sessions.ends_at()
    return {"seconds": int((end - clock.now()).total_seconds()) if end else 0}


time_left.leaves_session_alone = True


@bp.post("/sign-in/keep-alive")
@signed_in
def keep_alive() -> ResponseReturnValue:
    """Somebody is there and types: the idle time begins anew."""
    return time_left()


@bp.get("/sign-in/kept/<int:kept_id>")
@signed_in
def kept(kept_id: int) -> ResponseReturnValue:
    """What was sent when the session was over, to be sent again."""
    form = kept_form(signed_in_person().id, kept_id)
    if form is None:
        raise NotFound()
    return render_template("sign_in/kept.html", kept=form)
