"""The service navigation: the few places that a person's permissions lead to."""

from flask import Flask, request, url_for

from portal import clock
from portal.accounts.gate import actor
from portal.accounts.sessions import name_on_device
from portal.web.brand import is_without_database
from tender.applications.queries import open_drafts

# Words, endpoint, and the permissions of which any shows it. `None` is for people who are not signed in,
# an empty set for everyone.
PLACES: tuple[tuple[str, str, frozenset[str] | None], ...] = (
    ("Home", "home.show", frozenset()),
    ("Opportunities", "opportunities.index", frozenset({"application:edit", "framework:manage"})),
    ("Opportunities", "opportunities.index", None),
    ("Frameworks", "frameworks.index", frozenset({"framework:manage", "evaluation:read"})),
    ("Marking", "scoring.index", frozenset({"tender:mark"})),
    ("Approvals", "outcomes.approvals", frozenset({"outcome:approve"})),
    ("Find provision", "directory.search", frozenset({"directory:search"})),
    ("Register", "standings.index", frozenset({"standing:read"})),
    ("Your standing", "own_standing.show", frozenset({"standing:follow"})),
    ("Audit trail", "auditing.index", frozenset({"audit:read"})),
    ("Referrals", "commissioning.index", frozenset({"referral:read", "referral:answer"})),
    ("Access log", "children.logs", frozenset({"child:log"})),
    ("Agreements", "agreements.index", frozenset({"agreement:read"})),
    ("Placements", "placements.figures", frozenset({"placement:count"})),
    ("Administration", "administration.organisations", frozenset({"organisation:read"})),
    ("Register as a provider", "sign_in.register", None),
    ("Sign in", "sign_in.sign_in", None),
)

# Words, endpoint, permission: what stands side by side at the top of every page of the administrator's area.
ADMINISTRATION = (
    ("Organisations", "administration.organisations", "organisation:read"),
    ("People", "administration.people", "people:read"),
    ("Settings", "settings.show", "settings:manage"),
    ("Hours", "hours.rules", "settings:manage"),
    ("Retention", "personal_data.retention", "personal_data:manage"),
    ("Legal holds", "personal_data.holds", "personal_data:manage"),
    ("Subject access", "personal_data.access", "personal_data:manage"),
)


def init_navigation(app: Flask) -> None:
    """Give every page its navigation and the person's account."""
    app.context_processor(_context)


def _context() -> dict[str, object]:
    viewer = actor()
    account = None
    if viewer.signed_in:
        account = {
            "name": viewer.name,
            "organisation": viewer.organisation_name,
            "organisation_url": url_for("organisations.show"),
            "change_url": url_for("organisations.act_for") if len(viewer.choices) > 1 else "",
            "sign_out_url": url_for("sign_in.sign_out"),
            "id": name_on_device(viewer.person_id),
            "sign_in_url": url_for("your_sign_in.show"),
            "confirm_url": "" if viewer.confirmed else url_for("letters.confirm"),
        }
    shown = [
        (words, url_for(endpoint), request.endpoint == endpoint)
        for words, endpoint, permissions in PLACES
        if (not viewer.signed_in if permissions is None else not permissions or viewer.may(*permissions))
    ]
    without_banner = request.endpoint == "home.show" or is_without_database()
    return {
        "navigation": shown,
        "account": account,
        "administration_places": _administration_places,
        # The home page says it by itself, first of what needs somebody now.
        "unsubmitted": [] if without_banner else open_drafts(viewer),
        "rendered_at": clock.now(),
    }


def _administration_places() -> list[tuple[str, str]]:
    """The pages of the administrator's area that this person may open (words, endpoint)."""
    may = actor().may
    return [(words, endpoint) for words, endpoint, wanted in ADMINISTRATION if may(wanted)]
