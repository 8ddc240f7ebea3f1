"""Pages of a round's documents: the lead adds and replaces them, anyone downloads them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, public, requires
from portal.storage.inspection import endings_for
from portal.storage.refusals import in_megabytes
from portal.web.addresses import portal_url
from portal.web.pagination import Page, page_number
from tender.documents import queries, services, upload_services
from tender.documents.forms import AddForm, ReplaceForm
from tender.documents.models import KINDS
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import round_for

bp = Blueprint("round_documents", __name__)


@bp.app_context_processor
def words() -> dict[str, object]:
    """How kinds and sizes of documents read, for every template that lists them."""
    return {"document_kinds": KINDS, "in_megabytes": in_megabytes}


@bp.route("/rounds/<int:round_id>/documents", methods=["GET", "POST"])
@requires("framework:manage")
def index(round_id: int) -> ResponseReturnValue:
    """The documents of a round with their downloads, and the form that adds one."""
    facts = round_for(actor(), round_id)
    form = AddForm()
    form.offer(upload_services.held_of(facts, actor()))
    if form.validate_on_submit():
        with form.refusals("file"):
            services.add(
                round_id=round_id,
                title=form.title.data or "",
                kind=form.kind.data or "",
                portal_url=portal_url(),
                by=actor(),
                **form.given,
            )
            flash("The document is added.", "success")
            return redirect(url_for(".index", round_id=round_id), 303)
    number = page_number(request.args.get("page"))
    readers, total = queries.readers_of(facts, number)
    page = render_template(
        "documents/index.html",
        round=facts,
        form=form,
        papers=queries.papers_of(facts),
        named=queries.names_readers(facts),
        readers=Page(readers, number, total),
        as_at=clock.now(),
        **_sending(facts),
    )
    return page, form.http_status


@bp.route("/round-documents/<int:round_document_id>/replace", methods=["GET", "POST"])
@requires("framework:manage")
def replace(round_document_id: int) -> ResponseReturnValue:
    """Give a document a new version."""
    facts = round_for(actor(), queries.round_of(actor(), round_document_id))
    form = ReplaceForm()
    form.offer(upload_services.held_of(facts, actor()))
    if form.validate_on_submit():
        with form.refusals("file"):
            services.replace(
                round_document_id=round_document_id,
                reason=form.reason.data or "",
                portal_url=portal_url(),
                by=actor(),
                **form.given,
            )
            flash("The new version is added. The earlier one stays to be read.", "success")
            return redirect(url_for(".index", round_id=facts.id), 303)
    version = queries.version_for(actor(), round_document_id)
    page = render_template(
        "documents/replace.html", round=facts, version=version, form=form, **_sending(facts)
    )
    return page, form.http_status


@bp.post("/round-documents/<int:round_document_id>/remove")
@requires("framework:manage")
def remove(round_document_id: int) -> ResponseReturnValue:
    """Take a document out of a draft round."""
    round_id = services.remove(round_document_id=round_document_id, by=actor())
    return redirect(url_for(".index", round_id=round_id), 303)


@bp.get("/opportunities/<int:round_id>/documents/<int:round_document_id>")
@public
def download(round_id: int, round_document_id: int) -> ResponseReturnValue:
    """Send the browser to a document by a link that soon expires."""
    if request.method == "HEAD":  # Whoever only asks whether it is there is not counted.
        queries.file_of(actor(), round_id, round_document_id)
        return ""
    link = services.download(round_id=round_id, round_document_id=round_document_id, by=actor())
    return redirect(link, 303)


def _sending(facts: RoundFacts) -> dict[str, object]:
    """What the forms say of files on their way."""
    return {
        "accept": endings_for(services.ACCEPTED),
        "largest": services.LARGEST,
        "unfinished": upload_services.unfinished_of(facts, actor()),
    }
