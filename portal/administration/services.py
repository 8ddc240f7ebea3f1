"""The council's logo: looked into like every file, then drawn anew, so that nothing of the file is served."""

import io
from typing import BinaryIO

from PIL import Image

from portal.accounts.access import Actor
from portal.errors import NotFound, Refusal
from portal.settings.services import keep_logo
from portal.storage.inspection import inspect

LARGEST_UPLOAD = 2 * 1024 * 1024
LARGEST_PICTURE = (800, 160)
MOST_PIXELS = 16_000_000


def upload_logo(*, stream: BinaryIO, filename: str, by: Actor) -> None:
    """Take a PNG or JPEG as the council's logo.

    Raises `FileRefused` (a `Refusal`) for a file that is not what it says, is damaged or too large.
    """
    if not by.may("settings:manage"):
        raise NotFound()
    inspect(stream, filename, accepted=frozenset({"png", "jpeg"}), limit=LARGEST_UPLOAD)
    stream.seek(0)
    keep_logo(png=_drawn_anew(stream), by=by)


def _drawn_anew(stream: BinaryIO) -> bytes:
    """The picture as a small PNG, without anything else that the file held."""
    with Image.open(stream, formats=["PNG", "JPEG"]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise Refusal("The picture has too many pixels. Save it smaller and try again.", field="logo")
        drawn = picture.convert("RGBA")
    drawn.thumbnail(LARGEST_PICTURE)
    kept = io.BytesIO()
    drawn.save(kept, "PNG", optimize=True)
    return kept.getvalue()
