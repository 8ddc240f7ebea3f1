"""The sections and the scales of a draft's pack."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.forms import Form
from tender.frameworks import queries as frameworks
from tender.frameworks.facts import RoundFacts
from tender.frameworks.pack import AskedSection, MarkingScale, RoundPack
from tender.packs import scale_services, section_services
from tender.packs.refusals import ChangedMeanwhile
from tender.packs.scale_services import scale_in
from tender.packs.section_services import section_in
from tender.packs.structure_forms import scale_form, section_form

bp = Blueprint("pack_structure", __name__)
SECTION = "/rounds/<int:round_id>/pack/sections/<section>"
SCALE = "/rounds/<int:round_id>/pack/scales/<int:scale_id>"


@bp.route("/rounds/<int:round_id>/pack/sections", methods=["GET", "POST"])
@requires("framework:manage")
def add_section(round_id: int) -> ResponseReturnValue:
    """Add a section at the end."""
    facts = frameworks.draft_for(actor(), round_id)
    form = section_form(None)
    if form.validate_on_submit():
        with form.refusals():
            code = section_services.add_section(
                by=actor(),
                round_id=round_id,
                title=form.title.data,
                introduction=form.introduction.data,
            )
            return _to_the_section(round_id, code)
    return _section_page(facts, form, None)


@bp.route(SECTION, methods=["GET", "POST"])
@requires("framework:manage")
def section(round_id: int, section: str) -> ResponseReturnValue:
    """Change a section's title and introduction."""
    facts = frameworks.draft_for(actor(), round_id)
    part = section_in(frameworks.pack_of(round_id), section)
    form, clash = section_form(part), False
    if form.validate_on_submit():
        try:
            section_services.change_section(
                by=actor(),
                round_id=round_id,
                code=section,
                title=form.title.data,
                introduction=form.introduction.data,
                seen=form.seen.data or "",
            )
        except ChangedMeanwhile as conflict:
            form.refuse(conflict)
            form.seen.data, clash = part.fingerprint, True
        else:
            return _to_the_section(round_id, section)
    return _section_page(facts, form, part, clash)


@bp.post(f"{SECTION}/move")
@requires("framework:manage")
def move_section(round_id: int, section: str) -> ResponseReturnValue:
    """Move a section with its questions one place up or down."""
    section_services.move_section(
        by=actor(),
        round_id=round_id,
        code=section,
        down=request.form.get("to") == "down",
        place=request.args.get("place", type=int),
    )
    return _to_the_section(round_id, section)


@bp.post(f"{SECTION}/remove")
@requires("framework:manage")
def remove_section(round_id: int, section: str) -> ResponseReturnValue:
    """Take an empty section out."""
    facts = frameworks.draft_for(actor(), round_id)
    try:
        section_services.remove_section(by=actor(), round_id=round_id, code=section)
    except Refusal as refusal:
        part = section_in(frameworks.pack_of(round_id), section)
        form = section_form(part, sent=False)
        form.refuse(refusal)
        return _section_page(facts, form, part)
    return redirect(url_for("packs.show", round_id=round_id), 303)


@bp.route("/rounds/<int:round_id>/pack/scales", methods=["GET", "POST"])
@requires("framework:manage")
def add_scale(round_id: int) -> ResponseReturnValue:
    """Add a scale with its bands."""
    facts = frameworks.draft_for(actor(), round_id)
    form = scale_form(None)
    if form.validate_on_submit():
        with form.refusals():
            scale_services.add_scale(
                by=actor(), round_id=round_id, name=form.name.data, bands=form.bands.data
            )
            return _to_the_scales(round_id)
    return _scale_page(facts, form, None)


@bp.route(SCALE, methods=["GET", "POST"])
@requires("framework:manage")
def scale(round_id: int, scale_id: int) -> ResponseReturnValue:
    """Change a scale and its bands."""
    facts = frameworks.draft_for(actor(), round_id)
    pack = frameworks.pack_of(round_id)
    standing = scale_in(pack, scale_id)
    form, clash = scale_form(standing), False
    if form.validate_on_submit():
        try:
            scale_services.change_scale(
                by=actor(),
                round_id=round_id,
                scale_id=scale_id,
                name=form.name.data,
                bands=form.bands.data,
                seen=form.seen.data or "",
            )
        except ChangedMeanwhile as conflict:
            form.refuse(conflict)
            form.seen.data, clash = standing.fingerprint, True
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _to_the_scales(round_id)
    return _scale_page(facts, form, standing, pack, clash)


@bp.post(f"{SCALE}/remove")
@requires("framework:manage")
def remove_scale(round_id: int, scale_id: int) -> ResponseReturnValue:
    """Take a scale out that no question is marked on."""
    facts = frameworks.draft_for(actor(), round_id)
    try:
        scale_services.remove_scale(by=actor(), round_id=round_id, scale_id=scale_id)
    except Refusal as refusal:
        pack = frameworks.pack_of(round_id)
        standing = scale_in(pack, scale_id)
        form = scale_form(standing, sent=False)
        form.refuse(refusal)
        return _scale_page(facts, form, standing, pack)
    return _to_the_scales(round_id)


def _section_page(
    facts: RoundFacts, form: Form, part: AskedSection | None, clash: bool = False
) -> ResponseReturnValue:
    page = render_template("packs/section.html", form=form, round=facts, section=part, clash=clash)
    return page, _status(form, clash)


def _scale_page(
    facts: RoundFacts,
    form: Form,
    standing: MarkingScale | None,
    pack: RoundPack | None = None,
    clash: bool = False,
) -> ResponseReturnValue:
    used = [asked for asked in pack.scored if standing and asked.scale_id == standing.id] if pack else []
    page = render_template("packs/scale.html", form=form, round=facts, scale=standing, used=used, clash=clash)
    return page, _status(form, clash)


def _status(form: Form, clash: bool) -> int:
    return 409 if clash else form.http_status


def _to_the_section(round_id: int, code: str) -> ResponseReturnValue:
    return redirect(url_for("packs.show", round_id=round_id, _anchor=f"section-{code}"), 303)


def _to_the_scales(round_id: int) -> ResponseReturnValue:
    return redirect(url_for("packs.show", round_id=round_id, _anchor="scales"), 303)
