"""Pictures: whole, and small enough to be shown."""

from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from portal.storage.refusals import Damaged, TooManyPixels

MOST_PIXELS = 64_000_000  # a telephone's camera takes 12 to 50 million


def examine_jpeg(stream: BinaryIO, name: str) -> None:
    """Raise when a JPEG has too many pixels or is cut off. Decoded at an eighth, to save memory."""
    _examine(stream, name, "JPEG")


def examine_png(stream: BinaryIO, name: str) -> None:
    """Raise when a PNG has too many pixels, is cut off, or fails a checksum."""
    _examine(stream, name, "PNG")


def _examine(stream: BinaryIO, name: str, kind: str) -> None:
    try:
        with Image.open(stream, formats=[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise TooManyPixels(name, limit=str(MOST_PIXELS // 1_000_000))
            if kind == "PNG":
                picture.verify()
            else:
                picture.draft("L", (max(1, picture.width // 8), max(1, picture.height // 8)))
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels(name, limit=str(MOST_PIXELS // 1_000_000)) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Damaged(name) from error
