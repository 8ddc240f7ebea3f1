"""A round's pack as a file: saved by whoever reads it, taken over into a draft by its lead."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FileField, HiddenField

from portal.accounts.gate import actor, requires
from portal.errors import NotFound, Refusal
from portal.storage.filenames import attachment
from portal.web.fields import Required
from portal.web.filters import plural
from portal.web.forms import Form
from tender.frameworks.queries import draft_for
from tender.frameworks.round_views import READERS
from tender.packs import transfer_services as services
from tender.packs.queries import sums_by_lot
from tender.packs.reading import NotAPack
from tender.packs.transfer import exported, waiting_pack

bp = Blueprint("pack_files", __name__)
HERE = "/rounds/<int:round_id>/pack/file"


class FileForm(Form):
    """A pack to look into."""

    file = FileField(
        "File",
        description="A pack that a portal has saved, ending in .json, up to 2 MB.",
        validators=[Required("Choose a file.")],
    )


class TakeOverForm(Form):
    """The pack that was looked at."""

    seen = HiddenField()


@bp.get(HERE)
@requires(*READERS)
def save(round_id: int) -> ResponseReturnValue:
    """The pack as a file."""
    name, text = exported(actor(), round_id)
    return Response(text, mimetype="application/json", headers={"Content-Disposition": attachment(name)})


@bp.route("/rounds/<int:round_id>/pack/import", methods=["GET", "POST"])
@requires("framework:manage")
def choose(round_id: int) -> ResponseReturnValue:
    """Choose a file to look into."""
    facts = draft_for(actor(), round_id)
    form, sentences = FileForm(), ()
    if form.validate_on_submit():
        file = request.files["file"]
        try:
            services.stage_import(
                by=actor(), round_id=round_id, stream=file.stream, filename=file.filename or ""
            )
        except NotAPack as refusal:
            form.refuse("This file cannot be taken over. Below is what is wrong with it.", "file")
            sentences = refusal.sentences
        except Refusal as refusal:
            form.refuse(refusal, "file")
        else:
            return redirect(url_for(".check", round_id=round_id), 303)
    page = render_template("packs/import.html", round=facts, form=form, sentences=sentences)
    return page, form.http_status


@bp.route("/rounds/<int:round_id>/pack/import/check", methods=["GET", "POST"])
@requires("framework:manage")
def check(round_id: int) -> ResponseReturnValue:
    """What the file asks, what it would replace, and what this round has no lots for; then take it over."""
    try:
        waiting = waiting_pack(actor(), round_id)
    except NotFound:
        if request.method == "GET":
            raise
        draft_for(actor(), round_id)  # of another council nothing is there
        # The second press of a double click: it is taken over, and the pack says so.
        return redirect(url_for("packs.show", round_id=round_id), 303)
    form = TakeOverForm(data={"seen": waiting.fingerprint})
    if form.validate_on_submit():
        try:
            count = services.take_over(by=actor(), round_id=round_id, seen=form.seen.data or "")
        except Refusal as refusal:
            form.refuse(refusal)
            form.seen.data = waiting.fingerprint
        else:
            flash(f"The pack is taken over: {plural(count, 'question')}.", "success")
            return redirect(url_for("packs.show", round_id=round_id), 303)
    page = render_template(
        "packs/import_check.html",
        waiting=waiting,
        round=waiting.facts,
        form=form,
        sums=[sums_by_lot(pack, waiting.lots) for pack in (waiting.own, waiting.pack)],
    )
    return page, form.http_status


@bp.post("/rounds/<int:round_id>/pack/import/discard")
@requires("framework:manage")
def discard(round_id: int) -> ResponseReturnValue:
    """Forget the pack that waits."""
    services.discard_import(by=actor(), round_id=round_id)
    flash("The file is forgotten. The pack of the draft is as it was.")
    return redirect(url_for("packs.show", round_id=round_id), 303)
