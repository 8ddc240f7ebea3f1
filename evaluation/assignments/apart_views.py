"""The page of the sections that are marked apart."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evaluation.assignments.apart_forms import ApartForm, ReleaseForm
from evaluation.assignments.apart_queries import apart_in, is_handed_out
from evaluation.assignments.apart_services import release_section, set_apart
from evaluation.assignments.services import NAMED_IN
from portal.accounts.gate import actor, requires
from tender.frameworks.queries import RoundFacts, round_for

bp = Blueprint("apart", __name__)


@bp.get("/rounds/<int:round_id>/panel/apart")
@requires("panel:manage")
def show(round_id: int) -> ResponseReturnValue:
    """Which sections are marked apart, and which of them are released."""
    return _page(round_for(actor(), round_id), None, None)


@bp.post("/rounds/<int:round_id>/panel/apart")
@requires("panel:manage")
def set_sections(round_id: int) -> ResponseReturnValue:
    """Set which sections are marked apart."""
    round = round_for(actor(), round_id)
    form = ApartForm()
    if form.validate_on_submit():
        with form.refusals():
            set_apart(round_id=round_id, sections=form.sections.data or [], by=actor())
            flash("The sections are saved.", "success")
            return redirect(url_for("apart.show", round_id=round_id), 303)
    return _page(round, form, None)


@bp.post("/rounds/<int:round_id>/panel/apart/release")
@requires("panel:manage")
def release(round_id: int) -> ResponseReturnValue:
    """Release a section to the other evaluators."""
    round = round_for(actor(), round_id)
    form = ReleaseForm()
    if form.validate_on_submit():
        with form.refusals():
            release_section(
                round_id=round_id, section=form.section.data or "", reason=form.reason.data or "", by=actor()
            )
            flash("The section is released to the other evaluators.", "success")
            return redirect(url_for("apart.show", round_id=round_id), 303)
    return _page(round, None, form)


def _page(round: RoundFacts, setting: ApartForm | None, releasing: ReleaseForm | None) -> ResponseReturnValue:
    sections, apart = round.section_titles, apart_in(round.id)
    closed = [row["section"] for row in apart if row["released_at"] is None]
    setting = setting or ApartForm(formdata=None, data={"sections": [row["section"] for row in apart]})
    setting.sections.choices = sections
    releasing = releasing or ReleaseForm(formdata=None)
    if releasing.section.data not in closed:
        releasing.section.data = closed[0] if closed else ""
    form = releasing if releasing.errors else setting
    page = render_template(
        "assignments/apart.html",
        round=round,
        sections=sections,
        apart=apart,
        setting=setting,
        releasing=releasing,
        may_set=round.state in NAMED_IN and not is_handed_out(round.id),
        form=form,
    )
    return page, form.http_status
