"""Pages of a round for the council: set up, publication, where it stands, opening the tender box."""

from collections.abc import Callable, Sequence

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.gate import PUBLIC, SIGNED_IN, access_of, actor, requires
from portal.audit.queries import trail_of
from portal.errors import Refusal
from portal.lifecycle import MoveRefused
from portal.tasks import Task
from portal.web.forms import Form
from tender.frameworks import discarding, opening_services, queries, services
from tender.frameworks.earlier_packs import create_round_from, offered_to
from tender.frameworks.facts import RoundFacts
from tender.frameworks.forms import HOW_TO_APPLY, RoundForm, round_form
from tender.frameworks.kept_notice import suggested
from tender.frameworks.legal import legal_of
from tender.frameworks.publication import problems_before_publication
from tender.frameworks.recipe import minimums_of, price_formula, recipe
from tender.frameworks.refusals import DraftWaiting, NotReady
from tender.frameworks.stages import next_date, rooms_of, stages_of
from tender.frameworks.time_warnings import time_warnings
from tender.frameworks.withdrawal_queries import withdrawal_of
from tender.frameworks.words import (
    LAW,
    TERMINATION,
    asked_when,
    asks,
    counts_as,
    lot_conditions,
    percent,
    trail_events,
    weights_in_words,
)

bp = Blueprint("rounds", __name__)

READERS = ("framework:manage", "evaluation:read")

_waiting: list[Callable[[Actor, RoundFacts], Sequence[Task]]] = []


def add_to_round(*questions: Callable[[Actor, RoundFacts], Sequence[Task]]) -> None:
    """Let nouns above this one say on a round's page what waits there for whoever reads it.

    Called once, when the application is put together.
    """
    _waiting[:] = questions


@bp.app_context_processor
def question_words() -> dict[str, object]:
    """How a question's and a lot's demands read, for every template that shows them."""
    return {
        "asks": asks,
        "asked_when": asked_when,
        "counts_as": counts_as,
        "lot_conditions": lot_conditions,
        "percent": percent,
        "price_formula": price_formula,
        "weights_in_words": weights_in_words,
    }


@bp.route("/frameworks/<int:framework_id>/rounds/new", methods=["GET", "POST"])
@requires("framework:manage")
def new(framework_id: int) -> ResponseReturnValue:
    """Set up a draft round with the standard questions, or with those of an earlier round."""
    viewer = actor()
    framework = queries.framework_for(viewer, framework_id)
    used = [facts.number for facts in queries.rounds_of(viewer, [framework_id])[framework_id]]
    number, closes_at = suggested(framework.notice)
    form = round_form(
        queries.lots_of_framework(framework_id),
        {
            "number": max(used) + 1 if used else number or 1,
            "closes_at": closes_at if closes_at and closes_at > clock.now() else None,
            "how_to_apply": HOW_TO_APPLY,
        },
    )
    form.source.choices = offered_to(viewer)
    draft = None
    if form.validate_on_submit():
        details = {"by": viewer, "framework_id": framework_id, "number": form.number.data}
        details |= _round_details(form)
        try:
            if form.source.data:
                made, told = create_round_from(form.source.data, **details)
                flash(told)
            else:
                made = services.create_round(**details)
        except Refusal as refusal:
            form.refuse(refusal)
            draft = refusal.round_id if isinstance(refusal, DraftWaiting) else None
        else:
            return redirect(url_for("rounds.show", round_id=made.id), 303)
    page = render_template("tender/frameworks/new_round.html", form=form, framework=framework, draft=draft)
    return page, form.http_status


@bp.route("/rounds/<int:round_id>/edit", methods=["GET", "POST"])
@requires("framework:manage")
def edit(round_id: int) -> ResponseReturnValue:
    """Change the lots, prices and times of a draft round."""
    facts = queries.draft_for(actor(), round_id)
    form = round_form(
        queries.lots_of_framework(facts.framework_id),
        {
            "number": facts.number,
            "opens_at": facts.opens_at,
            "closes_at": facts.closes_at,
            "questions_until": facts.questions_until,
            "answers_by": facts.answers_by,
            "late_upload_hours": facts.late_upload_hours,
            "names_hidden": facts.names_hidden,
            "how_to_apply": facts.how_to_apply,
        },
        queries.lots_of_round(round_id),
    )
    del form.source
    if form.validate_on_submit():
        with form.refusals():
            services.edit_round(
                by=actor(), round_id=round_id, number=form.number.data, **_round_details(form)
            )
            return redirect(url_for("rounds.show", round_id=round_id), 303)
    page = render_template("tender/frameworks/edit_round.html", form=form, round=facts)
    return page, form.http_status


@bp.route("/rounds/<int:round_id>/discard", methods=["GET", "POST"])
@requires("framework:manage")
def discard(round_id: int) -> ResponseReturnValue:
    """Ask whether a draft round is to go, and take it out."""
    facts = queries.draft_for(actor(), round_id)
    form = Form()
    if form.validate_on_submit():
        with form.refusals():
            framework_id = discarding.discard_round(by=actor(), round_id=round_id)
            flash(f"The draft of round {facts.number} is discarded.")
            return redirect(url_for("frameworks.show", framework_id=framework_id), 303)
    page = render_template("tender/frameworks/discard.html", round=facts, framework=None, form=form)
    return page, form.http_status


@bp.get("/rounds/<int:round_id>")
@requires(*READERS)
def show(round_id: int) -> ResponseReturnValue:
    """Where a round stands, from draft to released."""
    return _round_page(actor(), round_id)


@bp.get("/rounds/<int:round_id>/publish")
@requires("framework:manage")
def check(round_id: int) -> ResponseReturnValue:
    """What everyone will see, what freezes, and what must be put right first."""
    return _check_page(actor(), round_id)


@bp.post("/rounds/<int:round_id>/publish")
@requires("framework:manage")
def publish(round_id: int) -> ResponseReturnValue:
    """Publish a draft round."""
    queries.round_for(actor(), round_id)
    try:
        services.publish_round(by=actor(), round_id=round_id)
    except NotReady:
        return _check_page(actor(), round_id), 422
    except MoveRefused:  # The second press of a double click: the round is published.
        pass
    return redirect(url_for("rounds.show", round_id=round_id), 303)


@bp.post("/rounds/<int:round_id>/open")
@requires("round:open")
def open_box(round_id: int) -> ResponseReturnValue:
    """Open the tender box, once, after the close; or begin to, where a second person has to confirm."""
    facts = queries.round_for(actor(), round_id)
    try:
        opening_services.open_box(by=actor(), round_id=round_id)
    except MoveRefused:
        if facts.state == "draft":
            raise
    except Refusal as refusal:
        return _round_page(actor(), round_id, refusal.sentence), 422
    return redirect(url_for("rounds.show", round_id=round_id), 303)


@bp.post("/rounds/<int:round_id>/openings/<int:opening_id>/confirm")
@requires("round:open", "round:witness")
def confirm_opening(round_id: int, opening_id: int) -> ResponseReturnValue:
    """Open the tender box as the second person."""
    queries.round_for(actor(), round_id)
    try:
        opening_services.confirm_opening(by=actor(), round_id=round_id, opening_id=opening_id)
    except MoveRefused:  # The second press of a double click: the box is open.
        pass
    except Refusal as refusal:
        return _round_page(actor(), round_id, refusal.sentence), 422
    return redirect(url_for("rounds.show", round_id=round_id), 303)


def _round_details(form: RoundForm) -> dict[str, object]:
    return {
        "lots": form.chosen(),
        "price_units": form.units(),
        "minimum_totals": form.minimum_totals(),
        "opens_at": form.opens_at.data,
        "closes_at": form.closes_at.data,
        "questions_until": form.questions_until.data,
        "answers_by": form.answers_by.data,
        "late_upload_hours": form.late_upload_hours.data,
        "names_hidden": form.names_hidden.data,
        "how_to_apply": form.how_to_apply.data,
    }


def _round_page(viewer: Actor, round_id: int, refused: str = "") -> str:
    facts = queries.round_for(viewer, round_id)
    may_count = viewer.may("framework:manage")
    trail = trail_of("round", round_id) if viewer.may("audit:read") else ()
    return render_template(
        "tender/frameworks/round.html",
        round=facts,
        lots=queries.lots_of_round(round_id),
        stages=stages_of(facts),
        next=next_date(facts),
        rooms=[room for room in rooms_of(facts) if _may_enter(viewer, room.endpoint)],
        counts=queries.application_counts([round_id])[round_id] if may_count else None,
        trail=trail_events(trail),
        waiting=[task for ask in _waiting for task in ask(viewer, facts)],
        refused=refused,
        withdrawal=withdrawal_of(facts),
        notice=TERMINATION[facts.legal_regime],
        **_opening(viewer, facts),
    )


def _opening(viewer: Actor, facts: RoundFacts) -> dict[str, object]:
    """What the page says of closing later and of the opening: the log, and the opening that waits now."""
    openings = queries.openings_of(facts.id) if facts.published_at else ()
    newest = openings[0] if openings and facts.state == "published" else None
    standing = newest if newest and newest["begun_at"] > clock.now() - queries.TIME_TO_CONFIRM else None
    return {
        "extensions": queries.extensions_of(facts.id) if facts.published_at else (),
        "openings": openings,
        "standing": standing,
        "confirm_by": standing["begun_at"] + queries.TIME_TO_CONFIRM if standing else None,
        "may_confirm": bool(standing)
        and queries.may_confirm(viewer)
        and standing["begun_by_id"] != viewer.person_id,
        "all_closed": clock.now() >= facts.last_closes_at if facts.last_closes_at else False,
        "may_open": clock.now() >= facts.box_opens_from if facts.last_closes_at else False,
    }


def _may_enter(viewer: Actor, endpoint: str) -> bool:
    """Whether the page exists in this installation and this person may open it."""
    access = access_of(current_app, endpoint)
    if access is None or isinstance(access, str):
        return access in (PUBLIC, SIGNED_IN)
    return bool(viewer.permissions & access)


def _check_page(viewer: Actor, round_id: int) -> str:
    facts = queries.round_for(viewer, round_id)
    pack = queries.pack_of(round_id)
    lots = queries.lots_of_round(round_id)
    framework, openings = queries.framework_and_openings(viewer, facts.framework_id)
    draft = facts.state == "draft"
    cut_offs = queries.cut_offs_of(facts)
    problems, thoughts = problems_before_publication(facts, pack, lots) if draft else ([], [])
    return render_template(
        "tender/frameworks/publish.html",
        round=facts,
        pack=pack,
        lots=lots,
        problems=problems,
        thoughts=thoughts,
        recipe=recipe(pack, minimums_of(lots), names_hidden=facts.names_hidden),
        law=LAW[facts.legal_regime],
        legal=legal_of(framework, [*openings, facts.opens_at]),
        cut_offs=cut_offs,
        times=time_warnings(facts, cut_offs) if draft else [],
    )
