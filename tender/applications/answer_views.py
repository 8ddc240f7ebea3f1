"""The page of one question: to read, to save as it is typed, to save and go on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from portal.accounts.gate import actor, requires
from portal.errors import NotFound, Refusal
from portal.storage.refusals import NotUploaded, in_megabytes
from portal.web.differences import differences
from portal.web.filters import uk_time
from portal.web.grid_fields import GridField
from portal.web.handling import error_page, let_the_browser_finish
from portal.web.pagination import page_number
from portal.web.text import clean_text, id_in, uuid_in
from tender.applications import queries
from tender.applications.answer_services import (
    Saved,
    SavedMeanwhile,
    attach_document,
    confirm_answer,
    detach_document,
    note_failed_upload,
    save_answer,
)
from tender.applications.carrying_queries import last_times
from tender.applications.closing import closes_as_json
from tender.applications.contents import Item, Tender, next_after
from tender.applications.forms import AnswerForm, DocumentsForm, answer_form, documents_form
from tender.applications.limits import needed_of_document
from tender.applications.queries import ApplicationFacts
from tender.applications.suggestions import Suggestion, suggested_answer
from tender.applications.upload_services import unfinished_at
from tender.applications.values import in_words
from tender.applications.vault_queries import from_vault
from tender.applications.vault_services import use_from_vault
from tender.applications.version_services import keep_theirs

bp = Blueprint("answers", __name__)
ONCE = "/applications/<int:application_id>/questions/<code>"
PER_LOT = "/applications/<int:application_id>/lots/<int:lot_id>/questions/<code>"
# Of what a form sends, all that the person did not type.
_NOT_TYPED = frozenset({"csrf_token", "version", "then", "settle"})


def address_of(application_id: int, item: Item | None) -> str:
    """Where an item is answered; the check page when there is none left."""
    if item is None:
        return url_for("applications.check", application_id=application_id)
    return url_for("answers.show", application_id=application_id, code=item.asked.code, lot_id=item.lot_id)


@bp.get(ONCE)
@bp.get(PER_LOT)
@requires("application:edit")
def show(application_id: int, code: str, lot_id: int | None = None) -> ResponseReturnValue:
    """The question with what was answered; once nothing can be changed, its place in the whole tender.

    Where another answer has made it one that is not asked, the task list.
    """
    facts = queries.own_application_for(actor(), application_id)
    if not facts.editable:
        place = queries.own_item_for(actor(), application_id, code, lot_id).anchor
        return redirect(url_for("applications.check", application_id=application_id, _anchor=place))
    tender = queries.tender_of(facts)
    item = tender.item(code, lot_id)
    if item is None:
        title = queries.own_item_for(actor(), application_id, code, lot_id).asked.title
        flash(f"“{title}” is not asked of you, as your other answers stand. What you gave for it is kept.")
        return redirect(url_for("applications.show", application_id=application_id))
    suggestion = suggested_answer(actor(), facts, item)
    drawn = replace(item, value=suggestion.value) if suggestion else item
    rows = page_number(request.args.get("rows"))
    form = documents_form(item.asked) if item.asked.kind == "file" else answer_form(drawn, rows=rows)
    if item.fault:
        form.refuse(f"Your answer is {item.fault}", "value")
    return _page(
        facts,
        item,
        form,
        tender,
        suggestion=suggestion,
        to_change="change" in request.args,
    )


@bp.post(ONCE)
@bp.post(PER_LOT)
@requires("application:edit")
def save(application_id: int, code: str, lot_id: int | None = None) -> ResponseReturnValue:
    """Save the answer and go where the button says; for the page's script, save it and say so in JSON."""
    item = queries.own_item_for(actor(), application_id, code, lot_id)
    if item.asked.kind == "file":
        return _save_documents(application_id, item)
    form = answer_form(item)
    if not form.validate_on_submit():
        return _refused(application_id, item, form)
    keep = keep_theirs if request.form.get("settle") == "theirs" else save_answer
    try:
        saved = keep(
            application_id=application_id,
            code=code,
            lot_id=lot_id,
            value=form.kept,
            version=form.drawn_with,
            by=actor(),
        )
    except SavedMeanwhile as clash:
        return _clash(application_id, item, form, clash)
    except Refusal as refusal:
        form.refuse(refusal)
        return _refused(application_id, item, form)
    typed = Item(item.asked, item.lot, value=form.kept)
    if _wants_json():
        return _saved_message(application_id, saved, typed)
    if isinstance(form.value, GridField) and request.form.get("then") == "row":
        return redirect(_with_another_row(application_id, item, len(form.value.rows)), 303)
    return redirect(_onward(application_id, item, stay=bool(typed.fault)), 303)


@bp.post(f"{ONCE}/confirm")
@bp.post(f"{PER_LOT}/confirm")
@requires("application:edit")
def confirm(application_id: int, code: str, lot_id: int | None = None) -> ResponseReturnValue:
    """Let the answer stand for the question as it is now, and go on."""
    item = queries.own_item_for(actor(), application_id, code, lot_id)
    confirm_answer(application_id=application_id, code=code, lot_id=lot_id, by=actor())
    return redirect(_onward(application_id, item, stay=False), 303)


@bp.errorhandler(413)
def too_large(error: HTTPException) -> ResponseReturnValue:
    """Say on the page of the question that what was sent for it is larger than one request may be.

    The request is refused before the gate is reached, so who asks is checked here.
    """
    let_the_browser_finish()
    place = request.view_args or {}
    try:
        facts = queries.own_application_for(actor(), place["application_id"])
    except NotFound:
        return error_page(404)
    tender = queries.tender_of(facts)
    item = tender.item(place["code"], place.get("lot_id"))
    if item is None or not facts.editable:
        return error_page(413)
    drawn = documents_form(item.asked, sent=False) if item.asked.kind == "file" else None
    form = drawn or answer_form(item, sent=False)
    form.refuse(_too_large_here(item), "value")
    if _wants_json():
        return {"message": f"Not saved. {_too_large_here(item)}"}, 413
    return _page(facts, item, form, tender), 413


def _too_large_here(item: Item) -> str:
    if item.asked.kind != "file":
        return (
            "What you sent is too long to be kept, so it was not saved; below is what was saved before. "
            "Go back in your browser to find what you typed, and shorten it."
        )
    largest = in_megabytes(current_app.config["PORTAL"].largest_request)
    return (
        f"The files you chose are larger than {largest} together, so none was uploaded. "
        "Upload them one at a time."
    )


def _save_documents(application_id: int, item: Item) -> ResponseReturnValue:
    """Remove the document whose button was pressed, or keep the files that were chosen."""
    form = documents_form(item.asked)
    if not form.validate_on_submit():
        return _refused(application_id, item, form)
    place: dict[str, Any] = {
        "application_id": application_id,
        "code": item.asked.code,
        "lot_id": item.lot_id,
        "by": actor(),
    }
    try:
        if "vault" in request.form:
            use_from_vault(**place, version_id=_version_id(request.form["vault"]))
        if "remove" in request.form:
            detach_document(**place, document_id=_uuid(request.form["remove"]))
            return redirect(address_of(application_id, item), 303)
    except Refusal as refusal:
        form.refuse(refusal)
    for file in form.files:
        try:
            attach_document(**place, stream=file.stream, filename=file.filename or "")
        except NotUploaded as refusal:
            note_failed_upload(application_id=application_id, by=actor())
            form.refuse(refusal, "value")
        except Refusal as refusal:
            form.refuse(refusal, "value")
    if form.errors:
        return _refused(application_id, item, form)
    if _wants_json():
        return {"message": "Uploaded, checked and kept."}
    return redirect(_onward(application_id, item), 303)


def _uuid(text: str) -> UUID:
    """The id of a document. Raises `NotFound` for what is not one."""
    found = uuid_in(text)
    if found is None:
        raise NotFound()
    return found


def _version_id(text: str) -> int:
    """The id of a version in the vault. Raises `Refusal` for what is not one."""
    found = id_in(text, None)
    if found is None:
        raise Refusal("Choose one of the documents in your vault.")
    return found


def _onward(application_id: int, item: Item, *, stay: bool = False) -> str:
    """Where the pressed button leads: to the list, to this page again, or to the next question."""
    then = request.form.get("then")
    if then == "list":
        return url_for("applications.show", application_id=application_id)
    if then == "stay" or stay:
        return address_of(application_id, item)
    return address_of(application_id, queries.item_after(actor(), application_id, item))


def _with_another_row(application_id: int, item: Item, rows: int) -> str:
    """The page of a table with one row more than the `rows` there were, at that row."""
    more = {"rows": rows + 1, "_anchor": f"value-{rows}"}
    return url_for(
        "answers.show", application_id=application_id, code=item.asked.code, lot_id=item.lot_id, **more
    )


def _refused(application_id: int, item: Item, form: AnswerForm | DocumentsForm) -> ResponseReturnValue:
    """The page again with what was typed and what is wrong with it; once nothing can be changed any more,
    what is kept and what is not."""
    facts = queries.own_application_for(actor(), application_id)
    if not facts.editable:
        return _not_kept(facts, item, form)
    if _wants_json():
        return {"message": f"Not saved yet. {_wrong_with(form)}"}, 422
    tender = queries.tender_of(facts)
    return _page(facts, tender.item(item.asked.code, item.lot_id) or item, form, tender), 422


def _wrong_with(form: AnswerForm | DocumentsForm) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def _not_kept(facts: ApplicationFacts, item: Item, form: AnswerForm | DocumentsForm) -> ResponseReturnValue:
    """Say that nothing can be changed since when, what is kept, and give back what was typed."""
    if _wants_json():
        missed = " This application was not submitted." if facts.too_late else ""
        # `locked` names the application: it may be given more time while the page is open.
        message = f"Not saved. {_wrong_with(form)} {item.kept_in_words}{missed}"
        return {"message": message, "locked": str(facts.id)}, 409
    page = render_template(
        "applications/not_kept.html",
        facts=facts,
        item=item,
        wrong=_wrong_with(form),
        words=_words_typed(item, form),
    )
    return page, 409


def _words_typed(item: Item, form: AnswerForm | DocumentsForm) -> str:
    """What a form brought for one question, to be read and copied: as it was typed where it is no answer."""
    if not isinstance(form, AnswerForm):
        return ""
    read = in_words(item.asked.kind, item.asked.options, form.kept, item.asked.shape)
    return "\n".join(read or [value for _, value in _typed() if value])


def _clash(application_id: int, item: Item, form: AnswerForm, clash: SavedMeanwhile) -> ResponseReturnValue:
    """Both texts side by side, to keep either or make one of both, over the version that stands now."""
    if _wants_json():
        return {"message": f"Not saved. {clash.sentence}", "clash": True}, 409
    form.put_version(clash.version)
    theirs, mine = (
        "\n".join(in_words(item.asked.kind, item.asked.known_options, value, item.asked.shape))
        for value in (clash.value, form.kept)
    )
    page = render_template(
        "applications/clash.html",
        facts=queries.own_application_for(actor(), application_id),
        item=item,
        form=form,
        clash=clash,
        sides=differences(theirs, mine),
        typed=_typed(),
    )
    return page, 409


def _typed() -> list[tuple[str, str]]:
    """Everything that the person typed, by the names of its fields, to be sent once more."""
    pairs = request.form.items(multi=True)
    return [(clean_text(name), clean_text(value)) for name, value in pairs if name not in _NOT_TYPED]


def _saved_message(application_id: int, saved: Saved, typed: Item) -> Mapping[str, object]:
    message = f"Saved at {uk_time(saved.saved_at)}."
    if typed.fault:
        message += f" Your answer is {typed.fault}"
    return {
        "message": message,
        "version": saved.version,
        "closes": closes_as_json({application_id: saved.closes_at}),
    }


def _page(
    facts: ApplicationFacts,
    item: Item,
    form: AnswerForm | DocumentsForm,
    tender: Tender,
    *,
    suggestion: Suggestion | None = None,
    to_change: bool = True,
) -> str:
    """The page of a question; where its carried answer stands, that answer alone unless it is `to_change`."""
    last = last_times(actor(), facts, tender.items).get((item.asked.code, item.lot_id))
    stands = last is not None and last.stands and item.state == "answered"
    following = next_after((item.asked.code, item.lot_id), tender.items)
    return render_template(
        "applications/question.html",
        facts=facts,
        item=item,
        form=form,
        place=tender.items.index(item) + 1 if item in tender.items else None,
        total=len(tender.items),
        section=next((each.title for each in tender.sections if item in each.items), ""),
        bands=queries.bands_of(item),
        needed=needed_of_document(item.asked.shape, facts.starts_on),
        vault=from_vault(actor(), facts, item),
        suggestion=suggestion,
        last=last,
        kept_as_it_is=stands and not item.changed_since_answered and not to_change,
        onward=address_of(facts.id, following),
        unfinished=unfinished_at(facts, item),
        in_words=in_megabytes,
    )


def _wants_json() -> bool:
    """Whether the page's script asks, and not a person who pressed a button."""
    return request.accept_mimetypes.best == "application/json"
