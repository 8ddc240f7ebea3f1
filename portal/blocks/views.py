"""Pages of block purchases, and of taking a place from one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.blocks import queries, services
from portal.blocks.forms import AnswerForm, CloseForm, TakeForm, TermsForm
from portal.call_offs.queries import routes_open_for
from portal.commissioning.queries import referral_for
from portal.directory.entries import ServiceEntry
from portal.directory.queries import service_for
from portal.errors import NotFound
from portal.web.addresses import portal_url
from portal.web.forms import Form
from portal.web.pagination import Page, page_number

bp = Blueprint("blocks", __name__)


@bp.get("/blocks")
@requires("block:buy", "block:answer")
def index() -> ResponseReturnValue:
    """What one's organisation has bought, or sold."""
    number = page_number(request.args.get("page"))
    found, total = queries.blocks_for(actor(), number)
    return render_template(
        "blocks/index.html", page=Page(found, number, total, queries.PAGE_SIZE), as_at=clock.now()
    )


@bp.get("/services/<int:service_id>/block")
@requires("block:buy")
def new(service_id: int) -> ResponseReturnValue:
    """The terms of a purchase."""
    service = _service(service_id)
    return _new(service, TermsForm.suggesting(service))


@bp.post("/services/<int:service_id>/block")
@requires("block:buy")
def check(service_id: int) -> ResponseReturnValue:
    """What that costs altogether; nothing is kept yet."""
    service, form = _service(service_id), TermsForm()
    if form.validate():
        with form.refusals():
            services.check_terms(form.terms())
            return render_template("blocks/check.html", service=service, form=form, terms=form.terms())
    return _new(service, form)


@bp.post("/services/<int:service_id>/block/change")
@requires("block:buy")
def change(service_id: int) -> ResponseReturnValue:
    """Back to the terms, with all that was typed."""
    return _new(_service(service_id), TermsForm())


@bp.post("/services/<int:service_id>/block/send")
@requires("block:buy")
def propose(service_id: int) -> ResponseReturnValue:
    """Send them to the provider."""
    service, form = _service(service_id), TermsForm()
    if form.validate():
        with form.refusals():
            block = services.propose(
                service_id=service_id, terms=form.terms(), portal_url=portal_url(), by=actor()
            )
            flash("Your purchase is proposed. The provider has been told by letter.", "success")
            return redirect(url_for(".show", block_id=block.id), 303)
    return _new(service, form)


@bp.get("/blocks/<int:block_id>")
@requires("block:buy", "block:answer")
def show(block_id: int) -> ResponseReturnValue:
    """One purchase: its terms, its answer, and how much of it is taken."""
    return _show(block_id)


@bp.post("/blocks/<int:block_id>/answer")
@requires("block:answer")
def answer(block_id: int) -> ResponseReturnValue:
    """Agree, or not."""
    form = AnswerForm()
    if form.validate():
        with form.refusals():
            services.answer(
                block_id=block_id,
                agree=form.decision.data == "agree",
                note=form.note.data or "",
                portal_url=portal_url(),
                by=actor(),
            )
            flash("Your answer is sent. The buyer has been told by letter.", "success")
            return redirect(url_for(".show", block_id=block_id), 303)
    return _show(block_id, answering=form, wrong=form)


@bp.post("/blocks/<int:block_id>/close")
@requires("block:buy")
def close(block_id: int) -> ResponseReturnValue:
    """Take a proposal back, or end a purchase."""
    form = CloseForm()
    if form.validate():
        with form.refusals():
            services.close(block_id=block_id, reason=form.reason.data, portal_url=portal_url(), by=actor())
            flash("Done. The provider has been told by letter.", "success")
            return redirect(url_for(".show", block_id=block_id), 303)
    return _show(block_id, closing=form, wrong=form)


@bp.get("/referrals/<int:referral_id>/choose/block")
@requires("referral:send")
def choose(referral_id: int) -> ResponseReturnValue:
    """Choose an offer by a place that was bought before."""
    return _choose(referral_id, TakeForm(formdata=None))


@bp.post("/referrals/<int:referral_id>/choose/block")
@requires("referral:send")
def take(referral_id: int) -> ResponseReturnValue:
    """Take the place."""
    form = TakeForm()
    if form.validate():
        with form.refusals():
            choice = services.take_place(
                block_id=form.block_id(),
                referral_id=referral_id,
                reason=form.reason.data,
                pupil_preference=form.pupil_preference.data or "",
                parent_preference=form.parent_preference.data or "",
                portal_url=portal_url(),
                by=actor(),
            )
            flash("Your choice is kept, and everybody who was asked is told by letter.", "success")
            return redirect(url_for("call_offs.show", call_off_id=choice.id), 303)
    return _choose(referral_id, form)


def _service(service_id: int) -> ServiceEntry:
    service = service_for(actor(), service_id)
    if not service.live:
        raise NotFound()
    return service


def _new(service: ServiceEntry, form: TermsForm) -> ResponseReturnValue:
    opens = "block" in routes_open_for(service.id)
    return render_template("blocks/new.html", service=service, form=form, opens=opens), form.http_status


def _show(
    block_id: int,
    answering: AnswerForm | None = None,
    closing: CloseForm | None = None,
    wrong: Form | None = None,
) -> ResponseReturnValue:
    block = queries.block_for(actor(), block_id)
    page = render_template(
        "blocks/show.html",
        block=block,
        moves=queries.moves_open_to(actor(), block),
        children=queries.children_in(block),
        answering=answering or AnswerForm(formdata=None),
        closing=closing or CloseForm(formdata=None),
        form=wrong,
        as_at=clock.now(),
    )
    return page, 422 if wrong else 200


def _choose(referral_id: int, form: TakeForm) -> ResponseReturnValue:
    referral = referral_for(actor(), referral_id)
    page = render_template(
        "blocks/choose.html",
        referral=referral,
        blocks=queries.open_to(actor(), referral.service_id) if referral.state == "accepted" else [],
        form=form,
        as_at=clock.now(),
    )
    return page, form.http_status
