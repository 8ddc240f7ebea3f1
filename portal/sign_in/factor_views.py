"""Second factors: set up, renewed, removed. Open to whoever proved lately who they are, to nobody else."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import sessions
from portal.accounts.gate import actor, public
from portal.accounts.models import Person
from portal.errors import Refusal
from portal.sign_in import authenticator, passkeys, recovery
from portal.sign_in.entering import finish, onward_path, own_path, settings, somebody
from portal.sign_in.forms import AppForm, PressForm
from portal.sign_in.queries import factors_of, passkeys_of
from portal.sign_in.services import as_actor
from portal.sign_in.views import place, refusals

bp = Blueprint("factors", __name__, url_prefix="/your-sign-in")
CHALLENGE = "challenge"


def for_their_owner(view: Callable[..., Any]) -> Callable[..., Any]:
    """Give the view the person whose second factors it is about.

    Somebody who has a second factor must have taken that step; somebody signed in must have proved lately who
    they are; and an address that may be anybody's gets none, or it could be kept from its owner with one.
    """

    @wraps(view)
    def entered(*args: Any, **kwargs: Any) -> Any:
        person = somebody()
        if person is None:
            return redirect(
                url_for("sign_in.sign_in", next=request.path if request.method == "GET" else None)
            )
        if not actor().signed_in and factors_of(person.id).any:
            return redirect(url_for("sign_in.second_step"))
        if actor().signed_in and not sessions.proved_lately():
            back = request.full_path.rstrip("?") if request.method == "GET" else url_for("your_sign_in.show")
            return redirect(url_for("sign_in.prove", next=back))
        if person.confirmed_at is None:
            return redirect(url_for("letters.confirm"))
        return view(person, *args, **kwargs)

    return entered


@bp.get("/second-step")
@public
@for_their_owner
def choose(person: Person) -> ResponseReturnValue:
    """Which second step: an app or a passkey."""
    return render_template(
        "sign_in/choose.html", compulsory=not actor().signed_in, factors=factors_of(person.id)
    )


@bp.route("/app", methods=["GET", "POST"])
@public
@for_their_owner
def app(person: Person) -> ResponseReturnValue:
    """Set up an authenticator app: its picture, and the first code as proof that it works."""
    form = AppForm()
    secret = authenticator.unseal(person.id, form.sealed.data or "") or authenticator.new_secret()
    if form.validate_on_submit():
        with refusals(form):
            authenticator.enrol_authenticator(
                person_id=person.id, secret=secret, code=form.code.data, by=as_actor(person)
            )
            return _added(person, "app")
    form.sealed.data = authenticator.seal(person.id, secret)
    picture = authenticator.qr_code(secret, person.email, settings().service_name)
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    return (
        render_template("sign_in/app.html", form=form, picture=picture, secret=" ".join(groups)),
        form.http_status,
    )


@bp.post("/app/remove")
@public
@for_their_owner
def remove_app(person: Person) -> ResponseReturnValue:
    """Remove the app."""
    factors = factors_of(person.id)
    if factors.compulsory and not factors.passkeys:
        flash("Council staff need a second step. Add a passkey first, then remove the app.")
        return redirect(url_for("your_sign_in.show"), 303)
    authenticator.remove_authenticator(person_id=person.id, by=as_actor(person))
    return _removed(person)


@bp.get("/passkeys")
@public
@for_their_owner
def show_passkeys(person: Person) -> ResponseReturnValue:
    """A person's passkeys, and a button that adds one."""
    return render_template("sign_in/passkeys.html", passkeys=passkeys_of(person.id), form=PressForm())


@bp.post("/passkeys/options")
@public
@for_their_owner
def passkey_options(person: Person) -> ResponseReturnValue:
    """What the browser needs to make a passkey."""
    options, challenge = passkeys.options_to_add(person, place())
    session[CHALLENGE] = challenge
    return {"options": options}


@bp.post("/passkeys/add")
@public
@for_their_owner
def add_passkey(person: Person) -> ResponseReturnValue:
    """Keep the passkey that the browser made."""
    sent = request.get_json(silent=True) or {}
    try:
        passkeys.add_passkey(
            person_id=person.id,
            name=str(sent.pop("name", "")).strip()[:60],
            credential=sent,
            challenge=session.pop(CHALLENGE, ""),
            place=place(),
            by=as_actor(person),
        )
    except Refusal as refusal:
        return {"message": refusal.sentence}, 422
    answer: Any = _added(person, "passkey")
    return {"onward": answer.location}


@bp.post("/passkeys/<int:passkey_id>/remove")
@public
@for_their_owner
def remove_passkey(person: Person, passkey_id: int) -> ResponseReturnValue:
    """Remove a passkey."""
    factors = factors_of(person.id)
    if factors.compulsory and not factors.app and factors.passkeys == 1:
        flash("Council staff need a second step. Add an app or another passkey first, then remove this one.")
        return redirect(url_for("factors.show_passkeys"), 303)
    passkeys.remove_passkey(passkey_id=passkey_id, person_id=person.id, by=as_actor(person))
    return _removed(person)


@bp.route("/recovery-codes", methods=["GET", "POST"])
@public
@for_their_owner
def recovery_codes(person: Person) -> ResponseReturnValue:
    """Fresh recovery codes, shown once."""
    form = PressForm()
    codes: list[str] = []
    if form.validate_on_submit():
        codes = recovery.new_recovery_codes(person_id=person.id, by=as_actor(person))
    return render_template(
        "sign_in/recovery_codes.html",
        form=form,
        codes=codes,
        factors=factors_of(person.id),
        onward=onward_path() if request.args.get("next") else url_for("your_sign_in.show"),
    )


def _added(person: Person, factor: str) -> ResponseReturnValue:
    """In, if the second factor was all that was missing; and on to the recovery codes."""
    first_one = factors_of(person.id).recovery_codes == 0
    if actor().signed_in:
        sessions.add_second_step(factor)
        flash("Your second step is set up.", "success")
        return redirect(url_for("factors.recovery_codes" if first_one else "your_sign_in.show"), 303)
    waiting = sessions.pending()
    onward = own_path(waiting.onward if waiting else "")
    codes = url_for("factors.recovery_codes", next=onward)
    first = waiting.first if waiting else ""
    return finish(person, first=first, factor=factor, onward=codes if first_one else onward)


def _removed(person: Person) -> ResponseReturnValue:
    if not factors_of(person.id).any:
        recovery.remove_recovery_codes(person.id)
    flash("It is removed.", "success")
    return redirect(url_for("your_sign_in.show"), 303)
