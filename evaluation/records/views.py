"""The records of a round: tables as CSV, and files that the worker makes."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.outcomes.queries import round_for
from evaluation.records import queries, services
from evaluation.records.access import kinds_for
from evaluation.records.forms import AskForm
from evaluation.records.pieces import MADE_AS
from evaluation.records.tables import WORKBOOK
from portal import clock
from portal.accounts.gate import actor, requires
from portal.audit.services import record_read
from portal.errors import NotFound
from portal.storage.refusals import in_megabytes
from portal.web.spreadsheets import csv_download
from tender.frameworks.facts import RoundFacts

bp = Blueprint("records", __name__)
TABLES = {table.name: table for table in WORKBOOK}
WAIT_SECONDS = 3
HINTS = {
    "ledger": "Every mark, return, agreed mark, unlock and result in order, each line chained to the one "
    "before. Anybody can verify it without the portal.",
    "workbook": "Totals, marks with their reasons, conformity and decisions, a sheet each (.xlsx).",
    "report": "Everything on which the decisions rest: recipe, panel, conditions, ranks, decisions, marks "
    "with their reasons (.pdf). It is a draft until every decision is approved.",
    "disclosure": "Everything in one .zip: opening, declarations, marks, meetings, letters, questions, "
    "ledger, with an index. Nothing in it is redacted.",
}


@bp.get("/rounds/<int:round_id>/records")
@requires("record:read")
def index(round_id: int) -> ResponseReturnValue:
    """What there is, and what was asked for."""
    return _index(round_for(actor(), round_id), _form())


def _form() -> AskForm:
    form = AskForm()
    form.kind.choices = [(kind, MADE_AS[kind].title) for kind in kinds_for(actor()) if kind in MADE_AS]
    return form


def _index(facts: RoundFacts, form: AskForm) -> ResponseReturnValue:
    withheld = queries.why_withheld(actor(), facts)
    page = render_template(
        "records/index.html",
        round=facts,
        withheld=withheld.sentence if withheld else "",
        tables=WORKBOOK,
        files=[] if withheld else queries.files_of(actor(), facts.id),
        titles={kind: made_as.title for kind, made_as in MADE_AS.items()},
        hints=HINTS,
        in_megabytes=in_megabytes,
        form=form,
    )
    return page, form.http_status


@bp.post("/rounds/<int:round_id>/records")
@requires("record:read")
def ask(round_id: int) -> ResponseReturnValue:
    """Ask for a file, and go where its making is shown."""
    facts, form = round_for(actor(), round_id), _form()
    if form.validate_on_submit():
        with form.refusals():
            file_id = services.ask_for(
                round_id=round_id, kind=form.kind.data or "", purpose=form.purpose.data or "", by=actor()
            )
            return redirect(url_for("records.show", round_id=round_id, file_id=file_id), 303)
    return _index(facts, form)


@bp.get("/rounds/<int:round_id>/records/<int:file_id>")
@requires("record:read")
def show(round_id: int, file_id: int) -> ResponseReturnValue:
    """How far a file is; while it is being made the page draws itself again, unless asked not to."""
    facts = queries.round_with_records(actor(), round_id)
    found = queries.file_for(actor(), round_id, file_id)
    under_way = found["state"] in ("waiting", "building")
    still = request.args.get("still") == "yes"
    page: Response = make_response(
        render_template(
            "records/show.html",
            round=facts,
            file=found,
            title=MADE_AS[found["kind"]].title,
            hint=HINTS[found["kind"]],
            under_way=under_way,
            still=still,
            wait_seconds=WAIT_SECONDS,
            in_megabytes=in_megabytes,
            as_at=clock.now(),
        )
    )
    if under_way and not still:
        # Not in the page's own words: a header can be left out for whoever asks for a page that stands still.
        page.headers["Refresh"] = str(WAIT_SECONDS)
    return page


@bp.get("/rounds/<int:round_id>/records/<int:file_id>/file")
@requires("record:read")
def fetch(round_id: int, file_id: int) -> ResponseReturnValue:
    """The file itself, by a link that lives for a minute."""
    return redirect(services.link_to(round_id=round_id, file_id=file_id, by=actor()), 303)


@bp.post("/rounds/<int:round_id>/records/<int:file_id>/again")
@requires("record:read")
def again(round_id: int, file_id: int) -> ResponseReturnValue:
    """Let a file that failed be made once more."""
    services.try_again(round_id=round_id, file_id=file_id, by=actor())
    return redirect(url_for("records.show", round_id=round_id, file_id=file_id), 303)


@bp.get("/rounds/<int:round_id>/records/<sheet>.csv")
@requires("record:read")
def table(round_id: int, sheet: str) -> ResponseReturnValue:
    """One table as CSV, sent while it is read; that it was taken is recorded."""
    facts = queries.round_with_records(actor(), round_id)
    wanted = TABLES.get(sheet)
    if wanted is None:
        raise NotFound
    record_read("record.read", "round", round_id, by=actor(), table=wanted.name)
    return csv_download(
        f"{wanted.name} - {facts.name} - {clock.today()}.csv", wanted.head, wanted.read(round_id)
    )
