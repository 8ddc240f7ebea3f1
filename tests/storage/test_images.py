"""Pictures."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import BinaryIO

import pytest

from portal.storage import images, refusals
from tests.storage import corpus


def _claiming_to_be(width: int, height: int, kind: str) -> bytes:
    """A small picture whose header announces another size."""
    if kind == "png":
        head = b"IHDR" + struct.pack(">II", width, height) + corpus.png()[24:29]
        return corpus.png()[:12] + head + struct.pack(">I", zlib.crc32(head)) + corpus.png()[33:]
    place = corpus.jpeg().index(b"\xff\xc0") + 5
    return corpus.jpeg()[:place] + struct.pack(">HH", height, width) + corpus.jpeg()[place + 4 :]


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("kind", "examine"), [("jpeg", images.examine_jpeg), ("png", images.examine_png)])
@pytest.mark.parametrize("width", [8_100, 15_000, 60_000])
def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(
    kind: str, examine: Callable[[BinaryIO, str], None], width: int
) -> None:
    with pytest.raises(refusals.TooManyPixels, match="more than 64 million pixels"):
        examine(io.BytesIO(_claiming_to_be(width, 8_100, kind)), f"site.{kind}")


def test_a_telephones_photograph_is_taken() -> None:
    images.examine_jpeg(io.BytesIO(corpus.jpeg(4000, 3000)), "yard.jpg")


def test_a_png_whose_checksum_is_wrong_is_refused() -> None:
    content = bytearray(corpus.png())
    content[content.index(b"IDAT") + 8] ^= 0xFF
    with pytest.raises(refusals.Damaged):
        images.examine_png(io.BytesIO(bytes(content)), "scan.png")
