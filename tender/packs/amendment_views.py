"""Pages on which the lead prepares the next version of a published pack and publishes it."""

from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import Conflict, NotFound, Refusal
from portal.web.addresses import portal_url
from tender.frameworks.kinds import KINDS
from tender.frameworks.queries import intakes_after
from tender.packs import amendment_services as services
from tender.packs.amendment_forms import NewQuestionForm, PublishForm, amend_form, terms_form
from tender.packs.amendments import Amendment, amendment_for
from tender.packs.blank import blank_question
from tender.packs.forms import Surroundings, prepared
from tender.packs.keeping import keep_question
from tender.packs.kind_forms import FORMS
from tender.packs.queries import deciding_questions, sums_by_lot
from tender.packs.question_views import question_page
from tender.packs.section_services import section_in
from tender.packs.services import question_in

bp = Blueprint("amendments", __name__)
HERE = "/rounds/<int:round_id>/amendment"


@bp.get(HERE)
@requires("framework:manage")
def show(round_id: int) -> ResponseReturnValue:
    """The published questions, with what the next version would change in them."""
    return _overview(amendment_for(actor(), round_id))


@bp.route(f"{HERE}/questions/<code>", methods=["GET", "POST"])
@requires("framework:manage")
def question(round_id: int, code: str) -> ResponseReturnValue:
    """Let a question ask in other words, or count otherwise."""
    amendment = amendment_for(actor(), round_id)
    asked = question_in(amendment.pack, code)
    form = amend_form(asked, amendment.pack, amendment.lots)
    of = {"round_id": round_id, "code": code, "seen": form.seen.data or ""}
    kept = keep_question(form, asked, partial(services.change_question, by=actor(), **of))
    if kept.code:
        return _back(round_id, f"question-{kept.code}")
    return question_page("packs/amend_question.html", amendment.facts, form, asked, kept.clash), kept.status


@bp.route(f"{HERE}/terms", methods=["GET", "POST"])
@requires("framework:manage")
def terms(round_id: int) -> ResponseReturnValue:
    """Let the highest prices, the minimum totals and the words on applying be others."""
    amendment = amendment_for(actor(), round_id)
    form = terms_form(amendment.terms, amendment.lots)
    if form.validate_on_submit():
        with form.refusals():
            services.change_terms(
                by=actor(),
                round_id=round_id,
                how_to_apply=form.how_to_apply.data or "",
                lots=form.terms(),
                seen=form.seen.data or "",
            )
            return _back(round_id, "terms")
    page = render_template("packs/amend_terms.html", round=amendment.facts, form=form)
    return page, form.http_status


@bp.route(f"{HERE}/add", methods=["GET", "POST"])
@requires("framework:manage")
def choose(round_id: int) -> ResponseReturnValue:
    """Choose the section and the kind of a new question."""
    amendment = amendment_for(actor(), round_id)
    form = NewQuestionForm()
    form.section.choices = {section.code: section.title for section in amendment.pack.sections}
    if form.validate_on_submit():
        onward = url_for(".add", round_id=round_id, section=form.section.data, kind=form.kind.data)
        return redirect(onward, 303)
    page = render_template("packs/amendment_choose.html", round=amendment.facts, form=form)
    return page, form.http_status


@bp.route(f"{HERE}/sections/<section>/questions/<kind>", methods=["GET", "POST"])
@requires("framework:manage")
def add(round_id: int, section: str, kind: str) -> ResponseReturnValue:
    """Write a new question of this kind."""
    amendment = amendment_for(actor(), round_id)
    pack, lots = amendment.pack, amendment.lots
    if kind not in KINDS:
        raise NotFound()
    blank = blank_question(pack, section_in(pack, section).code, kind)
    form = prepared(FORMS[kind], blank, Surroundings(pack, lots, deciding_questions(pack, None, section)))
    kept = keep_question(form, blank, partial(services.add_question, by=actor(), round_id=round_id))
    if kept.code:
        return _back(round_id, f"question-{kept.code}")
    return question_page("packs/amendment_add.html", amendment.facts, form, blank), kept.status


@bp.post(f"{HERE}/questions/<code>/withdraw")
@requires("framework:manage")
def withdraw(round_id: int, code: str) -> ResponseReturnValue:
    """Let a question no longer be asked."""
    services.withdraw_question(by=actor(), round_id=round_id, code=code)
    return _back(round_id, f"question-{code}")


@bp.post(f"{HERE}/questions/<code>/restore")
@requires("framework:manage")
def restore(round_id: int, code: str) -> ResponseReturnValue:
    """Let a question stay as it is published."""
    services.restore_question(by=actor(), round_id=round_id, code=code)
    return _back(round_id, f"question-{code}")


@bp.post(f"{HERE}/discard")
@requires("framework:manage")
def discard(round_id: int) -> ResponseReturnValue:
    """Forget all that was prepared."""
    services.discard_amendment(by=actor(), round_id=round_id)
    flash("The amendment is discarded. Nothing that is published has changed.")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


@bp.route(f"{HERE}/publish", methods=["GET", "POST"])
@requires("framework:manage")
def publish(round_id: int) -> ResponseReturnValue:
    """What is different, and the reason; then the new version, and letters to everyone who is to know."""
    amendment = amendment_for(actor(), round_id)
    form = PublishForm(data={"seen": amendment.fingerprint})
    if form.validate_on_submit():
        try:
            number = services.publish_amendment(
                by=actor(),
                round_id=round_id,
                reason=form.reason.data or "",
                seen=form.seen.data or "",
                portal_url=portal_url(),
            )
        except Conflict as conflict:
            form.refuse(conflict)
            form.seen.data = amendment.fingerprint
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Version {number} is published, and everyone who is to know is told.", "success")
            return redirect(url_for("rounds.show", round_id=round_id), 303)
    page = render_template(
        "packs/amendment_publish.html",
        amendment=amendment,
        round=amendment.facts,
        later=intakes_after(amendment.facts),
        form=form,
    )
    return page, 422 if request.method == "POST" else 200


def _overview(amendment: Amendment) -> str:
    return render_template(
        "packs/amendment.html",
        amendment=amendment,
        round=amendment.facts,
        sums=sums_by_lot(amendment.pack, amendment.lots),
        changed={change.code: change for change in amendment.changes},
        withdrawn=[change.asked for change in amendment.changes if change.kind == "withdrawn"],
    )


def _back(round_id: int, anchor: str) -> ResponseReturnValue:
    return redirect(url_for(".show", round_id=round_id, _anchor=anchor), 303)
