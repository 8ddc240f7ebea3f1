"""One word counter: the server's number is the number that the browser shows while somebody types."""

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.words import count_words
from tests.browser import node

CORPUS = [
    *(
        "",
        "   ",
        "one",
        "one two",
        "one\ntwo\r\nthree",
        "well-known don't e.g. 9.30am",
        "a\u00a0b",
        "a\u200bb",
    ),
    *("a\ufeffb", "a\u2028b\u2029c", "a\x1cb", "a\x85b", "a\u3000b", "— dash —", "caf\u00e9 cafe\u0301"),
    *("\u1680x\u180ey", "Cymraeg: Mae hen wlad fy nhadau", "中文 字", "1,250.50 £95/day", "\t\tx\v\fy "),
    *(
        "a\u202fb\u205fc",
        "\U0001f469\u200d\U0001f3eb teaches",
        "D\u2019oes dim \u2013 ŵyneb, tŷ\r\nâ\u2011phob",
    ),
    *("a \x01 b \x7f", "it\u2019s 9\u201310 am\u2014or later", "\u200b", "\u2060 word\u200d", "\r\r\n"),
]


def counted_by_javascript(texts: list[str]) -> list[int]:
    """The counts of GOV.UK Frontend's counter, whose rule is the regular expression `\\S+`."""
    source = (
        "console.log(JSON.stringify(JSON.parse(process.argv[1]).map((t) => (t.match(/\\S+/g) ?? []).length)))"
    )
    run = subprocess.run(
        [node(), "-e", source, json.dumps(texts)], capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def test_the_browser_and_the_portal_count_the_same_words() -> None:
    assert [count_words(text) for text in CORPUS] == counted_by_javascript(CORPUS)


def test_they_agree_about_every_character_between_two_letters() -> None:
    every = [f"a{chr(code)}b" for code in range(1, 0x10000) if not 0xD800 <= code < 0xE000]
    for start in range(0, len(every), 8000):
        part = every[start : start + 8000]
        assert [count_words(text) for text in part] == counted_by_javascript(part)


@pytest.mark.parametrize(("text", "words"), [(None, 0), ("one two  three", 3), ("one-two", 1)])
def test_a_word_is_what_stands_between_white_space(text: str | None, words: int) -> None:
    assert count_words(text) == words


@given(st.lists(st.text("abcé-'’", min_size=1), max_size=30))
def test_words_joined_by_spaces_are_counted_back(words: list[str]) -> None:
    assert count_words("  ".join(words)) == len(words)
