"""Pages of the conditions of admissions: those that are open, and one to be met or given more time."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.outcomes import condition_queries as queries
from evaluation.outcomes.condition_forms import MeetForm, MoreTimeForm
from evaluation.outcomes.condition_services import give_more_time, meet_condition
from portal import clock
from portal.accounts.gate import actor, requires
from portal.evidence.queries import kept_among
from portal.web.filters import uk_date
from portal.web.pagination import Page, offset_of, page_number
from portal.web.reading import read_by
from portal.web.text import number_in, uuid_in

bp = Blueprint("conditions", __name__)


@bp.get("/admission-conditions")
@requires("condition:meet")
def index() -> ResponseReturnValue:
    """The open conditions of all admissions of the council, what is due first at the top."""
    number = page_number(request.args.get("page"))
    found, total = queries.open_conditions(actor(), skip=offset_of(number, queries.PAGE))
    page = Page(found, number, total, queries.PAGE)
    return render_template("outcomes/conditions.html", page=page, as_at=clock.now())


@bp.get("/admission-conditions/<int:condition_id>")
@requires("condition:meet")
def show(condition_id: int) -> ResponseReturnValue:
    """One condition, with what the provider's vault offers for it."""
    return _condition(condition_id)


def _condition(condition_id: int, filled: MeetForm | MoreTimeForm | None = None) -> ResponseReturnValue:
    """The page of a condition, with the form that was `filled` in and could not be kept."""
    condition = queries.condition_for(actor(), condition_id)
    given = queries.more_time_of(condition_id)
    form = filled if isinstance(filled, MeetForm) else MeetForm(formdata=None)
    later = filled if isinstance(filled, MoreTimeForm) else MoreTimeForm(formdata=None)
    later.seen.data = str(len(given))
    if filled and condition.met_at:
        # The boxes that this is about are not on the page any more.
        for field in filled:
            filled.form_errors, field.errors = [*filled.form_errors, *field.errors], []
    offered = [] if condition.met_at else queries.documents_for(condition)
    if offered:
        read_by(actor(), "profile", condition.provider_id)
    form.document.choices = [
        *((str(each.document_id), each.title) for each in offered),
        ("", "No document of the vault"),
    ]
    rendered = render_template(
        "outcomes/condition.html",
        condition=condition,
        hints={str(each.document_id): ", ".join((each.type_name, *each.facts.words)) for each in offered},
        shown_by=kept_among([condition.document_id]) if condition.document_id else {},
        given=given,
        meeting=form,
        later=later,
        form=filled or form,
        as_at=clock.now(),
    )
    return rendered, (filled.http_status if filled else 200)


@bp.post("/admission-conditions/<int:condition_id>")
@requires("condition:meet")
def meet(condition_id: int) -> ResponseReturnValue:
    """Note that a condition is met."""
    form = MeetForm()
    condition = queries.condition_for(actor(), condition_id)
    if form.validate_on_submit():
        with form.refusals():
            last = meet_condition(
                condition_id=condition_id,
                how=form.how.data or "",
                document_id=_document(form.document.data),
                by=actor(),
            )
            told = "is admitted in full" if last else "has met this condition, and others are open"
            flash(f"{condition.provider_name} {told}. It is told by letter.", "success")
            return redirect(url_for("conditions.index"), 303)
    return _condition(condition_id, form)


@bp.post("/admission-conditions/<int:condition_id>/more-time")
@requires("condition:meet")
def extend(condition_id: int) -> ResponseReturnValue:
    """Give a condition a later day."""
    form = MoreTimeForm()
    condition = queries.condition_for(actor(), condition_id)
    if form.validate_on_submit():
        assert form.due_on.data is not None
        with form.refusals():
            give_more_time(
                condition_id=condition_id,
                due_on=form.due_on.data,
                reason=form.reason.data or "",
                seen=number_in(form.seen.data, -1),
                by=actor(),
            )
            day = uk_date(form.due_on.data, weekday=True)
            flash(f"{condition.provider_name} has until {day}. It is told by letter.", "success")
            return redirect(url_for("conditions.show", condition_id=condition_id), 303)
    return _condition(condition_id, form)


def _document(chosen: str | None) -> UUID | None:
    """The document chosen; for what is none at all, one that no vault offers."""
    if not chosen:
        return None
    return uuid_in(chosen) or UUID(int=0)
