"""The self-check of a round: asked by anyone, kept by nobody."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.gate import public
from portal.errors import NotFound
from tender.frameworks import queries
from tender.self_check.forms import self_check_form
from tender.self_check.own_topics import topics_of
from tender.self_check.topics import hours_to_apply, outcome_of

bp = Blueprint("self_check", __name__)


@bp.app_context_processor
def words() -> dict[str, object]:
    """For the public page of a round: what the self-check of its pack would ask."""
    return {"self_check_topics": topics_of}


@bp.get("/opportunities/<int:round_id>/self-check")
@public
def show(round_id: int) -> ResponseReturnValue:
    """The questions and, once each is answered, what the answers come to. Not there where there are none."""
    facts = queries.published_round(round_id)
    pack = queries.pack_of(round_id)
    topics = topics_of(pack, queries.lots_of_round(round_id))
    if not topics:
        raise NotFound()
    form = self_check_form(topics)
    answered = bool(request.args) and form.validate()
    page = render_template(
        "self_check/show.html",
        round=facts,
        form=form,
        outcome=outcome_of(form.topics, form.answers) if answered else None,
        hours=hours_to_apply(pack),
    )
    return page, form.http_status
