"""Pages of a round's intakes and of the answer that is promised."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.web.filters import plural
from tender.frameworks.queries import cut_offs_of, intakes_of, round_for
from tender.frameworks.time_warnings import after_the_end
from tender.intakes import services
from tender.intakes.forms import CutOffsForm, LaterForm, plan_form

bp = Blueprint("intakes", __name__)


@bp.get("/rounds/<int:round_id>/intakes")
@requires("framework:manage")
def show(round_id: int) -> ResponseReturnValue:
    """The intakes of the round's framework; in a draft, the plan."""
    facts = round_for(actor(), round_id)
    form = plan_form(facts, list(cut_offs_of(facts))) if facts.state == "draft" else CutOffsForm()
    return render_template(
        "intakes/show.html",
        round=facts,
        form=form,
        intakes=intakes_of(facts.framework_id) if facts.always_open else (),
        as_at=clock.now(),
    )


@bp.post("/rounds/<int:round_id>/intakes/plan")
@requires("framework:manage")
def plan(round_id: int) -> ResponseReturnValue:
    """Keep the plan of a draft."""
    facts = round_for(actor(), round_id)
    form = plan_form(facts, [])
    if form.validate_on_submit():
        with form.refusals():
            services.plan_intakes(
                by=actor(),
                round_id=round_id,
                always_open=bool(form.always_open.data),
                cut_offs=form.chosen,
                answer_within=form.answer_within.data,
                answer_at_most=form.answer_at_most.data,
            )
            return redirect(url_for("rounds.show", round_id=round_id), 303)
    page = render_template("intakes/show.html", round=facts, form=form, intakes=(), as_at=clock.now())
    return page, 422


@bp.post("/rounds/<int:round_id>/intakes")
@requires("framework:manage")
def add(round_id: int) -> ResponseReturnValue:
    """Publish further intakes."""
    facts = round_for(actor(), round_id)
    services.check_takes_intakes(facts.always_open, facts.state)
    form = CutOffsForm()
    if form.validate_on_submit():
        with form.refusals():
            made = services.add_intakes(by=actor(), round_id=round_id, cut_offs=form.chosen)
            flash(f"{plural(len(made), 'further intake is', 'further intakes are')} published.", "success")
            for sentence in after_the_end("A cut-off is", facts.ends_on, form.chosen):
                flash(sentence)
            return redirect(url_for(".show", round_id=round_id), 303)
    intakes = intakes_of(facts.framework_id)
    page = render_template("intakes/show.html", round=facts, form=form, intakes=intakes, as_at=clock.now())
    return page, 422


@bp.route("/rounds/<int:round_id>/answer-later", methods=["GET", "POST"])
@requires("framework:manage")
def later(round_id: int) -> ResponseReturnValue:
    """Take the longer time that the round allows for its answer."""
    facts = round_for(actor(), round_id)
    form = LaterForm()
    if form.validate_on_submit():
        with form.refusals():
            services.answer_later(by=actor(), round_id=round_id, reason=form.reason.data)
            return redirect(url_for("rounds.show", round_id=round_id), 303)
    page = render_template("intakes/later.html", round=facts, form=form)
    return page, form.http_status
