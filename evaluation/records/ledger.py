"""The form of a score ledger, and its proof. Standard library alone: neither database nor network is needed.

A ledger is a text file in UTF-8, a JSON object a line, each line ended by a line feed:

    {"content": {...}, "line": 7, "previous": "<64 hex>", "sha256": "<64 hex>"}

`line` counts from 1. `previous` is the `sha256` of the line before, 64 noughts in the first. `sha256` is that
of the object {"content", "line", "previous"} in canonical JSON: keys in order, no space between, no character
escaped that need not be (RFC 8785; all numbers are whole ones, whatever has decimals is a string). The line
itself is canonical JSON too, so that there is one spelling of it only.

The first content has the kind `ledger`: which round, by which version of the pack and by which recipe. The
last has the kind `end` and counts the lines, so that none can be cut off. Between them stand marks, locks,
marks that were changed after a return (`returned_mark`) and returns, agreed marks, unlocks, decisions on
prices, what prices earned, and results, in the order of their making. A mark names the versions of the answer
and of the pack that it judged.
Where the audit trail has a line of the same event, `audit` gives its number and hash: both chains then vouch
for it.

The trail knows each mark by a digest from the moment when it was saved: the SHA-256 of the canonical JSON of
an object of the four `numbers` of the line and its points, reason, version, answer_version and pack_version
(null of an agreed mark). It stands in the details of that line of the trail as `sha256`; a lock's details
have that of the list of its marks' digests, in the order of the answers' numbers. The first content says as
`compared_with_trail` what came of comparing all of them when the ledger was made: how many marks, how many
have no digest because they are older, how many differ, the first of these in words, and a SHA-256 of all the
digests.

A chain proves that nothing was changed after it was made, not who made it: compare the SHA-256 of the whole
file with the one in the portal's audit trail.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

FORMAT = "score-ledger/1"
BEFORE_THE_FIRST = "0" * 64
_NAMES = {"content", "line", "previous", "sha256"}
_SPELT = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line that is not as it must be, and what is wrong with it."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A ledger without a fault: its lines, what its first one says, and the hash of its last."""

    lines: int
    about: Mapping[str, Any]
    sha256: str


def canonical(value: object) -> bytes:
    """`value` in the one spelling that is hashed."""
    return _SPELT.encode(value).encode()


def chained(contents: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The lines of a ledger, each with its line feed; the last one, which counts them, is added."""
    previous, number = BEFORE_THE_FIRST, 0
    for number, content in enumerate(contents, 1):
        line, previous = _line(content, number, previous)
        yield line
    yield _line({"kind": "end", "lines": number}, number + 1, previous)[0]


def _line(content: Mapping[str, Any], number: int, previous: str) -> tuple[bytes, str]:
    # "sha256" is the last of the keys: the line is what is hashed with one part more, not spelt anew.
    said = canonical({"content": content, "line": number, "previous": previous})
    digest = sha256(said).hexdigest()
    return said[:-1] + _hashed(digest) + b"\n", digest


def _hashed(digest: str) -> bytes:
    """How a line ends after what is hashed."""
    return f',"sha256":"{digest}"}}'.encode()


def verify(lines: Iterable[bytes]) -> Whole | Broken:
    """Read a ledger to its end, or to the first line that was changed, moved, added or lost."""
    previous, number = BEFORE_THE_FIRST, 0
    about: Mapping[str, Any] = {}
    ended = False
    for number, line in enumerate(lines, 1):
        if ended:
            return Broken(number, "it stands after the end")
        read = _read(line)
        if isinstance(read, str):
            return Broken(number, read)
        if wrong := _wrong(read, line, number, previous):
            return Broken(number, wrong)
        content, previous = read["content"], read["sha256"]
        if number == 1:
            if content.get("kind") != "ledger" or content.get("format") != FORMAT:
                return Broken(1, f"it does not begin a ledger of the form {FORMAT}")
            about = content
        elif content.get("kind") == "end":
            if content.get("lines") != number - 1:
                return Broken(number, "it does not count the lines before it")
            ended = True
    if not ended:
        return Broken(number + 1, "the end is missing: lines were cut off")
    return Whole(number, about, previous)


def _read(line: bytes) -> dict[str, Any] | str:
    """What a line holds, or what is wrong with its spelling."""
    try:
        read = json.loads(line)
        if not line.endswith(b"\n") or canonical(read) != line[:-1]:
            return "it is not in canonical JSON"
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(read, dict) or read.keys() != _NAMES or not isinstance(read["content"], dict):
        return "it has not the parts of a line"
    return read


def _wrong(read: Mapping[str, Any], line: bytes, number: int, previous: str) -> str:
    """What is wrong with a line that is in canonical JSON, as `read`; nothing where it is as it must be."""
    if read["line"] != number:
        return f"it says that it is line {read['line']}"
    if read["previous"] != previous:
        return "it does not follow on the line before it"
    ends = line.rindex(b',"sha256":')
    return "" if sha256(line[:ends] + b"}").hexdigest() == read["sha256"] else "its content was changed"
