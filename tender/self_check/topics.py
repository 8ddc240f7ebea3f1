"""The topics of the self-check in plain words, what answers come to, and how long an application takes. No
database here."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tender.frameworks.pack import AskedQuestion, RoundPack

MOST_FIRST = 3  # whoever has more to do first than this is told "not yet"
WORDS_A_MINUTE = 6  # of a considered answer: reading the question, thinking, writing and reading it again
MINUTES_A_DOCUMENT = 10  # to find, check and upload
MINUTES_ELSE = 3
READY, NEARLY, NOT_YET = "ready", "nearly", "not yet"
_CONTENT = Path(__file__).with_name("topics.toml")


@dataclass(frozen=True, slots=True)
class Topic:
    """One question of the self-check. `answers` are (value, label, what it counts as); without a `link`, help
    is the round's own page. What brings it up: `codes`, `documents` and `standards` of a pack's questions."""

    code: str
    title: str
    question: str
    hint: str
    answers: tuple[tuple[str, str, str], ...]
    first: str
    help: str
    link: str = ""
    codes: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()

    def counts_as(self, answer: str) -> str:
        """One of ready, first and stop."""
        return next(counts for value, _, counts in self.answers if value == answer)

    def covers(self, asked: AskedQuestion) -> bool:
        """Whether it asks about the same as this question of a pack."""
        return asked.code in self.codes or asked.shape.get("document_type") in self.documents

    def is_brought_up_by(self, asked: AskedQuestion) -> bool:
        """Whether this question of a pack makes it worth asking."""
        return self.covers(asked) or asked.standard in self.standards


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the answers come to: ready, nearly or not yet; `stops` come before what is to do `first`."""

    word: str
    stops: tuple[Topic, ...]
    first: tuple[Topic, ...]


@cache
def all_topics() -> tuple[Topic, ...]:
    """Every topic in plain words, in the order of asking."""
    content = tomllib.loads(_CONTENT.read_text(encoding="utf-8"))
    return tuple(
        Topic(
            **{
                **topic,
                **{name: tuple(topic.get(name, ())) for name in ("codes", "documents", "standards")},
                "answers": tuple((value, label, counts) for value, label, counts in topic["answers"]),
            }
        )
        for topic in content["topic"]
    )


def outcome_of(topics: Sequence[Topic], answers: Mapping[str, str]) -> Outcome:
    """What `answers` (by the topic's code, one for each) come to."""
    counts = {topic: topic.counts_as(answers[topic.code]) for topic in topics}
    stops = tuple(topic for topic in topics if counts[topic] == "stop")
    first = tuple(topic for topic in topics if counts[topic] == "first")
    if stops or len(first) > MOST_FIRST:
        return Outcome(NOT_YET, stops, first)
    return Outcome(NEARLY if first else READY, stops, first)


def hours_to_apply(pack: RoundPack) -> int:
    """About how many hours an application for one lot takes, rounded up: an estimate from what is asked."""
    return -(-sum(_minutes(question) for question in pack.questions) // 60)


def _minutes(question: AskedQuestion) -> int:
    if question.kind == "file":
        return MINUTES_A_DOCUMENT
    if question.kind == "long_text" and question.word_limit and (question.required or question.scored):
        return question.word_limit // WORDS_A_MINUTE
    return MINUTES_ELSE
