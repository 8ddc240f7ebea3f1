"""The search, and a service's page."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.audit.queries import trail_of
from portal.directory import card, queries
from portal.directory.finding_nothing import nothing_found
from portal.directory.forms import VIEWS, Choice, SearchForm, without
from portal.directory.mapping import map_of
from portal.directory.postcode_queries import outlines_known
from portal.directory.postcodes import distance_words
from portal.directory.search import MOST_IN_FILE, SearchCriteria
from portal.web.pagination import Page, page_number

bp = Blueprint("directory", __name__)
for _said in (
    *(card.places_words, card.free_words, card.registration_words, card.price_words, card.checked_words),
    card.placed_words,
    distance_words,
    card.card_facts,
    card.further_facts,
):
    bp.add_app_template_global(_said)


@bp.get("/search")
@requires("directory:search")
def search() -> ResponseReturnValue:
    """Find approved provision. All choices are in the address; without JavaScript nothing is missing."""
    form = SearchForm()
    criteria = form.criteria(clock.today(), page_number(request.args.get("page")))
    result = queries.search(criteria)
    form.offer(result)
    seeker = actor()
    # An officer who tries something out needs no place.
    if not result.total and seeker.may("referral:send") and seeker.organisation_id is not None:
        nothing_found(criteria, seeker.organisation_id)
    shown = request.args.get("view", "list")
    chosen = form.chosen(result)
    return render_template(
        "directory/search.html",
        form=form,
        criteria=criteria,
        result=result,
        page=Page(result.hits, criteria.page, result.reachable),
        map=map_of(result.hits, criteria, outlines_known()) if shown == "map" else None,
        views=[(words, code == shown, _address_with(view=code)) for code, words in VIEWS.items()],
        most_in_file=MOST_IN_FILE,
        by_price=_address_with(sort="price", page=None),
        search_again=request.query_string.decode("ascii", "ignore"),
        selected=[(words, _address_without(name, value)) for words, name, value in chosen],
        ways_out=_ways_out(criteria.but(words=result.instead or criteria.words), chosen, result.total),
        as_at=clock.now(),
    )


def _ways_out(criteria: SearchCriteria, chosen: Sequence[Choice], found: int) -> list[tuple[str, str, int]]:
    """(words, address, services found) of each choice without which a search that found nothing would find
    something. One statement, and none where something was found."""
    if found:
        return []
    numbers = queries.numbers_found([without(criteria, name, value) for _, name, value in chosen])
    return [
        (words, _address_without(name, value), number)
        for (words, name, value), number in zip(chosen, numbers, strict=True)
        if number
    ]


def _address_with(**choices: str | None) -> str:
    """The address of this search with some choices set; None takes one away."""
    return url_for("directory.search", **{**dict(request.args.lists()), **choices})  # type: ignore[arg-type]


def _address_without(name: str, value: str) -> str:
    """The address of this search without one choice, from its first page."""
    kept: dict[str, list[str]] = {}
    for other, values in request.args.lists():
        kept[other] = [each for each in values if other != name or (value and each != value)]
    kept.pop("page", None)
    return url_for("directory.search", **kept)  # type: ignore[arg-type]


@bp.get("/services/<int:service_id>")
@requires("directory:search", "service:edit", "audit:read")
def show(service_id: int) -> ResponseReturnValue:
    """What a visitor wants to know of a service on the way there."""
    viewer = actor()
    service = queries.service_for(viewer, service_id)
    return render_template(
        "directory/show.html",
        service=service,
        status=None if service.live else queries.status_of(service),
        sites=queries.sites_of(service_id),
        others=queries.other_services(viewer, service),
        search_url=_search_url(),
        own=viewer.organisation_id == service.provider_id,
        trail=trail_of("standing", service.standing_id) if viewer.may("audit:read") else (),
        as_at=clock.now(),
    )


def _search_url() -> str:
    """The search that led here, as the browser tells it; else an empty one."""
    empty = url_for("directory.search")
    came_from = urlsplit(request.referrer or "")
    ours = came_from.netloc == request.host and came_from.path == empty
    return f"{empty}?{came_from.query}" if ours and came_from.query else empty
