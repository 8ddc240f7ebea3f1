"""The pack of a round: to read, to write while it is a draft, all weights at once."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from tender.frameworks import queries as frameworks
from tender.frameworks.readiness import problems_of_pack
from tender.packs import services
from tender.packs.copy_services import copy_pack
from tender.packs.queries import rounds_to_copy_from, sums_by_lot, weights_fingerprint
from tender.packs.refusals import ChangedMeanwhile, Faulty
from tender.packs.versions import versions_of
from tender.packs.weight_forms import CopyForm, weights_form

bp = Blueprint("packs", __name__)

READERS = ("framework:manage", "evaluation:read")


@bp.get("/rounds/<int:round_id>/pack")
@requires(*READERS)
def show(round_id: int) -> ResponseReturnValue:
    """The pack: of a draft its questions with the ways to change them, else the whole to read."""
    facts = frameworks.round_for(actor(), round_id)
    pack, lots = frameworks.pack_of(round_id), frameworks.lots_of_round(round_id)
    if facts.state != "draft":
        versions = versions_of(round_id)
        return render_template("packs/show.html", round=facts, pack=pack, lots=lots, versions=versions)
    return render_template(
        "packs/draft.html",
        round=facts,
        pack=pack,
        lots=lots,
        sums=sums_by_lot(pack, lots),
        problems=problems_of_pack(pack, lots, facts.admits_by),
    )


@bp.route("/rounds/<int:round_id>/pack/weights", methods=["GET", "POST"])
@requires("framework:manage")
def weights(round_id: int) -> ResponseReturnValue:
    """All weights and minimums in one table, with what they make for each lot."""
    facts = frameworks.draft_for(actor(), round_id)
    pack, lots = frameworks.pack_of(round_id), frameworks.lots_of_round(round_id)
    form, clash = weights_form(pack), False
    if form.validate_on_submit():
        try:
            services.set_weights(
                by=actor(), round_id=round_id, weights=form.given(), seen=form.seen.data or ""
            )
        except ChangedMeanwhile as conflict:
            form.refuse(conflict)
            form.seen.data, clash = weights_fingerprint(pack), True
        except Faulty as refusal:
            form.show(refusal)
        else:
            onward = "packs.weights" if request.form.get("then") == "stay" else "packs.show"
            return redirect(url_for(onward, round_id=round_id), 303)
    page = render_template(
        "packs/weights.html",
        form=form,
        round=facts,
        pack=pack,
        lots=lots,
        sums=sums_by_lot(pack, lots),
        clash=clash,
    )
    return page, 409 if clash else form.http_status


@bp.route("/rounds/<int:round_id>/pack/copy", methods=["GET", "POST"])
@requires("framework:manage")
def copy(round_id: int) -> ResponseReturnValue:
    """Put the pack of another round in the place of this draft's."""
    facts = frameworks.draft_for(actor(), round_id)
    sources = rounds_to_copy_from(actor(), round_id)
    form = CopyForm.offering(sources)
    if form.validate_on_submit():
        try:
            copied = copy_pack(by=actor(), round_id=round_id, source_id=form.source.data)
        except Refusal as refusal:
            form.refuse(refusal, "source")
        else:
            flash(copied.sentence)
            return redirect(url_for("packs.show", round_id=round_id), 303)
    pack = frameworks.pack_of(round_id)
    page = render_template("packs/copy.html", form=form, round=facts, pack=pack, sources=sources)
    return page, form.http_status
