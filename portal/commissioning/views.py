"""Referring a child to a service, and what becomes of it."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.gate import actor, requires
from portal.commissioning import queries, services
from portal.commissioning.forms import AcceptForm, DeclineForm, NeedProfileForm
from portal.commissioning.requests import asked_beside, profiles_to_send_on
from portal.directory.entries import ServiceEntry
from portal.directory.offer import need_names
from portal.directory.queries import service_for, service_named
from portal.errors import NotFound, Refusal
from portal.web.forms import Form
from portal.web.pagination import Page, page_number
from portal.web.reading import read_by

bp = Blueprint("commissioning", __name__)


@bp.get("/services/<int:service_id>/refer")
@requires("referral:send")
def refer(service_id: int) -> ResponseReturnValue:
    """Describe a child's needs to a service."""
    like = request.args.get("like", "")
    if like.isascii() and like.isdigit() and len(like) < 18:
        return _form(_service(service_id), NeedProfileForm.like(*queries.profile_for(actor(), int(like))))
    return _form(_service(service_id), NeedProfileForm.empty())


@bp.post("/services/<int:service_id>/refer")
@requires("referral:send")
def check(service_id: int) -> ResponseReturnValue:
    """Show exactly what the provider will see; nothing is kept yet."""
    service, form = _service(service_id), NeedProfileForm()
    if form.validate():
        try:
            services.check_profile(form.profile())
        except Refusal as refusal:
            form.refuse_all(refusal)
        else:
            return render_template(
                "commissioning/check.html",
                service=service,
                form=form,
                profile=form.profile(),
                need_names=need_names(form.profile().needs),
            )
    return _form(service, form, 422)


@bp.post("/services/<int:service_id>/refer/change")
@requires("referral:send")
def change(service_id: int) -> ResponseReturnValue:
    """Back from the preview to the form, with all that was typed."""
    return _form(_service(service_id), NeedProfileForm())


@bp.post("/services/<int:service_id>/refer/send")
@requires("referral:send")
def send(service_id: int) -> ResponseReturnValue:
    """Send the referral."""
    form = NeedProfileForm()
    if form.validate():
        try:
            referral = services.send_referral(
                service_id=service_id,
                profile=form.profile(),
                token=form.sent_token(),
                request_id=form.joined_request(),
                portal_url=_portal_url(),
                by=actor(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse_all(refusal)
        else:
            flash(f"Referral {referral.reference} is sent. The provider has been told by letter.", "success")
            return redirect(url_for("commissioning.show", referral_id=referral.id), 303)
    return _form(service_named(service_id), form, 422)


@bp.get("/referrals")
@requires("referral:read", "referral:answer")
def index() -> ResponseReturnValue:
    """What the school sent, or the provider received."""
    number = page_number(request.args.get("page"))
    lines, total = queries.referrals_for(actor(), number)
    if lines:
        read_by(actor(), "referral", "list", referrals=[line.id for line in lines])
    return render_template(
        "commissioning/index.html", page=Page(lines, number, total), sends=_sends(actor()), as_at=clock.now()
    )


@bp.get("/referrals/<int:referral_id>")
@requires("referral:read", "referral:answer")
def show(referral_id: int) -> ResponseReturnValue:
    """A referral, its answer, and what can be done with it."""
    return _show(referral_id, AcceptForm(formdata=None), DeclineForm(formdata=None))


@bp.post("/referrals/<int:referral_id>/accept")
@requires("referral:answer")
def accept(referral_id: int) -> ResponseReturnValue:
    """Say yes."""
    form = AcceptForm()
    if form.validate():
        try:
            services.accept_referral(
                referral_id=referral_id,
                start_on=form.start_on.data,
                note=form.answer_note.data or "",
                portal_url=_portal_url(),
                by=actor(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _answered(referral_id)
    return _show(referral_id, form, DeclineForm(formdata=None), wrong=form)


@bp.post("/referrals/<int:referral_id>/decline")
@requires("referral:answer")
def decline(referral_id: int) -> ResponseReturnValue:
    """Say no."""
    form = DeclineForm()
    if form.validate():
        try:
            services.decline_referral(
                referral_id=referral_id,
                reason=form.decline_reason.data,
                portal_url=_portal_url(),
                by=actor(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _answered(referral_id)
    return _show(referral_id, AcceptForm(formdata=None), form, wrong=form)


@bp.get("/referrals/<int:referral_id>/withdraw")
@requires("referral:send")
def ask_to_withdraw(referral_id: int) -> ResponseReturnValue:
    """Say what happens and who is told, before it happens."""
    referral = queries.referral_to_withdraw(actor(), referral_id)
    read_by(actor(), "referral", referral_id)
    return render_template("commissioning/withdraw.html", referral=referral)


@bp.post("/referrals/<int:referral_id>/withdraw")
@requires("referral:send")
def withdraw(referral_id: int) -> ResponseReturnValue:
    """Take it back while nobody has answered."""
    services.withdraw_referral(referral_id=referral_id, portal_url=_portal_url(), by=actor())
    flash("The referral is withdrawn. The provider has been told by letter.", "success")
    return redirect(url_for("commissioning.show", referral_id=referral_id), 303)


def _service(service_id: int) -> ServiceEntry:
    """A service that a child can be referred to today."""
    service = service_for(actor(), service_id)
    if not service.live:
        raise NotFound()
    return service


def _form(service: ServiceEntry, form: NeedProfileForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "commissioning/refer.html",
        service=service,
        form=form,
        written=profiles_to_send_on(actor()) if not form.request.data else (),
    )
    return page, status


def _answered(referral_id: int) -> ResponseReturnValue:
    flash("Your answer is sent. The school has been told by letter.", "success")
    return redirect(url_for("commissioning.show", referral_id=referral_id), 303)


def _show(
    referral_id: int, accepting: AcceptForm, declining: DeclineForm, wrong: Form | None = None
) -> ResponseReturnValue:
    read_by(actor(), "referral", referral_id)
    page = render_template(
        "commissioning/show.html",
        referral=queries.referral_for(actor(), referral_id),
        accepting=accepting,
        declining=declining,
        form=wrong,
        sends=_sends(actor()),
        beside=asked_beside(actor(), referral_id) if _sends(actor()) else (),
        as_at=clock.now(),
    )
    return page, 422 if wrong else 200


def _sends(viewer: Actor) -> bool:
    """Whether the page is drawn for the side that sends: a school's people, also those who only read."""
    return viewer.may("referral:read")


def _portal_url() -> str:
    return current_app.config["PORTAL"].public_url
