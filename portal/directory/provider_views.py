"""The page on which the council reads a provider's profile, and notes that a share code was verified."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.directory import provider_queries as queries
from portal.directory.forms import VerifyForm
from portal.directory.queries import services_of
from portal.errors import NotFound
from portal.evidence.queries import A_PAGE
from portal.organisations.queries import facts_of
from portal.profiles.queries import connected_persons_of, in_words, profile_of
from portal.profiles.services import verify_share_code
from portal.profiles.words import CONNECTED_KINDS
from portal.web.pagination import Page, offset_of, page_number
from portal.web.reading import read_by

bp = Blueprint("providers", __name__)


@bp.get("/providers/<int:organisation_id>")
@requires("evidence:read")
def show(organisation_id: int) -> ResponseReturnValue:
    """What a provider that is admitted, or whose application is opened, says of itself."""
    return _page(organisation_id, VerifyForm(formdata=None))


def _page(organisation_id: int, form: VerifyForm) -> ResponseReturnValue:
    viewer = actor()
    provider = queries.provider_for(viewer, organisation_id)
    number = page_number(request.args.get("page"))
    documents, total = queries.documents_for(viewer, provider, skip=offset_of(number, A_PAGE))
    read_by(viewer, "profile", organisation_id)
    page = render_template(
        "directory/provider.html",
        provider=provider,
        organisation=facts_of(organisation_id),
        services=services_of(organisation_id),
        profile=profile_of(organisation_id),
        connected=connected_persons_of(organisation_id),
        connected_kinds=CONNECTED_KINDS,
        declared=queries.declarations_for(provider),
        in_words=in_words,
        share_codes=queries.share_codes_for(provider),
        page=Page(documents, number, total, A_PAGE),
        form=form,
        as_at=clock.now(),
    )
    return page, (422 if form.errors else 200)


@bp.post("/providers/<int:organisation_id>/share-codes/<int:share_code_id>/verify")
@requires("share_code:verify")
def verify(organisation_id: int, share_code_id: int) -> ResponseReturnValue:
    """Note what the central digital platform said of a share code."""
    provider = queries.provider_for(actor(), organisation_id)
    if share_code_id not in [code["id"] for code in queries.share_codes_for(provider)]:
        raise NotFound()
    form = VerifyForm()
    if not form.validate_on_submit():
        return _page(organisation_id, form)
    verify_share_code(share_code_id=share_code_id, is_latest=form.is_latest.data == "yes", by=actor())
    flash("Noted, with today’s date and your name.", "success")
    return redirect(url_for(".show", organisation_id=organisation_id, _anchor="share-code"), 303)
