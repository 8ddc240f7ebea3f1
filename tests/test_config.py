"""Production refuses to start on what is only safe where everybody is invented, and says what to change."""

import pytest

from config import (
    DEVELOPMENT_CHILD_KEY,
    DEVELOPMENT_SECRET,
    DEVELOPMENT_TOTP_KEY,
    ConfigurationError,
    load_settings,
)

SAFE = {
    "PORTAL_ENV": "production",
    "SECRET_KEY": "Zk3vN8qLw1XyR5tBs7PdHf2JmC9aGe4U",
    "DATABASE_URL": "postgresql+psycopg://portal:q7Wd0sPz1LkV@db.internal/portal",
    "S3_BUCKET": "documents",
    "S3_ENDPOINT_URL": "https://s3.eu-west-2.amazonaws.com",
    "S3_ACCESS_KEY": "AKIDZ81VQ0P3LM7XTR2C",
    "S3_SECRET_KEY": "mJ2kP9xWq4Lz7VbN1tRs6YcD3fGh8AeU",
    "SMTP_HOST": "smtp.internal",
    "PUBLIC_URL": "https://ap.council.example.org",
    "TOTP_KEY": "Ik-vMDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3A0NTY=",
    "CHILD_DATA_KEY": "Q2hpbGRyZW4tMDEyMzQ1Njc4OWFiY2RlZmdoaWprbG0=",
}

CLIENT = {"OIDC_CLIENT_ID": "portal", "OIDC_CLIENT_SECRET": "Vq3mLw8Zt1Rk"}


def test_production_starts_on_safe_values() -> None:
    settings = load_settings(SAFE)
    assert settings.production and not settings.demonstration


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "too short"),
        ("SECRET_KEY", DEVELOPMENT_SECRET),
        ("SECRET_KEY", "a" * 64),
        ("TOTP_KEY", ""),
        ("TOTP_KEY", "too short"),
        ("TOTP_KEY", DEVELOPMENT_TOTP_KEY),
        ("CHILD_DATA_KEY", ""),
        ("CHILD_DATA_KEY", "too short"),
        ("CHILD_DATA_KEY", f"{SAFE['CHILD_DATA_KEY']},"),
        ("CHILD_DATA_KEY", f"{SAFE['CHILD_DATA_KEY']},{DEVELOPMENT_CHILD_KEY}"),
        ("OIDC_CLIENT_ID", ""),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "http://ap.council.example.org"),
        ("MAILBOX_FOLDER", "/var/mail"),
        ("DATABASE_URL", "postgresql+psycopg://portal:postgres@db.internal/portal"),
        ("DATABASE_URL", "postgresql+psycopg://portal:portal@db.internal/portal"),
        ("DATABASE_URL", "postgresql+psycopg://portal:short@db.internal/portal"),
        ("S3_SECRET_KEY", "minioadmin"),
        ("S3_ACCESS_KEY", "minioadmin"),
        ("S3_ENDPOINT_URL", "http://store.internal:9000"),
        ("SCAN_REQUIRED", "perhaps"),
        ("SCAN_REQUIRED", "yes"),
        ("PORTAL_ENV", "staging"),
        ("DATABASE_URL", ""),
        ("S3_BUCKET", ""),
        ("SMTP_HOST", ""),
    ],
)
def test_production_refuses_an_unsafe_value_and_names_it(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        load_settings({**SAFE, "OIDC_ISSUER": "https://id.example.org", **CLIENT, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql+psycopg:///portal?host=/run/postgresql"),
        ("S3_ENDPOINT_URL", "http://127.0.0.1:9000"),
        ("S3_SECRET_KEY", ""),
    ],
)
def test_production_accepts_what_never_leaves_the_machine_or_needs_no_secret(name: str, value: str) -> None:
    assert load_settings({**SAFE, name: value}).production


def test_whoever_says_nothing_runs_production() -> None:
    said = {name: value for name, value in SAFE.items() if name != "PORTAL_ENV"}
    assert load_settings(said).production
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        load_settings({name: value for name, value in said.items() if name != "SECRET_KEY"})


def test_a_scan_can_be_required_where_there_is_a_scanner() -> None:
    settings = load_settings({**SAFE, "SCAN_REQUIRED": "yes", "CLAMD_SOCKET": "/run/clamav/clamd.ctl"})
    assert settings.scan_required and settings.clamd_socket


def test_nothing_of_production_is_asked_of_a_demonstration() -> None:
    needed = {"DATABASE_URL": "postgresql:///none", "S3_BUCKET": "none", "SMTP_HOST": "localhost"}
    assert load_settings({"PORTAL_ENV": "development", **needed}).demonstration
