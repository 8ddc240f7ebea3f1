"""The opportunities: what anyone may read about published rounds, signed in or not."""

from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.gate import actor, public
from portal.web.pagination import Page, page_number
from tender.frameworks import queries
from tender.frameworks.facts import Detail, RoundFacts
from tender.frameworks.models import FRAMEWORK_KINDS
from tender.frameworks.recipe import minimums_of, recipe
from tender.frameworks.withdrawal_queries import withdrawal_of
from tender.frameworks.words import LAW

bp = Blueprint("opportunities", __name__)

APPLY = "applications.apply"

Addition = Callable[[RoundFacts, Actor], Mapping[str, object]]
_additions: list[Addition] = []
_details: list[Detail] = []


def add_to_opportunity(*additions: Addition, details: Sequence[Detail] = ()) -> None:
    """Let nouns above this one put more on the public page of a round: each gives names to the template.

    `details` are read by one statement together. Called once, when the application is put together.
    """
    _additions[:], _details[:] = additions, details


@bp.get("/opportunities")
@public
def index() -> ResponseReturnValue:
    """Rounds that are open, coming or closed."""
    number = page_number(request.args.get("page"))
    rounds, total = queries.public_rounds(number)
    return render_template(
        "tender/frameworks/opportunities.html",
        page=Page(rounds, number, total),
        lots=queries.lots_of_rounds([facts.id for facts in rounds]),
        as_at=clock.now(),
    )


@bp.get("/opportunities/<int:round_id>")
@public
def show(round_id: int) -> ResponseReturnValue:
    """All that a provider needs to know before applying."""
    facts = queries.published_round(round_id)
    pack, lots = queries.pack_of(round_id), queries.lots_of_round(round_id)
    viewer = actor()
    more = {name: value for addition in _additions for name, value in addition(facts, viewer).items()}
    return render_template(
        "tender/frameworks/opportunity.html",
        **more,
        **queries.details_of(facts, viewer, _details),
        round=facts,
        extensions=queries.extensions_of(round_id),
        withdrawal=withdrawal_of(facts) if facts.abandoned else None,
        lots=lots,
        pack=pack,
        recipe=recipe(pack, minimums_of(lots), names_hidden=facts.names_hidden),
        law=LAW[facts.legal_regime],
        kind=FRAMEWORK_KINDS[facts.kind],
        may_apply=facts.phase == "open" and APPLY in current_app.view_functions,
        provider=viewer.may("application:edit"),
    )
