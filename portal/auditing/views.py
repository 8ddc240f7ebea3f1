"""The trail as a page and as a file."""

from collections.abc import Iterator
from json import dumps
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from portal import clock
from portal.accounts.gate import actor, requires
from portal.audit.services import record_read
from portal.audit.words import happened
from portal.auditing import queries
from portal.auditing.forms import TrailForm
from portal.web.spreadsheets import csv_download
from portal.web.text import clean_text

bp = Blueprint("auditing", __name__)
HEAD = (
    *("line", "time", "person_number", "person", "action", "subject", "subject_number"),
    *("details", "request", "sha256"),
)
_HIGHEST = 2**63 - 1


@bp.get("/audit")
@requires("audit:read")
def index() -> ResponseReturnValue:
    """The newest lines that the filters let through."""
    form = _form()
    wanted = form.wanted()
    lines = queries.lines(wanted, before=_before(), most=queries.LINES_A_PAGE + 1)
    shown = lines[: queries.LINES_A_PAGE]
    page = render_template(
        "auditing/index.html",
        form=form,
        lines=shown,
        facts_of=_facts,
        older=shown[-1].id if len(lines) > len(shown) else None,
        choices={name: values for name, values in request.args.lists() if name != "before" and any(values)},
        from_the_newest=_before() is None,
        as_at=clock.now(),
    )
    return page, form.http_status


@bp.get("/audit.csv")
@requires("audit:read")
def export() -> ResponseReturnValue:
    """Every line that the filters let through, as a file; that it was taken is recorded."""
    form = _form()
    wanted = form.wanted()
    if form.errors:
        return index()
    asked = {
        clean_text(name): [clean_text(value) for value in values]
        for name, values in request.args.lists()
        if any(values)
    }
    record_read("audit.read", "audit", "export", by=actor(), asked=asked)
    return csv_download(f"audit-{clock.today()}.csv", HEAD, _rows(wanted))


def _form() -> TrailForm:
    form = TrailForm()
    named = sorted((happened(action), action) for action in queries.actions())
    form.action.choices = [("", "Anything"), *((action, words) for words, action in named)]
    return form


def _before() -> int | None:
    """The line before which the page begins; what is no number begins with the newest."""
    given = request.args.get("before", "")
    return min(int(given), _HIGHEST) if given.isascii() and given.isdigit() and len(given) < 20 else None


def _rows(wanted: queries.Wanted) -> Iterator[tuple[object, ...]]:
    for line in queries.every_line(wanted):
        yield (
            line.id,
            line.at,
            line.actor_id,
            line.actor_name,
            line.action,
            line.subject_type,
            line.subject_id,
            dumps(line.details, ensure_ascii=False),
            line.request_id,
            line.hash.hex(),
        )


def _facts(line: Row[Any]) -> str:
    """A line's details as people read them: 'version: 2, lot: 3'."""
    return ", ".join(
        f"{name.replace('_', ' ')}: {value if isinstance(value, str) else dumps(value, ensure_ascii=False)}"
        for name, value in line.details.items()
        if value not in (None, "", [])
    )
