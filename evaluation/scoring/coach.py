"""Advice on a reason before it is locked: what a reader of it would miss. Never a refusal.

Four things make reasons weak when they are challenged: they repeat the scale, they name nothing of the
answer, they were written once for several providers, or they speak of somebody else's tender (Woods Building
Services v Milton Keynes Council, 2015, on notes that paraphrased the scale).
"""

import re
from collections.abc import Iterable, Mapping

from evaluation.scoring.reasons import FEWEST_WORDS, plain, words_of_its_own

# Of a reason's longer words, so many in the scale's own descriptor make it a repetition; of all its words, so
# many in runs of another reason make it a copy.
REPEATS = 0.7
LONG = 5
# An answer with fewer longer words than this gives too little to refer to.
ENOUGH_TO_NAME = 12
_LEGAL_FORMS = re.compile(r"\b(cic|ltd|limited|llp|plc)\b")


def advice_on(
    reason: str,
    *,
    descriptor: str,
    question: str,
    answer: str,
    elsewhere: Iterable[str],
    other_providers: Mapping[str, str],
    names_hidden: bool = False,
) -> list[str]:
    """Sentences about a reason, the gravest first; none when there is nothing to say.

    `descriptor` is that of the chosen band, `question` its title and text, `answer` what was answered in
    words, `elsewhere` what the same evaluator gave as reasons for other providers' answers to the question,
    `other_providers` the round's other tenderers (`by_short_name`), or all of them where `names_hidden`:
    nothing is said then of which is named.
    """
    named = mentioned(reason, other_providers)
    advice = [
        f"It mentions {name}, which is another provider. Is this the reason for this tender?"
        for name in named
    ]
    if names_hidden and named:
        advice = ["It names a provider. Names are hidden in this round: say what the answer shows."]
    if is_copied(reason, elsewhere):
        advice.append("You gave the same reason to another provider. Say what is different in this answer.")
    told = _long_words(reason)
    if told and len(told & _long_words(descriptor)) / len(told) >= REPEATS:
        advice.append("It mostly repeats the scale. Say what in this answer earned the mark.")
    elif _names_nothing(told, reason, answer, question, descriptor):
        advice.append("It names nothing from the answer. Name an example, a figure or a person's role in it.")
    return advice


def is_copied(reason: str, elsewhere: Iterable[str]) -> bool:
    """Whether hardly more than names or figures tell the reason from one of the others."""
    of_all = len(plain(reason).split())
    most = max(FEWEST_WORDS - 1, of_all * (1 - REPEATS))
    return any(words_of_its_own(reason, [other]) <= most for other in elsewhere)


def by_short_name(providers: Iterable[str]) -> dict[str, str]:
    """The providers by what a reason may call them: the name in small letters, without its legal form.

    Names too short to tell anything are left out.
    """
    short = {" ".join(_LEGAL_FORMS.sub(" ", plain(name)).split()): name for name in providers}
    return {words: name for words, name in short.items() if len(words) >= LONG}


def mentioned(reason: str, providers: Mapping[str, str]) -> list[str]:
    """The providers (of `by_short_name`) who are named in the reason."""
    words = f" {plain(reason)} "
    return [name for short, name in providers.items() if f" {short} " in words]


def _names_nothing(told: set[str], reason: str, answer: str, question: str, descriptor: str) -> bool:
    own = _long_words(answer) - _long_words(question) - _long_words(descriptor)
    if len(own) < ENOUGH_TO_NAME:
        return False
    figures = set(re.findall(r"\d+", reason)) & set(re.findall(r"\d+", answer))
    return not figures and not told & own


def _long_words(text: str) -> set[str]:
    """The stems of the longer words: what comes after the sixth letter seldom changes what is spoken of."""
    return {word[:6] for word in plain(text).split() if len(word) >= LONG}
