"""The questions of a draft's pack: choose a kind, write, change, move, duplicate, remove."""

from decimal import Decimal
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import NotFound, Refusal
from tender.frameworks import queries as frameworks
from tender.frameworks.facts import RoundFacts
from tender.frameworks.kinds import KINDS
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.packs import services
from tender.packs.blank import blank_question
from tender.packs.codes import KEPT_FOR_THE_DIRECTORY
from tender.packs.forms import KindForm, QuestionForm, Surroundings, prepared
from tender.packs.keeping import keep_question
from tender.packs.kind_forms import FORMS
from tender.packs.queries import deciding_questions, depending_on
from tender.packs.section_services import section_in
from tender.packs.services import question_in

bp = Blueprint("pack_questions", __name__)
ONE = "/rounds/<int:round_id>/pack/questions/<code>"
NEW = "/rounds/<int:round_id>/pack/sections/<section>/questions"


@bp.route(NEW, methods=["GET", "POST"])
@requires("framework:manage")
def choose(round_id: int, section: str) -> ResponseReturnValue:
    """Choose the kind of a new question."""
    facts = frameworks.draft_for(actor(), round_id)
    part = section_in(frameworks.pack_of(round_id), section)
    form = KindForm()
    if form.validate_on_submit():
        onward = url_for("pack_questions.add", round_id=round_id, section=section, kind=form.kind.data)
        return redirect(onward, 303)
    page = render_template("packs/choose_kind.html", form=form, round=facts, section=part)
    return page, form.http_status


@bp.route(f"{NEW}/<kind>", methods=["GET", "POST"])
@requires("framework:manage")
def add(round_id: int, section: str, kind: str) -> ResponseReturnValue:
    """Write a new question of this kind."""
    facts = frameworks.draft_for(actor(), round_id)
    pack = frameworks.pack_of(round_id)
    if kind not in KINDS:
        raise NotFound()
    blank = blank_question(pack, section_in(pack, section).code, kind)
    form = _form(pack, blank)
    kept = keep_question(form, blank, partial(services.add_question, by=actor(), round_id=round_id))
    if kept.code:
        return _to_the_pack(round_id, kept.code)
    return question_page("packs/question.html", facts, form, blank), kept.status


@bp.route(ONE, methods=["GET", "POST"])
@requires("framework:manage")
def show(round_id: int, code: str) -> ResponseReturnValue:
    """Change one question of a draft round."""
    facts = frameworks.draft_for(actor(), round_id)
    pack = frameworks.pack_of(round_id)
    asked = question_in(pack, code)
    form = _form(pack, asked)
    of = {"round_id": round_id, "code": code, "seen": form.seen.data or ""}
    kept = keep_question(form, asked, partial(services.change_question, by=actor(), **of))
    if kept.code:
        return _to_the_pack(round_id, kept.code)
    return question_page("packs/question.html", facts, form, asked, kept.clash), kept.status


@bp.post(f"{ONE}/move")
@requires("framework:manage")
def move(round_id: int, code: str) -> ResponseReturnValue:
    """Move a question one place up or down in its section."""
    services.move_question(
        by=actor(),
        round_id=round_id,
        code=code,
        down=request.form.get("to") == "down",
        place=request.args.get("place", type=int),
    )
    return _to_the_pack(round_id, code)


@bp.post(f"{ONE}/duplicate")
@requires("framework:manage")
def duplicate(round_id: int, code: str) -> ResponseReturnValue:
    """Make a copy of a question below it, and open the copy."""
    copy = services.duplicate_question(by=actor(), round_id=round_id, code=code)
    return redirect(url_for("pack_questions.show", round_id=round_id, code=copy), 303)


@bp.route(f"{ONE}/remove", methods=["GET", "POST"])
@requires("framework:manage")
def remove(round_id: int, code: str) -> ResponseReturnValue:
    """Ask whether a question is to go, and take it out."""
    facts = frameworks.draft_for(actor(), round_id)
    refused = ""
    if request.method == "POST":
        try:
            services.remove_question(by=actor(), round_id=round_id, code=code)
        except Refusal as refusal:
            refused = refusal.sentence
        else:
            return redirect(url_for("packs.show", round_id=round_id), 303)
    pack = frameworks.pack_of(round_id)
    asked = question_in(pack, code)
    page = render_template(
        "packs/remove.html",
        round=facts,
        asked=asked,
        refused=refused,
        feeds_directory=asked.code in KEPT_FOR_THE_DIRECTORY,
        depending=depending_on(pack, code),
    )
    return page, 422 if refused else 200


def _form(pack: RoundPack, asked: AskedQuestion) -> QuestionForm:
    around = Surroundings(
        pack,
        frameworks.lots_of_round(pack.round_id),
        deciding_questions(pack, asked if asked.id else None, asked.section),
    )
    return prepared(FORMS[asked.kind], asked, around)


def question_page(
    template: str, facts: RoundFacts, form: QuestionForm, asked: AskedQuestion, clash: bool = False
) -> str:
    """The page of one question, of a draft or of an amendment (`template`)."""
    return render_template(
        template,
        round=facts,
        form=form,
        asked=asked,
        pack=form.around.pack,
        lots=form.around.lots,
        kind=KINDS[asked.kind],
        others={
            lot.id: form.around.pack.weight_of(lot.id) - _own_weight(asked, lot.id)
            for lot in form.around.lots
        },
        feeds_directory=asked.code in KEPT_FOR_THE_DIRECTORY,
        depending=depending_on(form.around.pack, asked.code) if asked.id else [],
        clash=clash,
    )


def _own_weight(asked: AskedQuestion, lot_id: int) -> Decimal:
    """What the question adds to a lot's weights as it is saved."""
    return (asked.weight or Decimal(0)) if asked.id and asked.asked_of(lot_id) else Decimal(0)


def _to_the_pack(round_id: int, code: str) -> ResponseReturnValue:
    return redirect(url_for("packs.show", round_id=round_id, _anchor=f"question-{code}"), 303)
