"""Addresses that leave the portal: in letters, and to a council's own sign-in."""

from flask import current_app


def portal_url() -> str:
    """The address under which people reach the portal."""
    return current_app.config["PORTAL"].public_url
