"""What the self-check of a round asks: the topics in plain words that its pack brings up, and in the pack's
own words each further condition that a rule decides and each document without which nobody can submit. No
database here.

A condition that a person decides is not asked about: nobody can tell beforehand. Nor is a question that is
asked after one answer to another.
"""

from collections.abc import Sequence

from tender.frameworks.facts import LotFacts
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.words import asked_when, asks, counts_as
from tender.self_check.topics import Topic, all_topics

Answers = tuple[tuple[str, str, str], ...]

_CAN_BE_DONE: Answers = (
    ("yes", "Yes", "ready"),
    ("later", "Not yet, but before the round closes", "first"),
    ("no", "No", "stop"),
)
_CAN_BE_SAID: Answers = (
    ("yes", "Yes", "ready"),
    ("unsure", "We do not know yet", "first"),
    ("no", "No", "stop"),
)
_FIND_IT = "Find or make it now: an application without it cannot be submitted."
_SEE_TO_IT = "See to it before you send your application: it is a condition, and a rule decides it."
_OTHER_LOTS = ("other_lots", "We would not apply for that lot", "ready")
_GIVEN = ("file", "short_text")  # must be found beforehand; what is written in the application need not be


def topics_of(pack: RoundPack, lots: Sequence[LotFacts]) -> tuple[Topic, ...]:
    """What the self-check of a round with this pack and these lots asks."""
    plain = [topic for topic in all_topics() if any(map(topic.is_brought_up_by, pack.questions))]
    own = [
        _own_topic(question, answers, sentence, pack, lots)
        for question in pack.questions
        if not question.ask_if and not any(topic.covers(question) for topic in plain)
        for sentence, answers in [_asked_so(question)]
        if sentence
    ]
    return (*plain, *own)


def _asked_so(question: AskedQuestion) -> tuple[str, Answers]:
    """How to ask beforehand whether this can be met, and the answers; empty where nobody could tell."""
    rule, kind = question.rule, question.kind
    if kind == "file" and question.required or (rule == "must_be_provided" and kind in _GIVEN):
        return f"Can you give this: {question.title}?", _CAN_BE_DONE
    if rule == "must_be_yes":
        return question.text, _CAN_BE_DONE
    if rule == "must_be_one_of" and kind == "choice":
        passing = question.rule_value or ()
        return question.text, tuple(
            (value, label, "ready" if value in passing else "stop") for value, label in question.options
        )
    if rule in ("at_least", "at_most"):
        return f"{question.text} Would your answer pass?", _CAN_BE_SAID
    if rule == "at_most_ceiling":
        return "Can you work for no more than the highest price that is accepted for the lot?", _CAN_BE_SAID
    return "", ()


def _own_topic(
    question: AskedQuestion, answers: Answers, sentence: str, pack: RoundPack, lots: Sequence[LotFacts]
) -> Topic:
    told = question.text if sentence != question.text else ""
    hint = (told, f"{asks(question)}.", f"{counts_as(question)}.", asked_when(pack, question, lots))
    return Topic(
        code=f"own_{question.code}",  # no name that a form has itself
        title=question.title,
        question=sentence,
        hint=" ".join(filter(None, hint)),
        answers=(*answers, _OTHER_LOTS) if question.lots else answers,
        first=_FIND_IT if question.kind in _GIVEN else _SEE_TO_IT,
        help="What the round asks for, and when it passes",
    )
