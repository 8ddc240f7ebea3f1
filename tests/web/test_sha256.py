"""The browser's own SHA-256 equals Python's, whatever the length and however it is cut."""

import hashlib
import json
import subprocess

import pytest

from portal.web import assets
from tests.browser import node

SCRIPT = """
const { Sha256, sha256OfFile } = await import(process.argv[1]);
const byte = (i) => (i * 7 + (i >> 8) * 13) & 255;
const found = {};
for (const [length, cut] of JSON.parse(process.argv[2])) {
  const bytes = Uint8Array.from({ length }, (_, i) => byte(i));
  const digest = new Sha256();
  for (let at = 0; at < length; at += cut) digest.update(bytes.subarray(at, at + cut));
  found[`${length}/${cut}`] = digest.hex();
}
const big = new Blob([Uint8Array.from({ length: 1300000 }, (_, i) => byte(i))]);
let told = 0;
found.file = await sha256OfFile(big, (read) => { told = read; });
found.told = told;
console.log(JSON.stringify(found));
"""
# Around the ends of blocks, where the padding takes one block more; and pieces that cut blocks.
LENGTHS = (0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 119, 120, 121, 127, 128, 1000, 70_001)
CUTS = (1, 7, 64, 65, 100_000)


def content(length: int) -> bytes:
    return bytes((i * 7 + (i >> 8) * 13) & 255 for i in range(length))


@pytest.fixture(scope="module")
def found() -> dict[str, str | int]:
    pairs = json.dumps([(length, cut) for length in LENGTHS for cut in CUTS])
    address = (assets.OURS / "sha256.js").as_uri()
    arguments = [node(), "--input-type=module", "--eval", SCRIPT, address, pairs]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("length", LENGTHS)
def test_every_length_in_every_kind_of_piece_gives_the_right_digest(found, length):
    digests = {found[f"{length}/{cut}"] for cut in CUTS}
    assert digests == {hashlib.sha256(content(length)).hexdigest()}


def test_a_file_is_read_to_its_end(found):
    assert found["file"] == hashlib.sha256(content(1_300_000)).hexdigest()
    assert found["told"] == 1_300_000
