"""Saved searches, services side by side, the export of a search, and what was looked for in vain."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.directory.forms import SearchForm
from portal.directory.offer import need_names
from portal.directory.postcodes import miles
from portal.directory.queries import SearchResult, fits_of, search
from portal.directory.search import LONGEST_ADDRESS, MOST_IN_FILE, SearchCriteria
from portal.finding import queries, services
from portal.finding.forms import PeriodForm, SaveForm
from portal.web.pagination import SIZE, Page, offset_of, page_number
from portal.web.spreadsheets import csv_download
from portal.web.text import id_in

bp = Blueprint("finding", __name__)

LISTED_MEANS = "Not a recommendation: your school must make its own checks before a child starts."
_AT_ONCE = 1_000  # services that are read together for a file
_IN_VAIN = "Search that found nothing, counted once a day for each school"
_UNMET = (
    *("Kind", "Looked for", "Key stage", "Needs", "Near", "Searches or children", "Days a week together"),
    *("Providers that declined or did not answer", "Last on", "From", "To", "As at"),
)
_HEAD = (
    *("Provider", "Service", "Lot", "Summary", "Key stages", "Needs", "Tiers", "How", "Subjects"),
    *("Qualifications", "Sessions", "Free sessions", "Places free", "Places confirmed at"),
    *("Price a day", "Price half a day", "Price an hour", "Registered school", "URN", "Postcode", "Miles"),
    *("Nearest site", "Fits", "Does not fit", "Term ends on", "Link"),
    *("As at", "What being listed means"),
)


@bp.get("/searches")
@requires("directory:search")
def index() -> ResponseReturnValue:
    """One's own saved searches."""
    return render_template(
        "finding/index.html",
        searches=queries.saved_searches_of(actor()),
        most_new=queries.MOST_NEW,
        new_for=queries.NEW_FOR,
        as_at=clock.now(),
    )


@bp.get("/searches/new")
@requires("directory:search")
def new() -> ResponseReturnValue:
    """Give the search of the address a name."""
    asked = request.query_string.decode("ascii", "ignore")
    return _naming(SaveForm(formdata=None, address=asked))


def _naming(form: SaveForm) -> ResponseReturnValue:
    found = SearchForm.at(form.address.data)
    result = search(found.criteria(clock.today(), 1))
    found.offer(result)
    drawn = render_template(
        "finding/new.html",
        form=form,
        chosen=[words for words, *_ in found.chosen(result)],
        total=result.total,
        as_at=clock.now(),
    )
    return drawn, form.http_status


@bp.post("/searches/new")
@requires("directory:search")
def save() -> ResponseReturnValue:
    """Keep the search."""
    form = SaveForm()
    if form.validate():
        with form.refusals():
            services.save_search(
                name=form.name.data or "",
                address=form.address.data or "",
                criteria=SearchForm.at(form.address.data).criteria(clock.today(), 1),
                alerts=bool(form.alerts.data),
                by=actor(),
            )
            flash("Saved.", "success")
            return redirect(url_for(".index"), 303)
    return _naming(form)


@bp.post("/searches/<int:search_id>/remove")
@requires("directory:search")
def remove(search_id: int) -> ResponseReturnValue:
    """Forget a saved search."""
    services.remove_search(search_id=search_id, by=actor())
    flash("Removed.", "success")
    return redirect(url_for(".index"), 303)


@bp.get("/compare")
@requires("directory:search")
def compare() -> ResponseReturnValue:
    """Two to four services side by side, with what fits of the search that they were chosen from."""
    typed = request.args.getlist("service")
    chosen = [number for each in typed if (number := id_in(each, None)) is not None]
    asked = request.args.get("search", "")[:LONGEST_ADDRESS]
    criteria = SearchForm.at(asked).criteria(clock.today(), 1)
    return render_template(
        "finding/compare.html",
        searched=bool(asked),
        hits=fits_of(criteria, queries.side_by_side(chosen)),
        criteria=criteria,
        search_url=url_for("directory.search") + (f"?{urlencode(parse_qsl(asked))}" if asked else ""),
        left_out=max(0, len(set(chosen)) - queries.MOST_COMPARED),
        most=queries.MOST_COMPARED,
        as_at=clock.now(),
    )


@bp.get("/search.csv")
@requires("directory:search")
def export() -> ResponseReturnValue:
    """All that a search finds as a table; where that is more than MOST_IN_FILE, its last line says so."""
    criteria = SearchForm().criteria(clock.today(), 1)
    found = _lines(criteria.but(size=_AT_ONCE, ranks_all=True))
    return csv_download(f"services-{clock.today().isoformat()}.csv", _HEAD, found)


def _lines(criteria: SearchCriteria) -> Iterator[tuple[object, ...]]:
    """Page by page, so that a long file takes no more memory than a short one."""
    for number in range(1, MOST_IN_FILE // criteria.size + 1):
        result = search(criteria.but(page=number))
        yield from _lines_of(result)
        if number * criteria.size >= result.total:
            return
    left_out = f"{MOST_IN_FILE:,} of {result.total:,} services are in this file. Add a filter for the others."
    yield (left_out, *[""] * (len(_HEAD) - 1))


def _lines_of(result: SearchResult) -> Iterator[tuple[object, ...]]:
    as_at = clock.now()
    for hit in result.hits:
        s = hit.service
        yield (
            *(s.provider_name, s.title, f"{s.lot_number}: {s.lot_title}", s.summary, s.key_stage_names),
            *(s.need_names, s.tier_names, s.mode_names, s.taught, s.qualification_names, s.session_names),
            *(s.free_session_names, s.places_free, s.places_confirmed_at, s.price_per_day, s.price_half_day),
            *(s.price_hour, "yes" if s.registered_school else "no", s.urn or "", s.postcode),
            "" if hit.metres is None else f"{miles(hit.metres):.1f}",
            *(hit.measured_to, ". ".join(hit.fits), ". ".join(hit.misfits), s.ends_on.isoformat()),
            *(url_for("directory.show", service_id=s.id, _external=True), as_at, LISTED_MEANS),
        )


@bp.get("/unmet-need")
@requires("unmet_need:read")
def unmet() -> ResponseReturnValue:
    """What was looked for in vain in a period, a year unless another is chosen."""
    asked, form = page_number(request.args.get("page")), PeriodForm()
    since, until = form.period(clock.today())
    wanted, total = queries.unmet_need(since, until, size=SIZE, skip=offset_of(asked))
    return render_template(
        "finding/unmet.html",
        page=Page(wanted, asked, total),
        by_words=queries.searches_by_words(since, until),
        declined=queries.declined_needs(since, until),
        most_declined=queries.MOST_DECLINED,
        need_names=need_names,
        form=form,
        since=since,
        until=until,
        file_url=url_for(".unmet_export", **request.args.to_dict() | {"page": None}),
        as_at=clock.now(),
    )


@bp.get("/unmet-need.csv")
@requires("unmet_need:read")
def unmet_export() -> ResponseReturnValue:
    """The same as a table: all of it, whatever page was read."""
    since, until = PeriodForm().period(clock.today())
    return csv_download(
        f"unmet-need-{since.isoformat()}-to-{until.isoformat()}.csv", _UNMET, _unmet(since, until)
    )


def _unmet(since: date, until: date) -> Iterator[tuple[object, ...]]:
    period = (since.isoformat(), until.isoformat(), clock.now())
    wanted, kinds = queries.unmet_need(since, until, size=MOST_IN_FILE)
    for each in wanted:
        choices = "; ".join(each.choices)
        yield (_IN_VAIN, choices, "", "", "", each.searches, "", "", each.last_on, *period)
    if kinds > len(wanted):
        left_out = f"{len(wanted):,} of {kinds:,} kinds of search are in this file, the most frequent."
        yield (_IN_VAIN, f"{left_out} Choose a shorter period for the others.", *[""] * 7, *period)
    if by_words := queries.searches_by_words(since, until):
        yield (_IN_VAIN, "Words alone, which are not kept", "", "", "", by_words, "", "", "", *period)
    for need in queries.declined_needs(since, until, most=MOST_IN_FILE):
        yield (
            *("Declined by everybody who was asked", "", need.key_stage, need_names(need.needs), need.area),
            *(need.children, need.days_a_week, need.asked, need.last_on, *period),
        )
