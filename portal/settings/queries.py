"""The settings in force: the council's own over those of the environment.

The newest version is read in one short statement, once a request, when a page needs a setting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import RowMapping, ScalarSelect, func, select, text

from config import Settings
from portal.database import db
from portal.settings.models import SettingsVersion

NAMES = (
    "council_name",
    "service_name",
    "brand_colour",
    "accent_colour",
    "mail_sender",
    "mail_sender_name",
    "logo_sha256",
)


def settings_in_force(base: Settings) -> Settings:
    """`base` with what the council has set. What it left empty stays as it was."""
    return with_own(base, own_settings())


def with_own(base: Settings, own: Mapping[str, str] | None) -> Settings:
    """`base` with what the council has set (`own`, by name; None before it has set anything)."""
    said: dict[str, Any] = {name: value for name, value in (own or {}).items() if value}
    return replace(base, **said)


def newest_settings() -> ScalarSelect[Any]:
    """SQL for what the council has set, as one JSON object; null before the first time. For statements that
    every page makes anyhow."""
    table = SettingsVersion.__table__.c
    pairs = (part for name in NAMES for part in (name, table[name]))
    newest = select(func.jsonb_build_object(*pairs)).order_by(table.id.desc()).limit(1)
    return newest.scalar_subquery()


def logo_with(sha256: str) -> bytes | None:
    """The picture with this checksum, if the council has ever had it as its logo."""
    table = SettingsVersion.__table__.c
    return db.session.scalar(select(table.logo).where(table.logo_sha256 == sha256).limit(1))


def own_settings() -> dict[str, str]:
    """What the council has set itself, by name; empty where the environment holds."""
    table = SettingsVersion.__table__.c
    row = db.session.execute(
        select(*(table[name] for name in NAMES)).order_by(table.id.desc()).limit(1)
    ).one_or_none()
    return row._asdict() if row else dict.fromkeys(NAMES, "")


def newest_version() -> int:
    """The number of the newest version; 0 before the first."""
    table = SettingsVersion.__table__.c
    return db.session.scalar(select(table.id).order_by(table.id.desc()).limit(1)) or 0


def changes(most: int = 20) -> Sequence[RowMapping]:
    """Who changed the settings, and when: the newest first (`at`, `by`, `id`)."""
    return (
        db.session.execute(
            text(
                "SELECT settings_version.id, changed_at AS at, person.name AS by FROM settings_version"
                " JOIN person ON person.id = changed_by_id ORDER BY settings_version.id DESC LIMIT :most"
            ),
            {"most": most},
        )
        .mappings()
        .all()
    )
