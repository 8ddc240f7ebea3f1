"""Where two texts differ."""

import time

from hypothesis import given
from hypothesis import strategies as st

from portal.web.differences import MOST_WORDS, differences

TEXTS = st.text(alphabet="ab \n", max_size=40)


def marked(pieces):
    return [piece.text.strip() for piece in pieces if piece.differs]


def test_words_that_only_one_text_has_are_marked_in_it():
    first, second = differences("We ring home before nine.", "We ring home at half past nine.")
    assert (marked(first), marked(second)) == (["before"], ["at half past"])


@given(TEXTS, TEXTS)
def test_both_texts_are_shown_whole(first, second):
    pieces = differences(first, second)
    assert ["".join(piece.text for piece in side) for side in pieces] == [first, second]


@given(TEXTS, TEXTS)
def test_what_is_not_marked_is_the_same_in_both(first, second):
    ours, theirs = (" ".join(p.text for p in side if not p.differs) for side in differences(first, second))
    assert ours.split() == theirs.split()


def test_long_texts_are_compared_by_lines_in_reasonable_time():
    lines = [f"Line {number} says what every line says, and a little more.\n" for number in range(MOST_WORDS)]
    began = time.process_time()
    first, second = differences("".join(lines), "".join([*lines[:7], "Something else.\n", *lines[8:]]))
    assert (marked(first), marked(second)) == ([lines[7].strip()], ["Something else."])
    assert time.process_time() - began < 2


def test_a_word_repeated_without_end_costs_no_more():
    began = time.process_time()
    first, second = differences("word " * 1_900 + "end", "word\n" * 300_000)
    assert len("".join(piece.text for piece in second)) == 5 * 300_000 and first
    assert time.process_time() - began < 2
