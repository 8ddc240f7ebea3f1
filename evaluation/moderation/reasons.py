"""What a panel's reason must be: more than the evaluators' own reasons, alone or one after the other.

Notes of a moderation that only join what each evaluator wrote do not tell why the panel came to its mark, and
it is that mark which an assessment summary has to explain (Procurement Regulations 2024, regulation 31).
"""

from collections.abc import Iterable, Iterator

from evaluation.scoring.reasons import FEWEST_WORDS, ReasonRefused, check_reason, plain

RUN = 4  # so many words in the same order are somebody's own sentence, not a phrase that anybody uses


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


def words_of_its_own(reason: str, individual: Iterable[str]) -> int:
    """How many words of `reason` stand in no run of four or more that one of the `individual` reasons has."""
    words = plain(reason).split()
    taken = {run for other in individual for run in _runs(plain(other).split())}
    covered = {
        place + step
        for place, run in enumerate(_runs(words))
        if run in taken
        for step in range(RUN)
    }  # fmt: skip
    return len(words) - len(covered)


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[place : place + RUN]) for place in range(len(words) - RUN + 1))
