"""The council's own settings on pages: `settings` in templates, its colours as a stylesheet, its logo."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, g, has_request_context
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from portal.settings.queries import NAMES, settings_in_force, with_own
from portal.web.assets import asset_url


class PageSettings:
    """What templates know as `settings`: the environment's, with what the council has set itself.

    The database is asked at most once a request, and only by a page that shows one of these.
    """

    def __init__(self, base: Settings) -> None:
        self._base = base

    def __getattr__(self, name: str) -> Any:
        return getattr(in_force(self._base) if name in NAMES else self._base, name)


def in_force(base: Settings) -> Settings:
    """The settings of this request. A page that says that the database is away does without it."""
    if not has_request_context() or "sqlalchemy" not in current_app.extensions:
        return base
    if "settings_in_force" not in g:
        try:
            g.settings_in_force = settings_in_force(base)
        except SQLAlchemyError:
            g.settings_in_force = base
    return g.settings_in_force


def in_force_are(own: Mapping[str, str] | None) -> None:
    """The settings of this request came with something else that was asked: what the council has set."""
    g.settings_in_force = with_own(current_app.config["PORTAL"], own)


def do_without_database() -> None:
    """Let the rest of this request ask the database nothing, and show the environment's settings: it is about
    an error, and the database may be what is away."""
    g.without_database = True
    g.setdefault("settings_in_force", current_app.config["PORTAL"])


def is_without_database() -> bool:
    """Whether this request is about an error: what a page shows beside it is left out."""
    return bool(g.get("without_database"))


def brand_url(settings: PageSettings) -> str:
    """The address of the stylesheet with the council's colours."""
    base: Settings = current_app.config["PORTAL"]
    brand, accent = settings.brand_colour, settings.accent_colour
    if (brand, accent) == (base.brand_colour, base.accent_colour):
        return asset_url("brand.css")
    return f"/brand/{brand[1:]}-{accent[1:] or 'none'}.css"
