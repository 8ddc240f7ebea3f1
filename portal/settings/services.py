"""Changing the settings: each change is a new version, and a line in the trail."""

import hashlib
import re
from collections.abc import Mapping

from sqlalchemy import select, text

from portal import clock
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.errors import Conflict, Refusal
from portal.settings.colours import ENOUGH, WHITE, contrast, is_colour, writing_on
from portal.settings.models import SettingsVersion
from portal.settings.periods import PERIODS
from portal.settings.queries import NAMES

TEXTS = tuple(name for name in NAMES if name != "logo_sha256")
LONGEST = 100
LARGEST_LOGO = 256 * 1024
# One change after the other, also before there is a first row to lock.
_LOCK = 7_260_331


class StaleSettings(Conflict):
    """Somebody else saved the settings since the page was opened."""

    sentence = "A colleague changed the settings while you had this page open. Check them, then save again."


def save_settings(*, values: Mapping[str, str], version: int, by: Doer) -> None:
    """Set names, colours and the letters' sender; an empty value: as the environment has it.

    Raises `Refusal` with the field for what cannot be used, `StaleSettings` when they were saved since
    `version` (0: never).
    """
    tidy = {name: " ".join(values.get(name, "").split()) for name in TEXTS}
    tidy |= {name: tidy[name].lower() for name in ("brand_colour", "accent_colour")}
    _check(tidy)
    with transaction():
        before = _newest()
        if (before.id if before else 0) != version:
            raise StaleSettings()
        changed = sorted(name for name in TEXTS if tidy[name] != (getattr(before, name) if before else ""))
        if not changed:
            return
        _add(before, by, **tidy)
        record("settings.change", "settings", 1, by=by, **{name: tidy[name] for name in changed})


def save_periods(*, values: Mapping[str, int | None], version: int, by: Doer) -> None:
    """Set the periods (`portal.settings.periods`); None: what is usual.

    They hold for what begins from now on: what was sent keeps its window. Raises `Refusal` with the field for
    one outside its bounds, `StaleSettings` when the settings were saved since `version`.
    """
    for name, period in PERIODS.items():
        value = values.get(name)
        if value is not None and not period.least <= value <= period.most:
            raise Refusal(
                f"Give from {period.least} to {period.most:,} {period.unit}, or nothing for the usual "
                f"{period.usual}.",
                field=name,
            )
    with transaction():
        before = _newest()
        if (before.id if before else 0) != version:
            raise StaleSettings()
        changed = {
            name: values.get(name)
            for name in PERIODS
            if values.get(name) != (getattr(before, name) if before else None)
        }
        if not changed:
            return
        _add(before, by, **changed)
        record("settings.change_periods", "settings", 1, by=by, **changed)


def keep_logo(*, png: bytes, by: Doer) -> None:
    """Show this picture, which the caller has drawn anew, in the place of the council's name."""
    if len(png) > LARGEST_LOGO:
        raise Refusal("The logo is too large even when drawn smaller. Use a simpler picture.", field="logo")
    sha256 = hashlib.sha256(png).hexdigest()
    with transaction():
        before = _newest()
        if before and before.logo_sha256 == sha256:
            return
        _add(before, by, logo=png, logo_sha256=sha256)
        record("settings.change_logo", "settings", 1, by=by, sha256=sha256)


def remove_logo(*, by: Doer) -> None:
    """Show the council's name in words again."""
    with transaction():
        before = _newest()
        if before and before.logo_sha256:
            _add(before, by, logo=None, logo_sha256="")
            record("settings.remove_logo", "settings", 1, by=by)


def contrast_in_words(brand: str, accent: str) -> list[str]:
    """How well the two colours can be read, in sentences; empty ones are left out."""
    sentences = []
    if is_colour(brand):
        on = "white" if writing_on(brand) == WHITE else "black"
        ratio = contrast(brand, writing_on(brand))
        sentences.append(f"The bar at the top has {on} writing, with a contrast of {ratio:.1f} to 1.")
    if is_colour(accent):
        sentences.append(f"Links on white have a contrast of {contrast(accent, WHITE):.1f} to 1.")
    return sentences


def _check(values: Mapping[str, str]) -> None:
    for name in TEXTS:
        if len(values[name]) > LONGEST:
            raise Refusal(f"Use at most {LONGEST} characters.", field=name)
    for name in ("brand_colour", "accent_colour"):
        if values[name] and not is_colour(values[name]):
            raise Refusal("Write the colour as # and six digits or letters a to f, like #0b3f5c.", field=name)
    brand, accent = values["brand_colour"], values["accent_colour"]
    if brand and (ratio := contrast(brand, writing_on(brand))) < ENOUGH:
        raise Refusal(
            f"Neither white nor black writing can be read on {brand}: its contrast is {ratio:.1f} to 1, and"
            f" people need {ENOUGH} to 1. Choose a darker or a lighter colour.",
            field="brand_colour",
        )
    if accent and (ratio := contrast(accent, WHITE)) < ENOUGH:
        raise Refusal(
            f"Links in {accent} cannot be read on white: the contrast is {ratio:.1f} to 1, and people need"
            f" {ENOUGH} to 1. Choose a darker colour.",
            field="accent_colour",
        )
    sender = values["mail_sender"]
    if sender and not re.fullmatch(r"[\w.+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", sender, re.ASCII):
        raise Refusal(
            "Enter an email address in the correct format, like name@example.org.", field="mail_sender"
        )
    if re.search(r'[<>"@]', values["mail_sender_name"]):
        raise Refusal('Leave < > " and @ out of the name.', field="mail_sender_name")


def _newest() -> SettingsVersion | None:
    db.session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    return db.session.scalar(select(SettingsVersion).order_by(SettingsVersion.id.desc()).limit(1))


def _add(before: SettingsVersion | None, by: Doer, **changes: object) -> None:
    kept: dict[str, object] = {name: getattr(before, name) if before else "" for name in NAMES}
    kept |= {name: getattr(before, name) if before else None for name in ("logo", *PERIODS)}
    db.session.add(SettingsVersion(**kept | changes, changed_at=clock.now(), changed_by_id=by.person_id))
    db.session.flush()
