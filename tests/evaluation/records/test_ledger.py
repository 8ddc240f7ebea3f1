"""The form of a ledger: one spelling, one chain, and every way to break it is found."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from evaluation.records.ledger import FORMAT, Broken, Whole, canonical, chained, verify

HEAD = {"kind": "ledger", "format": FORMAT, "round": "Round 4", "recipe": ["Weight times mark."]}
MARKS = [{"kind": "mark", "points": points, "reason": "Ŵyn 🐑 = “tidy”"} for points in (3, 4, 5)]
LINES = list(chained([HEAD, *MARKS]))
TEXTS = some.text(some.characters(exclude_categories=["Cs"]), max_size=20)
CONTENTS = some.lists(some.dictionaries(TEXTS, TEXTS | some.integers() | some.none(), max_size=4), max_size=6)


def broken_at(lines: list[bytes]) -> int | None:
    found = verify(lines)
    return found.line if isinstance(found, Broken) else None


def test_a_whole_ledger_says_what_it_is_about() -> None:
    found = verify(LINES)
    assert isinstance(found, Whole)
    assert (found.lines, found.about["round"]) == (5, "Round 4")


@given(CONTENTS)
def test_whatever_is_chained_verifies(contents: list[dict[str, object]]) -> None:
    plain = [{**content, "kind": "mark"} for content in contents]
    assert broken_at(list(chained([HEAD, *plain]))) is None


@pytest.mark.parametrize("number", range(5))
def test_a_changed_line_is_the_first_that_is_named(number: int) -> None:
    read = json.loads(LINES[number])
    read["content"]["points"] = 1
    changed = [*LINES[:number], canonical(read) + b"\n", *LINES[number + 1 :]]
    assert broken_at(changed) == number + 1


def test_a_change_that_is_hashed_anew_breaks_the_line_after_it() -> None:
    forged = list(chained([HEAD, {**MARKS[0], "points": 5}, *MARKS[1:]]))
    assert broken_at([*LINES[:1], forged[1], *LINES[2:]]) == 3


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ([*LINES[:2], *LINES[3:]], 3),
        ([LINES[0], LINES[2], LINES[1], *LINES[3:]], 2),
        (LINES[:-1], 5),
        ([*LINES, LINES[-1]], 6),
        ([], 1),
        (LINES[1:], 1),
        ([LINES[0], LINES[1].replace(b'":', b'": ', 1), *LINES[2:]], 2),
        ([LINES[0], b'{"content":{},"content":{"kind":"mark"}}\n'], 2),
        ([LINES[0], b"not json\n"], 2),
        ([LINES[0], b"[]\n"], 2),
        ([LINES[0], b"[" * 100_000 + b"\n"], 2),
        ([LINES[0], b"\xff\xfe\n"], 2),
        ([*LINES[:-1], LINES[-1][:-1]], 5),
    ],
)  # fmt: skip
def test_lines_lost_moved_added_cut_off_or_spelt_otherwise_are_found(lines: list[bytes], line: int) -> None:
    assert broken_at(lines) == line


def test_an_end_that_counts_wrongly_is_found() -> None:
    short = list(chained([HEAD, MARKS[0], {"kind": "end", "lines": 9}]))
    assert broken_at(short) == 3


def verified(path: Path) -> "subprocess.CompletedProcess[str]":
    """Run the command where neither a database nor a network is named."""
    command = [sys.executable, "-m", "portal.cli", "ledger", "verify", str(path)]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": "/nowhere"}, check=False)


def test_the_command_needs_nothing_but_the_file_and_names_the_first_broken_line(tmp_path: Path) -> None:
    kept = tmp_path / "ledger.jsonl"
    kept.write_bytes(b"".join(LINES))
    whole = verified(kept)
    assert (whole.returncode, "The ledger is whole: 5 lines" in whole.stdout) == (0, True)
    kept.write_bytes(b"".join([*LINES[:2], LINES[2].replace(b'"points":4', b'"points":5'), *LINES[3:]]))
    broken = verified(kept)
    assert broken.returncode == 1
    assert "line 3: its content was changed" in broken.stderr


def test_the_command_says_when_there_is_no_such_file(tmp_path: Path) -> None:
    missing = verified(tmp_path / "nothing")
    assert (missing.returncode, "Traceback" in missing.stderr) == (1, False)
