"""Pages of the list of all tenderers of a round, on which its people declare their conflicts."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.assignments import declaration_services as services
from evaluation.assignments.declaration_queries import (
    DECIDES,
    round_to_declare_on,
    tenderers_for,
    waits_to_be_opened,
)
from evaluation.assignments.forms import ListedConflictForm, ListForm
from evaluation.interests.queries import considerations
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.handling import error_page
from tender.applications.closed_queries import NotDeclaredYet

bp = Blueprint("declarations", __name__)
DECLARERS = ("tender:mark", "tender:moderate", *DECIDES)


@bp.app_errorhandler(NotDeclaredYet)
def declare_first(refusal: NotDeclaredYet) -> ResponseReturnValue:
    """Whoever would open a tender before declaring is led to the list; what they send is refused."""
    if request.method != "GET":
        return error_page(409, sentence=refusal.sentence)
    flash(refusal.sentence)
    return redirect(url_for("declarations.show", round_id=refusal.round_id))


@bp.get("/rounds/<int:round_id>/declarations")
@requires(*DECLARERS)
def show(round_id: int) -> ResponseReturnValue:
    """The names of all tenderers, and what this person declared on each."""
    return _page(round_id, ListForm(formdata=None), ListedConflictForm(formdata=None))


@bp.post("/rounds/<int:round_id>/declarations")
@requires(*DECLARERS)
def declare(round_id: int) -> ResponseReturnValue:
    """Declare that there is no conflict with those that were not named."""
    form = ListForm()
    try:
        services.declare_no_conflicts(round_id=round_id, seen=form.seen.data or "", by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(round_id, form, ListedConflictForm(formdata=None))
    flash("Your declaration is recorded.", "success")
    return redirect(url_for("home.show"), 303)


@bp.post("/rounds/<int:round_id>/declarations/conflict")
@requires(*DECLARERS)
def declare_conflict(round_id: int) -> ResponseReturnValue:
    """Declare a conflict with one of them."""
    form = ListedConflictForm()
    if form.validate_on_submit():
        with form.refusals():
            services.declare_conflict_on_list(
                round_id=round_id,
                place=form.place,
                kind=form.kind.data or "",
                conflict=form.conflict.data or "",
                seen=form.seen.data or "",
                by=actor(),
            )
            flash("Your conflict is recorded. The procurement lead is told.", "success")
            return redirect(url_for("declarations.show", round_id=round_id), 303)
    return _page(round_id, ListForm(formdata=None), form)


def _page(round_id: int, form: ListForm, conflict: ListedConflictForm) -> ResponseReturnValue:
    round = round_to_declare_on(actor(), round_id)
    listed = tenderers_for(actor(), round_id)
    form.seen.data = conflict.seen.data = listed.seen
    conflict.offer([each.name for each in listed.tenderers])
    me = {actor().person_id or 0: actor().name}
    page = render_template(
        "assignments/declarations.html",
        round=round,
        listed=listed,
        considerations=considerations(me, [each.provider_id for each in listed.undeclared]),
        hidden=round.names_hidden and actor().may("tender:mark"),
        closed_yet=waits_to_be_opened(actor(), round_id),
        form=conflict if conflict.errors or not form.errors else form,
        nothing=form,
        conflict=conflict,
    )
    return page, (422 if form.errors or conflict.errors else 200)
