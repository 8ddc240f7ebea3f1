"""Settings of the portal, read once from the environment.

Everything that differs between two installations is here, typed, with its unit. `PORTAL_ENV` is
`production` unless said otherwise, and production refuses to start on a value that is only safe in a
demonstration.
"""

import os
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DEVELOPMENT_SECRET = "development-only-secret"
# Fernet wants 32 bytes in base64; these say what they are.
DEVELOPMENT_TOTP_KEY = "ZGV2ZWxvcG1lbnQtb25seS1rZXktZm9yLXRvdHAtISE="
DEVELOPMENT_CHILD_KEY = "ZGV2ZWxvcG1lbnQtb25seS1mb3ItY2hpbGRyZW4hISE="
SHORTEST_SECRET = 32
MOST_REPEATED = 8  # a secret of fewer different characters was typed, not drawn
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
WELL_KNOWN = frozenset(
    {"password", "postgres", "postgresql", "portal", "changeme", "change-me", "minioadmin", "rootpassword"}
    | {"minio123", "secret123", "development", "testtest", "12345678", "accesskey", "secretkey"}
)


class ConfigurationError(Exception):
    """The environment does not describe an installation that may start."""


@dataclass(frozen=True)
class Settings:
    """One installation's settings. Sizes are in bytes."""

    environment: str
    database_url: str
    secret_key: str
    s3_endpoint_url: str
    s3_bucket: str
    s3_access_key: str
    s3_secret_key: str
    s3_region: str
    smtp_host: str
    smtp_port: int
    smtp_username: str
    smtp_password: str
    mail_sender: str
    mailbox_folder: Path | None
    data_folder: Path
    council_name: str
    service_name: str
    public_url: str
    largest_request: int = 101 * 1024 * 1024  # one file of 100 MB, and the rest of its form
    session_lifetime: timedelta = timedelta(hours=12)
    session_idle: timedelta = timedelta(minutes=60)
    totp_key: str = DEVELOPMENT_TOTP_KEY
    child_data_keys: tuple[str, ...] = (DEVELOPMENT_CHILD_KEY,)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_enforces_second_factor: bool = False
    oidc_strong_acr: tuple[str, ...] = ()
    trusted_proxies: int = 0
    brand_colour: str = "#0b3f5c"
    accent_colour: str = ""
    mail_sender_name: str = ""
    logo_sha256: str = ""
    password_memory_kib: int = 64 * 1024
    clamd_host: str = ""
    clamd_port: int = 3310
    clamd_socket: str = ""
    clamd_largest_stream: int = 25 * 1024 * 1024
    scan_required: bool = False

    @property
    def production(self) -> bool:
        """Whether real tenders and real children are behind this installation."""
        return self.environment == "production"

    @property
    def s3_origin(self) -> str:
        """Where browsers send files and fetch them: scheme, host and port of the store."""
        parts = urlsplit(self.s3_endpoint_url or f"https://s3.{self.s3_region}.amazonaws.com")
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def demonstration(self) -> bool:
        """Whether the people, the mailbox and the sign-ins are invented ones."""
        return self.environment == "development"


def _sign_in(environ: Mapping[str, str], environment: str) -> dict[str, Any]:
    """How people sign in: how long a session lasts, the key of second factors, the council's own issuer."""
    key = environ.get("TOTP_KEY", "" if environment == "production" else DEVELOPMENT_TOTP_KEY)
    if not _is_fernet_key(key) or (environment == "production" and key == DEVELOPMENT_TOTP_KEY):
        raise ConfigurationError("TOTP_KEY must hold 32 random bytes in URL-safe base64 (44 characters).")
    issuer = environ.get("OIDC_ISSUER", "")
    if issuer and not (environ.get("OIDC_CLIENT_ID") and environ.get("OIDC_CLIENT_SECRET")):
        raise ConfigurationError("OIDC_ISSUER is set, so set OIDC_CLIENT_ID and OIDC_CLIENT_SECRET as well.")
    return {
        "totp_key": key,
        "session_idle": timedelta(minutes=int(environ.get("SESSION_IDLE_MINUTES", "60"))),
        "session_lifetime": timedelta(hours=int(environ.get("SESSION_HOURS", "12"))),
        "oidc_issuer": issuer,
        "oidc_client_id": environ.get("OIDC_CLIENT_ID", ""),
        "oidc_client_secret": environ.get("OIDC_CLIENT_SECRET", ""),
        "oidc_enforces_second_factor": environ.get("OIDC_ENFORCES_SECOND_FACTOR", "no") == "yes",
        "oidc_strong_acr": tuple(environ.get("OIDC_STRONG_ACR", "").split()),
        "trusted_proxies": int(environ.get("TRUSTED_PROXIES", "0")),
    }


def _child_data_keys(environ: Mapping[str, str], environment: str) -> tuple[str, ...]:
    """The keys that seal who a child is, the one that seals first. The last one must stay for good."""
    given = environ.get("CHILD_DATA_KEY", "" if environment == "production" else DEVELOPMENT_CHILD_KEY)
    keys = tuple(key.strip() for key in given.split(","))
    if not all(_is_fernet_key(key) for key in keys):
        raise ConfigurationError(
            "CHILD_DATA_KEY must hold 32 random bytes in URL-safe base64 (44 characters); several, the newest"
            " first, are separated by commas."
        )
    if environment == "production" and DEVELOPMENT_CHILD_KEY in keys:
        raise ConfigurationError("CHILD_DATA_KEY is the demonstration’s, which everybody can read. Make one.")
    return keys


def _is_fernet_key(text: str) -> bool:
    try:
        return len(urlsafe_b64decode(text)) == 32
    except ValueError:
        return False


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (the process environment by default).

    Raises `ConfigurationError` with a sentence that names the variable which is missing or unsafe.
    """
    environ = os.environ if environ is None else environ
    environment = environ.get("PORTAL_ENV", "production")
    if environment not in ("development", "testing", "production"):
        raise ConfigurationError(
            f"PORTAL_ENV is '{environment}'. Set it to development, testing or production."
        )

    def required(name: str) -> str:
        value = environ.get(name, "")
        if not value:
            raise ConfigurationError(f"{name} is not set. Set it in the environment and start again.")
        return value

    if environment == "production":
        _refuse_unsafe(environ)
    secret = environ.get("SECRET_KEY", "" if environment == "production" else DEVELOPMENT_SECRET)
    mailbox = environ.get("MAILBOX_FOLDER", "")
    return Settings(
        environment=environment,
        database_url=required("DATABASE_URL"),
        secret_key=secret,
        s3_endpoint_url=environ.get("S3_ENDPOINT_URL", ""),
        s3_bucket=required("S3_BUCKET"),
        s3_access_key=environ.get("S3_ACCESS_KEY", ""),
        s3_secret_key=environ.get("S3_SECRET_KEY", ""),
        s3_region=environ.get("S3_REGION", "eu-west-2"),
        smtp_host=required("SMTP_HOST"),
        smtp_port=int(environ.get("SMTP_PORT", "25")),
        smtp_username=environ.get("SMTP_USERNAME", ""),
        smtp_password=environ.get("SMTP_PASSWORD", ""),
        mail_sender=environ.get("MAIL_SENDER", "alternative-provision@council.example.org"),
        mailbox_folder=Path(mailbox) if mailbox else None,
        data_folder=Path(environ.get("PORTAL_DATA", ".data")),
        council_name=environ.get("COUNCIL_NAME", "Manchester City Council"),
        service_name=environ.get("SERVICE_NAME", "Alternative provision portal"),
        public_url=environ.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        # Tests sign in thousands of times.
        password_memory_kib=64 if environment == "testing" else 64 * 1024,
        brand_colour=environ.get("BRAND_COLOUR", "#0b3f5c"),
        accent_colour=environ.get("ACCENT_COLOUR", ""),
        mail_sender_name=environ.get("MAIL_SENDER_NAME", ""),
        child_data_keys=_child_data_keys(environ, environment),
        **_sign_in(environ, environment),
        **_scanner(environ),
    )


def _refuse_unsafe(environ: Mapping[str, str]) -> None:
    """Raise `ConfigurationError` for what is only safe where the people and the tenders are invented."""
    secret = environ.get("SECRET_KEY", "")
    if len(secret) < SHORTEST_SECRET or secret == DEVELOPMENT_SECRET or len(set(secret)) < MOST_REPEATED:
        raise ConfigurationError(
            f"SECRET_KEY must hold at least {SHORTEST_SECRET} random characters in production."
        )
    if environ.get("MAILBOX_FOLDER"):
        raise ConfigurationError("MAILBOX_FOLDER shows letters to anyone. Remove it in production.")
    if urlsplit(environ.get("PUBLIC_URL", "")).scheme != "https":
        raise ConfigurationError(
            "PUBLIC_URL must begin with https:// in production: sign-ins travel by it, and letters name it."
        )
    if _easily_guessed(urlsplit(environ.get("DATABASE_URL", "")).password):
        raise ConfigurationError("DATABASE_URL holds a password that anyone would try. Give it a random one.")
    if _easily_guessed(environ.get("S3_SECRET_KEY")) or _easily_guessed(environ.get("S3_ACCESS_KEY")):
        raise ConfigurationError(
            "S3_ACCESS_KEY or S3_SECRET_KEY is one that anyone would try. Make a new pair for the portal."
        )
    store = urlsplit(environ.get("S3_ENDPOINT_URL", "https://"))
    if store.scheme == "http" and store.hostname not in THIS_MACHINE:
        raise ConfigurationError(
            "S3_ENDPOINT_URL must begin with https:// in production: documents travel by it."
        )


def _easily_guessed(secret: str | None) -> bool:
    """Whether a password is one that comes with a product or a tutorial. None at all is another matter."""
    return bool(secret) and (len(secret or "") < 8 or (secret or "").lower() in WELL_KNOWN)


def _scanner(environ: Mapping[str, str]) -> dict[str, Any]:
    """Where clamd listens, if it does, and whether a file without its verdict may be read."""
    host, socket = environ.get("CLAMD_HOST", ""), environ.get("CLAMD_SOCKET", "")
    required = environ.get("SCAN_REQUIRED", "no")
    if required not in ("yes", "no"):
        raise ConfigurationError(f"SCAN_REQUIRED is '{required}'. Set it to yes or no.")
    if required == "yes" and not (host or socket):
        raise ConfigurationError(
            "SCAN_REQUIRED is yes, and no scanner is named. Set CLAMD_SOCKET or CLAMD_HOST too."
        )
    return {
        "clamd_host": host,
        "clamd_port": int(environ.get("CLAMD_PORT", "3310")),
        "clamd_socket": socket,
        "clamd_largest_stream": int(environ.get("CLAMD_LARGEST_MEGABYTES", "25")) * 1024 * 1024,
        "scan_required": required == "yes",
    }
