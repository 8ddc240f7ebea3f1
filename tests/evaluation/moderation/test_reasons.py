"""When a panel's reason is more than the evaluators' own."""

import pytest

from evaluation.moderation.reasons import check_agreed_reason
from evaluation.scoring.reasons import ReasonRefused, words_of_its_own

FIRST = "Names who does it and how often, and shows last year's figures."
SECOND = "Clear on what staff do, thin on what happens when somebody is away."


@pytest.mark.parametrize(
    "reason",
    [
        FIRST,
        SECOND.upper().replace(",", " -"),
        f"{FIRST} {SECOND}",
        f"{SECOND}\n\nAnd: {FIRST}",
        f"One wrote: {FIRST} The other: {SECOND}",
        "Names who does it and how often. Thin on what happens when somebody is away.",
    ],
)
def test_reasons_alone_or_joined_are_refused(reason: str) -> None:
    with pytest.raises(ReasonRefused, match="repeats or joins"):
        check_agreed_reason(reason, [], [FIRST, SECOND])


def test_a_reason_may_quote_and_then_say_what_the_panel_made_of_it() -> None:
    reason = f"{FIRST} The panel found that this outweighs the missing cover for absence."
    assert check_agreed_reason(f" {reason} ", [], [FIRST, SECOND]) == reason


def test_phrases_that_anybody_uses_are_ones_own() -> None:
    assert words_of_its_own("Who does it is said, and what staff do.", [FIRST, SECOND]) == 9


def test_a_scales_own_words_are_refused_here_too() -> None:
    with pytest.raises(ReasonRefused, match="repeats the scale"):
        check_agreed_reason("A good answer with minor gaps", ["A good answer with minor gaps."], [FIRST])
