"""The council's settings, and what of them anybody's browser is given: colours and logo."""

import re

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, public, requires
from portal.administration.forms import LogoForm, PeriodsForm, SettingsForm
from portal.administration.services import upload_logo
from portal.errors import NotFound
from portal.settings import queries, services
from portal.settings.periods import PERIODS, own_periods
from portal.web.assets import brand_stylesheet
from portal.web.text import id_in

bp = Blueprint("settings", __name__)
# Its address holds its checksum. Not for shared caches: the answer may carry somebody's cookie.
FOR_EVER = "private, max-age=31536000, immutable"


@bp.get("/administration/settings")
@requires("settings:manage")
def show() -> ResponseReturnValue:
    """What the council has set itself."""
    return _page(_filled())


def _filled() -> SettingsForm:
    return SettingsForm(formdata=None, data={**queries.own_settings(), "version": queries.newest_version()})


def _periods_filled() -> PeriodsForm:
    return PeriodsForm(formdata=None, data={**own_periods(), "version": queries.newest_version()})


def _page(
    form: SettingsForm, logo: LogoForm | None = None, periods: PeriodsForm | None = None
) -> ResponseReturnValue:
    """The page with its three forms; the one that was refused is summed up at the top."""
    sent = logo or periods or form
    base = current_app.config["PORTAL"]
    inherited = {name: getattr(base, name) for name in services.TEXTS}
    page = render_template(
        "administration/settings.html",
        form=sent,
        values=form,
        logo=logo or LogoForm(formdata=None),
        periods=periods or _periods_filled(),
        period_names=list(PERIODS),
        inherited=inherited,
        contrasts=services.contrast_in_words(
            form.brand_colour.data or inherited["brand_colour"],
            form.accent_colour.data or inherited["accent_colour"],
        ),
        changes=queries.changes(),
    )
    return page, sent.http_status


@bp.post("/administration/settings")
@requires("settings:manage")
def save() -> ResponseReturnValue:
    """Save names, colours and the letters' sender."""
    form = SettingsForm()
    if form.validate_on_submit():
        with form.refusals():
            services.save_settings(
                values={name: getattr(form, name).data or "" for name in services.TEXTS},
                version=id_in(form.version.data, -1),
                by=actor(),
            )
            flash("The settings are saved.", "success")
            return redirect(url_for("settings.show"), 303)
    return _page(form)


@bp.post("/administration/settings/periods")
@requires("settings:manage")
def periods() -> ResponseReturnValue:
    """Save how long things take."""
    form = PeriodsForm()
    if form.validate_on_submit():
        with form.refusals():
            services.save_periods(values=form.values(), version=id_in(form.version.data, -1), by=actor())
            flash("The periods are saved. They hold for what begins from now on.", "success")
            return redirect(url_for("settings.show"), 303)
    return _page(_filled(), periods=form)


@bp.post("/administration/settings/logo")
@requires("settings:manage")
def logo() -> ResponseReturnValue:
    """Take a picture as the council's logo."""
    form = LogoForm()
    if form.validate_on_submit():
        with form.refusals("logo"):
            upload_logo(stream=form.logo.data.stream, filename=form.logo.data.filename or "", by=actor())
            flash("The logo is saved.", "success")
            return redirect(url_for("settings.show"), 303)
    return _page(_filled(), form)


@bp.post("/administration/settings/logo/remove")
@requires("settings:manage")
def remove_logo() -> ResponseReturnValue:
    """Show the council's name in words again."""
    services.remove_logo(by=actor())
    flash("The logo is removed. The name of the council stands in its place.", "success")
    return redirect(url_for("settings.show"), 303)


@bp.get("/brand/<colours>.css")
@public
def colours(colours: str) -> ResponseReturnValue:
    """The council's colours as a stylesheet; they stand in the address, so nothing need be looked up."""
    found = re.fullmatch(r"([0-9a-f]{6})-([0-9a-f]{6}|none)", colours)
    if not found:
        raise NotFound()
    accent = "" if found[2] == "none" else f"#{found[2]}"
    return _for_ever(brand_stylesheet(f"#{found[1]}", accent).encode(), "text/css; charset=utf-8")


@bp.get("/brand/<sha256>.png")
@public
def logo_picture(sha256: str) -> ResponseReturnValue:
    """The council's logo."""
    picture = queries.logo_with(sha256) if re.fullmatch(r"[0-9a-f]{64}", sha256) else None
    if picture is None:
        raise NotFound()
    return _for_ever(picture, "image/png")


def _for_ever(content: bytes, media_type: str) -> Response:
    answer = Response(content, content_type=media_type)
    answer.headers["Cache-Control"] = FOR_EVER
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer
