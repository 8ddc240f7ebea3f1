"""Keeping a search as a shortlist, deciding, signing, and the evidence to take away."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.gate import actor, requires
from portal.directory.forms import SearchForm
from portal.directory.queries import search
from portal.errors import NotFound, Refusal
from portal.shortlists import queries, services
from portal.shortlists.evidence import MOST_KEPT, looked_for
from portal.shortlists.forms import ChoicesForm, FreezeForm, SignForm
from portal.shortlists.paper import shortlist_pdf
from portal.shortlists.queries import ShortlistFacts
from portal.storage.filenames import attachment
from portal.web.pagination import Page, page_number

bp = Blueprint("shortlists", __name__)

Addition = Callable[[ShortlistFacts, Actor], Mapping[str, object]]
_additions: list[Addition] = []


def add_to_shortlist(*additions: Addition) -> None:
    """Let rooms above this one say more beside the services that were kept: each gives names to the template.

    Called once, when the application is put together.
    """
    _additions[:] = additions


@bp.get("/shortlists")
@requires("shortlist:read")
def index() -> ResponseReturnValue:
    """The school's shortlists."""
    number = page_number(request.args.get("page"))
    lines, total = queries.shortlists_of(actor(), number)
    return render_template(
        "shortlists/index.html", page=Page(lines, number, total, queries.PAGE_SIZE), as_at=clock.now()
    )


@bp.get("/shortlists/new")
@requires("shortlist:keep")
def new() -> ResponseReturnValue:
    """What would be kept of the search in the address; nothing is kept yet."""
    return _freezing(FreezeForm.of(request.query_string.decode("ascii", "ignore")))


@bp.post("/shortlists/new")
@requires("shortlist:keep")
def freeze() -> ResponseReturnValue:
    """Keep what the search finds now."""
    form = FreezeForm()
    if form.validate():
        address = form.address.data or ""
        with form.refusals():
            shortlist = services.freeze_search(
                criteria=SearchForm.at(address).criteria(clock.today(), 1),
                address=address,
                label=form.label.data or "",
                token=form.sent_token(),
                by=actor(),
            )
            flash("The list is kept as it is now. Decide on each service, then sign.", "success")
            return redirect(url_for(".show", shortlist_id=shortlist.id), 303)
    return _freezing(form)


def _freezing(form: FreezeForm) -> ResponseReturnValue:
    criteria = SearchForm.at(form.address.data).criteria(clock.today(), 1)
    result = search(criteria)
    page = render_template(
        "shortlists/new.html",
        form=form,
        chosen=looked_for(criteria, result),
        total=result.total,
        most=MOST_KEPT,
        as_at=clock.now(),
    )
    return page, form.http_status


@bp.get("/shortlists/<int:shortlist_id>")
@requires("shortlist:read")
def show(shortlist_id: int) -> ResponseReturnValue:
    """What was found, and what is decided."""
    shortlist = queries.shortlist_for(actor(), shortlist_id)
    decided = [{"verdict": each.verdict or "", "reason": each.reason} for each in shortlist.listed]
    return _show(shortlist, ChoicesForm.showing(shortlist.version, decided))


@bp.post("/shortlists/<int:shortlist_id>")
@requires("shortlist:keep")
def decide(shortlist_id: int) -> ResponseReturnValue:
    """Save the decisions; with the buttons that say so, go on to signing, or to asking those kept."""
    shortlist, form = queries.draft_for(actor(), shortlist_id), ChoicesForm()
    if form.validate():
        try:
            services.decide(
                shortlist_id=shortlist_id,
                version=form.seen_version(),
                choices=form.decided(),
                reason_for_all=form.reason_for_all.data or "",
                leave_out_rest=bool(form.leave_out_rest.data),
                by=actor(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse_choices(refusal, [each.name for each in shortlist.listed])
        else:
            return redirect(_after_saving(shortlist_id, request.form.get("then")), 303)
    return _show(shortlist, form, 422)


def _after_saving(shortlist_id: int, then: str | None) -> str:
    """Where the button leads that saved the decisions."""
    if then == "ask":
        kept = [each.service_id for each in queries.shortlist_for(actor(), shortlist_id).kept if each.live]
        if kept:
            flash("Saved. Describe the child once, without a name, and choose who is asked.", "success")
            return url_for("commissioning.refer", service_id=kept[0], also=kept[1:])
        flash("Saved. Keep at least one service that takes new children; then you can ask.", "success")
    else:
        flash("Saved. Nothing is signed yet.", "success")
    return url_for(".sign" if then == "sign" else ".show", shortlist_id=shortlist_id)


def _show(shortlist: ShortlistFacts, form: ChoicesForm, status: int = 200) -> ResponseReturnValue:
    viewer, at = actor(), clock.now()
    if viewer.may("shortlist:keep") and shortlist.closed_at is None:
        page = render_template("shortlists/decide.html", shortlist=shortlist, form=form, as_at=at)
    else:
        more = {name: said for addition in _additions for name, said in addition(shortlist, viewer).items()}
        page = render_template("shortlists/show.html", **more, shortlist=shortlist, as_at=at)
    return page, status


@bp.get("/shortlists/<int:shortlist_id>/sign")
@requires("shortlist:keep")
def sign(shortlist_id: int) -> ResponseReturnValue:
    """What would be signed."""
    shortlist = queries.draft_for(actor(), shortlist_id)
    return _signing(shortlist, SignForm(formdata=None, version=str(shortlist.version)))


@bp.post("/shortlists/<int:shortlist_id>/sign")
@requires("shortlist:keep")
def close(shortlist_id: int) -> ResponseReturnValue:
    """Sign: nothing changes any more."""
    form = SignForm()
    if form.validate():
        with form.refusals():
            services.close_shortlist(shortlist_id=shortlist_id, version=form.seen_version(), by=actor())
            flash("Signed, with today’s date and your name.", "success")
            return redirect(url_for(".show", shortlist_id=shortlist_id), 303)
    return _signing(queries.draft_for(actor(), shortlist_id), form, 422)


def _signing(shortlist: ShortlistFacts, form: SignForm, status: int = 200) -> ResponseReturnValue:
    return render_template("shortlists/sign.html", shortlist=shortlist, form=form), status


@bp.get("/shortlists/<int:shortlist_id>/remove")
@requires("shortlist:keep")
def ask_to_remove(shortlist_id: int) -> ResponseReturnValue:
    """Ask first."""
    return render_template("shortlists/remove.html", shortlist=queries.draft_for(actor(), shortlist_id))


@bp.post("/shortlists/<int:shortlist_id>/remove")
@requires("shortlist:keep")
def remove(shortlist_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    services.remove_draft(shortlist_id=shortlist_id, by=actor())
    flash("The shortlist is removed.", "success")
    return redirect(url_for(".index"), 303)


@bp.get("/shortlists/<int:shortlist_id>/shortlist.pdf")
@requires("shortlist:read")
def pdf(shortlist_id: int) -> ResponseReturnValue:
    """A signed shortlist on paper."""
    shortlist = queries.signed_for(actor(), shortlist_id)
    return _download(shortlist_pdf(shortlist), f"Shortlist {shortlist.id}.pdf", "application/pdf")


@bp.get("/shortlists/<int:shortlist_id>/record.json")
@requires("shortlist:read")
def record(shortlist_id: int) -> ResponseReturnValue:
    """The record of a signed shortlist: exactly the bytes of its SHA-256."""
    shortlist = queries.signed_for(actor(), shortlist_id)
    return _download(shortlist.record(), f"Shortlist {shortlist.id}.json", "application/json")


def _download(content: bytes, name: str, kind: str) -> Response:
    return Response(content, 200, {"Content-Disposition": attachment(name)}, kind)
