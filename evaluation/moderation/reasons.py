"""What a panel's reason must be: more than the evaluators' own reasons, alone or one after the other.

Notes of a moderation that only join what each evaluator wrote do not tell why the panel came to its mark, and
it is that mark which an assessment summary has to explain (Procurement Regulations 2024, regulation 31).
"""

from collections.abc import Iterable

from evaluation.scoring.reasons import FEWEST_WORDS, ReasonRefused, check_reason, words_of_its_own


def check_agreed_reason(reason: str, descriptors: Iterable[str], individual: Iterable[str]) -> str:
    """The panel's reason, tidied. Raises `ReasonRefused` as for any reason, and for one put together from the
    `individual` ones with fewer than five words of the panel's own."""
    tidy = check_reason(reason, descriptors)
    if words_of_its_own(tidy, individual) < FEWEST_WORDS:
        raise ReasonRefused(
            "This only repeats or joins what the evaluators wrote. Say in your own words what the panel made "
            "of it: what decided the mark, and how any difference was settled.",
            field="reason",
        )
    return tidy
