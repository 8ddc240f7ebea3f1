"""The lead's pages of the last day: the board, and giving more time."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.web.addresses import portal_url
from portal.web.pagination import Page, page_number
from tender.deadline import services
from tender.deadline.forms import extend_form
from tender.deadline.queries import board_of
from tender.frameworks.queries import extensions_of, intake_after, round_for

bp = Blueprint("deadline", __name__)


@bp.get("/rounds/<int:round_id>/board")
@requires("framework:manage")
def board(round_id: int) -> ResponseReturnValue:
    """How far the applications are, as at the moment of asking; a link draws it again."""
    facts = round_for(actor(), round_id)
    number = page_number(request.args.get("page"))
    shown = board_of(facts, number)
    return render_template(
        "deadline/board.html",
        round=facts,
        board=shown,
        page=Page(shown.lines, number, shown.started),
        as_at=clock.now(),
    )


@bp.route("/rounds/<int:round_id>/extend", methods=["GET", "POST"])
@requires("framework:manage")
def extend(round_id: int) -> ResponseReturnValue:
    """Give more time to everyone or to named applicants, after a fault."""
    facts = round_for(actor(), round_id)
    following = intake_after(facts)
    form = extend_form(
        *(
            moment if moment and moment > clock.now() else None
            for moment in (facts.questions_until, facts.answers_by)
        ),
        named_only=following is not None and following.phase != "upcoming",
    )
    if form.validate_on_submit():
        named = form.whom.data == "named"
        with form.refusals():
            services.extend(
                round_id=round_id,
                closes_at=form.closes_at.data,
                reason=form.reason.data or "",
                references=(form.references.data or "").splitlines() if named else None,
                fairness=form.fairness.data or "",
                **form.moved,
                portal_url=portal_url(),
                by=actor(),
            )
            flash("More time is given, and everyone is told.", "success")
            return redirect(url_for("rounds.show", round_id=round_id), 303)
    page = render_template(
        "deadline/extend.html",
        round=facts,
        form=form,
        following=following,
        named=extensions_of(round_id, named=True),
    )
    return page, form.http_status
