"""Referring a child to one or several services, and what becomes of it."""

from collections.abc import Callable, Collection, Iterable, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.gate import actor, requires
from portal.commissioning import answer_services, queries, services
from portal.commissioning.choices import agreed_among, choices_of
from portal.commissioning.fitting import fits_of_need
from portal.commissioning.forms import DeclineForm, NeedProfileForm, OfferForm
from portal.commissioning.models import Referral
from portal.commissioning.requests import asked_and_open, asked_beside, profiles_to_send_on
from portal.commissioning.windows import in_words, windows_in_force
from portal.directory.entries import ServiceEntry, entries_where
from portal.directory.models import Service
from portal.directory.offer import DAYS, HALVES
from portal.directory.queries import service_for, service_named
from portal.errors import NotFound
from portal.web.addresses import portal_url
from portal.web.forms import Form
from portal.web.pagination import Page, page_number
from portal.web.reading import read_by
from portal.web.text import id_in

bp = Blueprint("commissioning", __name__)

Addition = Callable[[Actor, int], Iterable[tuple[str, str]]]
_additions: list[Addition] = []


def add_to_referral(*additions: Addition) -> None:
    """Let higher rooms give a referral's page links, (words, address), for `(viewer, referral_id)`.

    Called once, when the application is put together; each takes at most one statement.
    """
    _additions[:] = additions


@bp.get("/services/<int:service_id>/refer")
@requires("referral:send")
def refer(service_id: int) -> ResponseReturnValue:
    """Describe a child's needs to a service, and to others beside it that the address names as `also`."""
    offered, like = _offered(service_id), id_in(request.args.get("like"), None)
    if like is None:
        return _form(offered, NeedProfileForm.empty())
    profile, request_id = queries.profile_for(actor(), like)
    return _form(offered, NeedProfileForm.like(profile, request_id), but=asked_and_open(request_id))


@bp.post("/services/<int:service_id>/refer")
@requires("referral:send")
def check(service_id: int) -> ResponseReturnValue:
    """Show exactly what the providers will see; nothing is kept yet."""
    offered, form = _offered(service_id), NeedProfileForm()
    form.offer_services(offered)
    if form.validate():
        with form.refusals():
            services.check_profile(form.profile())
            return render_template(
                "commissioning/check.html",
                asked=fits_of_need(form.profile(), [each for each in offered if each.id in form.asked()]),
                address={"service_id": service_id, "also": [each.id for each in offered[1:]]},
                form=form,
                profile=form.profile(),
                as_at=clock.now(),
                answer_wanted=in_words(urgent=form.profile().urgent, **windows_in_force()),
            )
    return _form(offered, form, 422)


@bp.post("/services/<int:service_id>/refer/change")
@requires("referral:send")
def change(service_id: int) -> ResponseReturnValue:
    """Back from the preview to the form, with all that was typed."""
    return _form(_offered(service_id), NeedProfileForm())


@bp.post("/services/<int:service_id>/refer/send")
@requires("referral:send")
def send(service_id: int) -> ResponseReturnValue:
    """Send it to everybody who is asked."""
    offered, form = _named(service_id), NeedProfileForm()
    form.offer_services(offered)
    if form.validate():
        with form.refusals():
            sent = services.send_referrals(
                service_ids=form.asked(),
                profile=form.profile(),
                token=form.sent_token(),
                request_id=form.joined_request(),
                portal_url=portal_url(),
                by=actor(),
            )
            return _sent(sent)
    return _form(offered, form, 422)


@bp.get("/referrals")
@requires("referral:read", "referral:answer")
def index() -> ResponseReturnValue:
    """What the school sent, or the provider received."""
    number = page_number(request.args.get("page"))
    lines, total = queries.referrals_for(actor(), number)
    if lines:
        read_by(actor(), "referral", "list", referrals=[line.id for line in lines])
    chosen = choices_of({line.request_id for line in lines if line.state == "accepted"}).values()
    return render_template(
        "commissioning/index.html",
        page=Page(lines, number, total),
        chosen={choice.referral_id for choice in chosen},
        agreed=agreed_among(chosen),
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


def _offered(service_id: int) -> list[ServiceEntry]:
    """Who can be asked for a child today: the service of the address, and those beside it."""
    service = service_for(actor(), service_id)
    if not service.live:
        raise NotFound()
    return [service, *(each for each in _beside(service_id) if each.live)]


def _named(service_id: int) -> list[ServiceEntry]:
    """The same, whether or not a child can be referred to them any more."""
    return [service_named(service_id), *_beside(service_id)]


def _beside(service_id: int) -> list[ServiceEntry]:
    """The other services that the address names, at most so many as can be asked in one step."""
    also = _also(service_id)[: services.MOST_ASKED - 1]
    found = {each.id: each for each in entries_where(Service.id.in_(also))} if also else {}
    return [found[number] for number in also if number in found]


def _also(service_id: int) -> list[int]:
    """The other services that the address names, in its order."""
    named = (id_in(each, 0) for each in request.args.getlist("also"))
    return [number for number in dict.fromkeys(named) if number not in (0, service_id)]


def _form(
    offered: list[ServiceEntry], form: NeedProfileForm, status: int = 200, but: Collection[int] = ()
) -> ResponseReturnValue:
    form.say_windows(windows_in_force())
    form.offer_services(offered, but)
    page = render_template(
        "commissioning/refer.html",
        offered=offered,
        address={"service_id": offered[0].id, "also": [each.id for each in offered[1:]]},
        form=form,
        most_asked=services.MOST_ASKED,
        left_out=max(0, len(_also(offered[0].id)) + 1 - services.MOST_ASKED),
        days=DAYS,
        halves=HALVES,
        as_at=clock.now(),
        written=profiles_to_send_on(actor()) if not form.request.data else (),
    )
    return page, status


def _sent(sent: Sequence[Referral]) -> ResponseReturnValue:
    """On to the referral, or to all of one child side by side."""
    if len(sent) == 1:
        flash(f"Referral {sent[0].reference} is sent. The provider has been told by letter.", "success")
        return redirect(url_for("commissioning.show", referral_id=sent[0].id), 303)
    flash(
        f"{len(sent)} referrals are sent for this child, one to each provider. Each has been told by letter.",
        "success",
    )
    return redirect(url_for("call_offs.answers", referral_request=sent[0].request_id), 303)


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
        further=[link for addition in _additions for link in addition(viewer, referral_id)],
        beside=asked_beside(viewer, referral_id) if sends else (),
        days=DAYS,
        halves=HALVES,
        as_at=clock.now(),
    )
    return page, 422 if wrong else 200


def _answering(referral: queries.ReferralFacts, wrong: Form | None) -> dict[str, object]:
    """What the page needs for an answer: the service as its page states it, and the two forms."""
    service = service_named(referral.service_id) if referral.moves & {"accept", "take_back"} else None
    suggested = OfferForm.suggesting(service, referral) if service else None
    return {
        "service": service,
        "offering": wrong if isinstance(wrong, OfferForm) else suggested,
        "declining": wrong if isinstance(wrong, DeclineForm) else DeclineForm(formdata=None),
    }


def _sends(viewer: Actor) -> bool:
    """Whether the page is drawn for the side that sends: a school's people, also those who only read."""
    return viewer.may("referral:read")
