"""Browsers that have signed somebody in before: a signed cookie says for whom.

It opens nothing. It only lets this browser's attempts be counted by themselves, so that what strangers try
never keeps its owner out.
"""

import secrets
from dataclasses import dataclass

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "portal_device"
_MOST_PEOPLE = 8
_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class Device:
    """A browser: a random name, and the ids of the people who have signed in in it."""

    name: str
    knows: tuple[int, ...]


def this_device() -> Device:
    """The browser that makes this request; an unknown one knows nobody."""
    try:
        name, *knows = _serializer().loads(request.cookies.get(COOKIE, ""), max_age=_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return Device(secrets.token_urlsafe(12), ())
    return Device(name, tuple(knows))


def remember(person_id: int) -> None:
    """From now on this browser has signed this person in; the cookie goes with the answer."""
    device = this_device()
    others = [each for each in device.knows if each != person_id]
    g.device_cookie = _serializer().dumps([device.name, person_id, *others[: _MOST_PEOPLE - 1]])


def set_device_cookie(response: Response) -> Response:
    """Send the cookie, where this request made one."""
    if cookie := g.pop("device_cookie", None):
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=_SECONDS,
            path="/",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return response


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="portal.device")
