"""Referring a child to a service, and what becomes of it."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.gate import actor, requires
from portal.commissioning import answer_services, queries, services
from portal.commissioning.choices import choices_of
from portal.commissioning.forms import DeclineForm, NeedProfileForm, OfferForm
from portal.commissioning.requests import asked_beside, profiles_to_send_on
from portal.commissioning.windows import in_words, windows_in_force
from portal.directory.entries import ServiceEntry
from portal.directory.offer import DAYS, HALVES, need_names
from portal.directory.queries import service_for, service_named
from portal.errors import NotFound
from portal.web.addresses import portal_url
from portal.web.forms import Form
from portal.web.pagination import Page, page_number
from portal.web.reading import read_by
from portal.web.text import id_in

bp = Blueprint("commissioning", __name__)


@bp.get("/services/<int:service_id>/refer")
@requires("referral:send")
def refer(service_id: int) -> ResponseReturnValue:
    """Describe a child's needs to a service."""
    like = id_in(request.args.get("like"), None)
    if like is not None:
        return _form(_service(service_id), NeedProfileForm.like(*queries.profile_for(actor(), like)))
    return _form(_service(service_id), NeedProfileForm.empty())


@bp.post("/services/<int:service_id>/refer")
@requires("referral:send")
def check(service_id: int) -> ResponseReturnValue:
    """Show exactly what the provider will see; nothing is kept yet."""
    service, form = _service(service_id), NeedProfileForm()
    if form.validate():
        with form.refusals():
            services.check_profile(form.profile())
            return render_template(
                "commissioning/check.html",
                service=service,
                form=form,
                profile=form.profile(),
                need_names=need_names(form.profile().needs),
                answer_wanted=in_words(urgent=form.profile().urgent, **windows_in_force()),
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
        with form.refusals():
            referral = services.send_referral(
                service_id=service_id,
                profile=form.profile(),
                token=form.sent_token(),
                request_id=form.joined_request(),
                portal_url=portal_url(),
                by=actor(),
            )
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
        "commissioning/index.html",
        page=Page(lines, number, total),
        chosen={
            choice.referral_id
            for choice in choices_of({line.request_id for line in lines if line.state == "accepted"}).values()
        },
        sends=_sends(actor()),
        as_at=clock.now(),
    )


@bp.get("/referrals/<int:referral_id>")
@requires("referral:read", "referral:answer")
def show(referral_id: int) -> ResponseReturnValue:
    """A referral, its answer, and what can be done with it."""
    return _show(referral_id)


@bp.post("/referrals/<int:referral_id>/accept")
@requires("referral:answer")
def accept(referral_id: int) -> ResponseReturnValue:
    """Say yes."""
    form = OfferForm()
    return _answer(
        referral_id,
        form,
        lambda: answer_services.accept_referral(
            referral_id=referral_id, offer=form.offer(), portal_url=portal_url(), by=actor()
        ),
    )


@bp.post("/referrals/<int:referral_id>/decline")
@requires("referral:answer")
def decline(referral_id: int) -> ResponseReturnValue:
    """Say no."""
    form = DeclineForm()
    return _answer(
        referral_id,
        form,
        lambda: answer_services.decline_referral(
            referral_id=referral_id, reason=form.decline_reason.data, portal_url=portal_url(), by=actor()
        ),
    )


@bp.post("/referrals/<int:referral_id>/take-back")
@requires("referral:answer")
def take_back(referral_id: int) -> ResponseReturnValue:
    """Say no after all."""
    form = DeclineForm()
    return _answer(
        referral_id,
        form,
        lambda: answer_services.take_offer_back(
            referral_id=referral_id, reason=form.decline_reason.data, portal_url=portal_url(), by=actor()
        ),
    )


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
    services.withdraw_referral(referral_id=referral_id, portal_url=portal_url(), by=actor())
    flash("The referral is withdrawn. The provider has been told by letter.", "success")
    return redirect(url_for("commissioning.show", referral_id=referral_id), 303)


def _service(service_id: int) -> ServiceEntry:
    """A service that a child can be referred to today."""
    service = service_for(actor(), service_id)
    if not service.live:
        raise NotFound()
    return service


def _form(service: ServiceEntry, form: NeedProfileForm, status: int = 200) -> ResponseReturnValue:
    form.say_windows(windows_in_force())
    page = render_template(
        "commissioning/refer.html",
        service=service,
        form=form,
        written=profiles_to_send_on(actor()) if not form.request.data else (),
    )
    return page, status


def _answer(referral_id: int, form: Form, send: Callable[[], None]) -> ResponseReturnValue:
    """Send the answer, or show the page again with what was typed and what is wrong with it."""
    if form.validate():
        with form.refusals():
            send()
            flash("Your answer is sent. The school has been told by letter.", "success")
            return redirect(url_for("commissioning.show", referral_id=referral_id), 303)
    return _show(referral_id, wrong=form)


def _show(referral_id: int, wrong: Form | None = None) -> ResponseReturnValue:
    viewer = actor()
    read_by(viewer, "referral", referral_id)
    referral = queries.referral_for(viewer, referral_id)
    sends = _sends(viewer)
    page = render_template(
        "commissioning/show.html",
        referral=referral,
        **_answering(referral, wrong),
        form=wrong,
        sends=sends,
        beside=asked_beside(viewer, referral_id) if sends else (),
        days=DAYS,
        halves=HALVES,
        as_at=clock.now(),
    )
    return page, 422 if wrong else 200


def _answering(referral: queries.ReferralFacts, wrong: Form | None) -> dict[str, object]:
    """What the page needs for an answer: the service as its page states it, and the two forms."""
    service = service_named(referral.service_id) if referral.moves & {"accept", "take_back"} else None
    suggested = OfferForm.suggesting(service, referral.days_a_week or 0) if service else None
    return {
        "service": service,
        "offering": wrong if isinstance(wrong, OfferForm) else suggested,
        "declining": wrong if isinstance(wrong, DeclineForm) else DeclineForm(formdata=None),
    }


def _sends(viewer: Actor) -> bool:
    """Whether the page is drawn for the side that sends: a school's people, also those who only read."""
    return viewer.may("referral:read")
