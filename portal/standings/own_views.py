"""A provider's own standing: what runs out when, what to do, and its answer to what the council decided."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.standings import evidence_queries, queries, services
from portal.standings.forms import AnswerForm
from portal.web.addresses import portal_url

bp = Blueprint("own_standing", __name__)


@bp.get("/your-standing")
@requires("standing:follow")
def show() -> ResponseReturnValue:
    """Every lot of the provider, with what keeps it open."""
    standings = queries.own_standings(actor())
    changes = queries.changes_of([each.id for each in standings])
    return render_template(
        "standings/own.html",
        standings=standings,
        asked=evidence_queries.asked_of(standings),
        changes={each.id: [c for c in changes if c.standing_id == each.id] for each in standings},
        as_at=clock.now(),
    )


@bp.get("/your-standing/changes/<int:change_id>")
@requires("standing:follow")
def change(change_id: int) -> ResponseReturnValue:
    """One change with its reason, and the provider's answer."""
    return _change(change_id, AnswerForm(formdata=None))


@bp.post("/your-standing/changes/<int:change_id>")
@requires("standing:answer")
def answer(change_id: int) -> ResponseReturnValue:
    """Answer."""
    form = AnswerForm()
    if form.validate_on_submit():
        with form.refusals():
            services.answer(
                change_id=change_id,
                text=form.text.data or "",
                portal_url=portal_url(),
                by=actor(),
            )
            flash("Your answer is sent. Whoever decides reads it.", "success")
            return redirect(url_for(".change", change_id=change_id), 303)
    return _change(change_id, form)


def _change(change_id: int, form: AnswerForm) -> ResponseReturnValue:
    viewer = actor()
    found, standing = queries.change_for(viewer, change_id)
    page = render_template(
        "standings/own_change.html",
        change=found,
        standing=standing,
        form=form,
        answers=found.may_answer and viewer.may("standing:answer"),
        as_at=clock.now(),
    )
    return page, form.http_status
