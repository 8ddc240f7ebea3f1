"""Pages of moderation: the agenda of a round and its map, and one answer with its marks side by side."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.assignments.queries import serves
from evaluation.conformity.queries import files_of
from evaluation.inquiries.queries import asked_about
from evaluation.moderation import agenda_queries, map_queries, queries, services
from evaluation.moderation.forms import AgreedMarkForm, UnlockForm
from evaluation.moderation.meeting_queries import running_now
from evaluation.moderation.unlock_services import unlock_mark
from evaluation.scoring.queries import bands_of, panel_marks
from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.pagination import Page, offset_of, page_number
from portal.web.reading import read_by
from tender.applications.closed_queries import round_with_tenderers
from tender.applications.values import grid_of, in_words

bp = Blueprint("moderation", __name__)


@bp.get("/rounds/<int:round_id>/moderation")
@requires("tender:moderate", "evaluation:read")
def agenda(round_id: int) -> ResponseReturnValue:
    """The answers ready for moderation, the widest differences that weigh most first."""
    round = round_with_tenderers(actor(), round_id)
    everything = request.args.get("show") == "all"
    number, size = page_number(request.args.get("page")), agenda_queries.ANSWERS_A_PAGE
    progress = agenda_queries.progress_of(round_id, actor())
    rows = agenda_queries.agenda_of(actor(), round_id, everything=everything, skip=offset_of(number, size))
    total = progress.ready + (progress.agreed if everything else 0)
    return render_template(
        "moderation/agenda.html",
        round=round,
        page=Page(rows, number, total, size),
        progress=progress,
        running=running_now(round_id),
        everything=everything,
        as_at=clock.now(),
    )


@bp.get("/rounds/<int:round_id>/moderation/map")
@requires("tender:moderate", "evaluation:read")
def differences(round_id: int) -> ResponseReturnValue:
    """How far the marks are apart, tenders down and questions across."""
    round = round_with_tenderers(actor(), round_id)
    number, size = page_number(request.args.get("page")), map_queries.TENDERS_A_PAGE
    lines, total = map_queries.lines_of(actor(), round_id, skip=offset_of(number, size))
    return render_template(
        "moderation/differences.html",
        round=round,
        page=Page(lines, number, total, size),
        questions=map_queries.questions_on_map(round_id),
        # Hundreds of cells, each with its address: building these one by one would take most of the time.
        item_url=url_for("moderation.show", answer_id=0).removesuffix("/0"),
    )


@bp.get("/moderation/<int:answer_id>")
@requires("tender:moderate", "evaluation:read")
def show(answer_id: int) -> ResponseReturnValue:
    """One answer, the evaluators' marks side by side, and the agreed mark."""
    item = queries.item_for(actor(), answer_id)
    form = AgreedMarkForm(formdata=None)
    form.fill(item)
    return _page(item, form)


@bp.post("/moderation/<int:answer_id>")
@requires("tender:moderate")
def agree(answer_id: int) -> ResponseReturnValue:
    """Save the agreed mark, and go on to the next answer of the agenda."""
    item = queries.item_for(actor(), answer_id)
    form = AgreedMarkForm()
    if form.validate_on_submit():
        try:
            services.agree_mark(
                answer_id=answer_id,
                points=form.chosen,
                reason=form.reason.data or "",
                version=form.version.number,
                by=actor(),
            )
        except (services.AgreedMeanwhile, services.UnlockedMeanwhile) as refusal:
            form.version.data = str(refusal.version)
            form.refuse(refusal)
            return _page(queries.item_for(actor(), answer_id), form)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Agreed: {item['title']}, {item['provider_name']}.", "success")
            return redirect(_onward(item), 303)
    return _page(item, form)


def _onward(item: Mapping[Any, Any]) -> str:
    """The next to agree after this answer, or else the first that is left, or else the agenda."""
    round_id = item["round_id"]
    _, following = agenda_queries.neighbours_of(actor(), item)
    following = following or agenda_queries.next_on_agenda(actor(), round_id)
    if following is None:
        return url_for("moderation.agenda", round_id=round_id)
    return url_for("moderation.show", answer_id=following)


@bp.get("/moderation/<int:answer_id>/unlock")
@requires("tender:moderate")
def ask_to_unlock(answer_id: int) -> ResponseReturnValue:
    """The agreed mark as it stands, and what unlocking it means."""
    item = queries.item_for(actor(), answer_id)
    form = UnlockForm(formdata=None)
    form.version.data = str(item["version"])
    return _unlock_page(item, form)


@bp.post("/moderation/<int:answer_id>/unlock")
@requires("tender:moderate")
def unlock(answer_id: int) -> ResponseReturnValue:
    """Take the agreed mark back, and go to the answer to agree another."""
    item = queries.item_for(actor(), answer_id)
    form = UnlockForm()
    if form.validate_on_submit():
        try:
            unlock_mark(answer_id=answer_id, why=form.why.data or "", version=form.version.number, by=actor())
        except Refusal as refusal:
            form.refuse(refusal)
            item = queries.item_for(actor(), answer_id)
            form.version.data = str(item["version"])
        else:
            flash(
                "The mark is unlocked. Agree it again: until then there is no total for this tender, and "
                "results computed before have to be computed again.",
                "success",
            )
            return redirect(url_for("moderation.show", answer_id=answer_id), 303)
    return _unlock_page(item, form)


def _unlock_page(item: Mapping[Any, Any], form: UnlockForm) -> ResponseReturnValue:
    page = render_template("moderation/unlock.html", item=item, may_agree=_may_agree(item), form=form)
    return page, form.http_status


def _may_agree(item: Mapping[Any, Any]) -> bool:
    return item["round_state"] == "marking" and serves(actor(), item["round_id"], "moderator")


def _page(item: Mapping[Any, Any], form: AgreedMarkForm) -> ResponseReturnValue:
    bands = bands_of(item["scale_id"])
    form.offer(bands)
    read_by(actor(), "application", item["application_id"], page="moderation", question=item["title"])
    inquiries = asked_about(item["id"])
    previous_id, next_id = agenda_queries.neighbours_of(actor(), item)
    page = render_template(
        "moderation/show.html",
        item=item,
        previous_id=previous_id,
        next_id=next_id,
        lines=in_words(item["kind"], item["options"], item["value"], item["shape"]),
        grid=grid_of(item["kind"], item["shape"], item["value"]),
        bands=bands,
        files=files_of(item["id"]),
        inquiries=[asked for asked in inquiries if asked.shown_at],
        awaited=next((asked for asked in inquiries if asked.standing == "asked"), None),
        marks=panel_marks(item["id"]),
        running=running_now(item["round_id"]),
        history=queries.history_of(item["id"]),
        may_agree=_may_agree(item),
        form=form,
    )
    return page, form.http_status
