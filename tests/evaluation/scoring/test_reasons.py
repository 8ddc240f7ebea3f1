"""What a reason must be."""

import pytest

from evaluation.scoring.reasons import ReasonRefused, check_reason

DESCRIPTORS = [
    "Answers every part of the question with enough detail and some evidence.",
    "Nothing was answered.",
]


def test_a_reason_of_ones_own_is_kept_without_the_spaces_around_it() -> None:
    said = "  Names the lead, her deputy, and the training of last June. "
    assert check_reason(said, DESCRIPTORS) == said.strip()


@pytest.mark.parametrize("empty", ["", "   ", "\n\t"])
def test_an_empty_reason_is_refused(empty: str) -> None:
    with pytest.raises(ReasonRefused, match="Give your reason: what in the answer"):
        check_reason(empty, DESCRIPTORS)


@pytest.mark.parametrize("short", ["Good", "A good answer overall", "… … … …"])
def test_fewer_than_five_words_are_refused(short: str) -> None:
    with pytest.raises(ReasonRefused, match="at least 5 words"):
        check_reason(short, DESCRIPTORS)


@pytest.mark.parametrize(
    "copied",
    [
        DESCRIPTORS[0],
        "answers EVERY part of the question, with enough detail and some evidence",
        "every part of the question with enough detail",
        "- - - - - -",
    ],
)
def test_the_scales_own_words_are_refused(copied: str) -> None:
    with pytest.raises(ReasonRefused, match="only repeats the scale"):
        check_reason(copied, DESCRIPTORS)
