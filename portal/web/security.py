"""What every answer tells the browser to trust: nothing from elsewhere, nothing inline, no frames."""

import secrets

from flask import Flask, Response, g, session

PERMISSIONS = ", ".join(
    f"{feature}=()" for feature in ("camera", "microphone", "geolocation", "payment", "usb")
)


def csp_nonce() -> str:
    """The word that lets this page's own scripts run; a new one for every request."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def content_security_policy(nonce: str, store: str) -> str:
    """The policy of every page. Forms go to the portal itself; documents come from it too, by redirect.

    Scripts reach the portal and, to send files in parts, the origin `store`; nothing else.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self' {store}",
            "form-action 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def init_security_headers(app: Flask) -> None:
    """Put the headers on every answer of `app`; in production also the promise of HTTPS for a year."""
    production: bool = app.config["PORTAL"].production
    store: str = app.config["PORTAL"].s3_origin

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", content_security_policy(csp_nonce(), store))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if production:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if session and "immutable" not in headers.get("Cache-Control", ""):
            # Shared computers: nobody reads the last person's pages with the back button.
            headers["Cache-Control"] = "no-store"
        return response
