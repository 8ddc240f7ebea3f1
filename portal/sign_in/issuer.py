"""Signing in with the council's own account: OpenID Connect, code flow with PKCE, state and nonce.

Any issuer that is configured will do. It says who somebody is; whom the portal lets in stays the portal's:
an active person with a membership in a council, matched once by an address that the issuer has verified.
"""

from typing import Any

from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, current_app
from sqlalchemy.dialects.postgresql import insert

from config import Settings
from portal import clock
from portal.accounts.models import Person
from portal.accounts.queries import person_by_email
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Refusal
from portal.sign_in.models import IssuerLink
from portal.sign_in.queries import factors_of, person_linked
from portal.sign_in.services import as_actor

_NAME = "council"
_SECONDS = 10


class IssuerRefused(Refusal):
    """The issuer's answer does not hold, or it is about nobody who may come in this way."""

    sentence = "Signing in with your council account did not work. Try again, or use your password."


def begin(redirect_to: str) -> Response:
    """Send the browser to the issuer, with a fresh state, nonce and challenge. Raises `IssuerRefused`."""
    try:
        return _client(current_app).authorize_redirect(redirect_to)
    except Exception as error:  # Whatever ails the issuer, the other ways in are open.
        current_app.logger.warning("the issuer does not answer: %s", error)
        raise IssuerRefused() from error


def claims_of_answer() -> dict[str, Any]:
    """What the issuer says of whoever came back, once everything about it is verified.

    State, code, signature, issuer, audience, nonce and age are. Raises `IssuerRefused`.
    """
    settings: Settings = current_app.config["PORTAL"]
    expected = {
        "iss": {"essential": True, "values": [settings.oidc_issuer]},
        "aud": {"essential": True, "values": [settings.oidc_client_id]},
    }
    try:
        token = _client(current_app).authorize_access_token(claims_options=expected)
    except Exception as error:  # A forged answer and a broken issuer look alike from here: nobody comes in.
        current_app.logger.warning("the issuer's answer is refused: %s: %s", type(error).__name__, error)
        raise IssuerRefused() from error
    claims = token.get("userinfo")
    if not token.get("id_token") or not claims:
        raise IssuerRefused()
    return dict(claims)


def person_of(claims: dict[str, Any]) -> Person:
    """The council's person whom verified claims are about. Raises `IssuerRefused`.

    Known by issuer and subject; the first time by an e-mail address that the issuer has verified.
    """
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    person = person_linked(issuer, subject)
    first_time = person is None
    if person is None and claims.get("email_verified") is True:
        person = person_by_email(str(claims.get("email", "")))
    if person is None or not person.active or not factors_of(person.id).compulsory:
        raise IssuerRefused()
    if first_time:
        _link(issuer, subject, person)
    return person


def took_second_step(claims: dict[str, Any], settings: Settings) -> bool:
    """Whether the issuer asked for a second factor: it says so (RFC 8176), or is known to ask always."""
    methods = claims.get("amr")
    named = isinstance(methods, list) and "mfa" in methods
    return named or claims.get("acr") in settings.oidc_strong_acr or settings.oidc_enforces_second_factor


def _link(issuer: str, subject: str, person: Person) -> None:
    with transaction() as session:
        linked = session.execute(
            insert(IssuerLink)
            .values(issuer=issuer, subject=subject, person_id=person.id, linked_at=clock.now())
            .on_conflict_do_nothing()
            .returning(IssuerLink.person_id)
        ).scalar_one_or_none()
        if linked is None:  # The issuer knows this person under another subject already.
            raise IssuerRefused()
        record("sign_in.link_issuer", "person", person.id, by=as_actor(person), issuer=issuer)


def _client(app: Flask) -> Any:
    """The client of this application, made at its first use."""
    if "portal_issuer" not in app.extensions:
        settings: Settings = app.config["PORTAL"]
        oauth = OAuth(app)
        oauth.register(
            name=_NAME,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "default_timeout": _SECONDS,
            },
        )
        app.extensions["portal_issuer"] = oauth
    return getattr(app.extensions["portal_issuer"], _NAME)
