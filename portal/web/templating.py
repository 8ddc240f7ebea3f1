"""The template environment: a name that nobody gave is an error, not an empty space on a page."""

from flask import Flask
from jinja2 import StrictUndefined

from config import Settings
from portal.web.assets import asset_url, init_assets
from portal.web.brand import PageSettings, brand_url
from portal.web.filters import FILTERS, plural
from portal.web.forms import form_problems
from portal.web.pagination import page_url
from portal.web.security import csp_nonce
from portal.web.tags import state_colour, state_words
from portal.web.widgets import html_attrs, join_ids, widget_of
from portal.web.words import WORD_RULE, count_words


def init_templating(app: Flask) -> None:
    """Make the templates strict, with filters, helpers, assets and `settings` (`app.config["PORTAL"]`)."""
    settings: Settings = app.config["PORTAL"]
    init_assets(app, settings.brand_colour, settings.accent_colour)
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.filters.update(FILTERS)
    environment.globals.update(
        settings=PageSettings(settings),
        brand_url=brand_url,
        asset_url=asset_url,
        csp_nonce=csp_nonce,
        page_url=page_url,
        form_problems=form_problems,
        widget_of=widget_of,
        html_attrs=html_attrs,
        join_ids=join_ids,
        plural=plural,
        state_colour=state_colour,
        state_words=state_words,
        count_words=count_words,
        word_rule=WORD_RULE,
    )
