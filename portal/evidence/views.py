"""Pages of the vault, for its provider's people."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.evidence import queries, services, upload_services
from portal.evidence.document_types import DOCUMENT_TYPES
from portal.evidence.facts import frozen_words
from portal.evidence.forms import AddForm, CorrectForm, ReplaceForm
from portal.storage.inspection import endings_for
from portal.storage.refusals import in_megabytes
from portal.web.forms import Form
from portal.web.pagination import Page, offset_of, page_number

bp = Blueprint("evidence", __name__)
bp.add_app_template_filter(frozen_words, "document_facts")
ONE = "/organisation/evidence/<int:evidence_id>"


@bp.get("/organisation/evidence")
@requires("evidence:edit")
def index() -> ResponseReturnValue:
    """Everything in the vault, what runs out first before all else."""
    number = page_number(request.args.get("page"))
    found, total = queries.vault_of(actor(), skip=offset_of(number, queries.A_PAGE))
    return render_template(
        "evidence/index.html", page=Page(found, number, total, queries.A_PAGE), as_at=clock.now()
    )


@bp.route("/organisation/evidence/add", methods=["GET", "POST"])
@requires("evidence:edit")
def add() -> ResponseReturnValue:
    """A new document with its facts."""
    form = AddForm()
    form.offer(upload_services.held_by(actor()))
    if form.validate_on_submit():
        with form.refusals("file"):
            services.add_evidence(
                type=form.type.data or "",
                title=form.title.data or "",
                facts=form.facts,
                **form.given,
                by=actor(),
            )
            flash("The document is in your vault. You can use it in every application.", "success")
            return redirect(url_for(".index"), 303)
    page = render_template("evidence/add.html", form=form, types=DOCUMENT_TYPES, **_sending())
    return page, form.http_status


def _sending() -> dict[str, object]:
    """What the forms say of files on their way."""
    return {
        "accept": endings_for(services.ACCEPTED),
        "largest": services.LARGEST,
        "unfinished": upload_services.unfinished_of(actor()),
        "in_words": in_megabytes,
    }


@bp.get(ONE)
@requires("evidence:edit")
def show(evidence_id: int) -> ResponseReturnValue:
    """One evidence with all its versions."""
    return _show(evidence_id, Form())


def _show(evidence_id: int, form: Form) -> ResponseReturnValue:
    newest, *earlier = queries.versions_for(actor(), evidence_id)
    page = render_template(
        "evidence/show.html",
        newest=newest,
        earlier=earlier,
        used=queries.in_use([newest, *earlier]),
        as_at=clock.now(),
        form=form,
    )
    return page, form.http_status


@bp.route(f"{ONE}/replace", methods=["GET", "POST"])
@requires("evidence:edit")
def replace(evidence_id: int) -> ResponseReturnValue:
    """Put a newer document in its place."""
    newest = queries.versions_for(actor(), evidence_id)[0]
    form = ReplaceForm(data={"issuer": newest.facts.issuer, "cover": newest.facts.cover})
    form.offer(upload_services.held_by(actor()))
    if form.validate_on_submit():
        with form.refusals("file"):
            services.replace_evidence(
                evidence_id=evidence_id,
                facts=form.facts,
                **form.given,
                by=actor(),
            )
            flash("The new version is in your vault. The earlier one is kept.", "success")
            return redirect(url_for(".show", evidence_id=evidence_id), 303)
    page = render_template("evidence/replace.html", form=form, newest=newest, **_sending())
    return page, form.http_status


@bp.route(f"{ONE}/correct", methods=["GET", "POST"])
@requires("evidence:edit")
def correct(evidence_id: int) -> ResponseReturnValue:
    """Correct the facts of the newest version."""
    newest = queries.versions_for(actor(), evidence_id)[0]
    form = CorrectForm.showing(newest)
    if form.validate_on_submit():
        try:
            _correct(evidence_id, form)
        except Refusal as refusal:
            form.refuse(refusal)
            newest = queries.versions_for(actor(), evidence_id)[0]
            form.see(newest)
        else:
            flash("The facts are corrected.", "success")
            return redirect(url_for(".show", evidence_id=evidence_id), 303)
    page = render_template("evidence/correct.html", form=form, newest=newest)
    return page, form.http_status


def _correct(evidence_id: int, form: CorrectForm) -> None:
    version_id, revision = form.seen
    changes: dict[str, Any] = {"title": form.title.data or "", "facts": form.facts}
    services.correct_evidence(
        evidence_id=evidence_id, version_id=version_id, revision=revision, by=actor(), **changes
    )


@bp.post(f"{ONE}/remove")
@requires("evidence:edit")
def remove(evidence_id: int) -> ResponseReturnValue:
    """Take it out of the vault, where nothing uses it."""
    form = Form()
    try:
        services.remove_evidence(evidence_id=evidence_id, by=actor())
    except services.InUse as refusal:
        form.refuse(refusal)
        return _show(evidence_id, form)
    flash("The document is removed from your vault.", "success")
    return redirect(url_for(".index"), 303)


@bp.get(f"{ONE}/versions/<int:version>")
@requires("evidence:edit")
def download(evidence_id: int, version: int) -> ResponseReturnValue:
    """Send the browser to a document by a link that soon expires."""
    return redirect(services.open_version(evidence_id=evidence_id, version=version, by=actor()), 303)
