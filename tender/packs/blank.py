"""What a new question or scale starts from, by kind: the usual values, to be changed on its page."""

from tender.frameworks.kinds import KINDS
from tender.frameworks.pack import AskedQuestion, Band, RoundPack

_WORDS = {"long_text": 500, "short_text": 50}
_CONDITIONS = {"yes_no": "must_be_yes", "declaration": "must_be_yes", "file": "must_be_provided"}
_PRICES = {"rate_card": "at_most_ceiling"}

NEW_BANDS = (
    Band(0, "No answer", "Nothing in the answer bears on the question."),
    Band(1, "Partial", "Answers some parts of the question; others are missing or without evidence."),
    Band(2, "Good", "Answers every part of the question with evidence."),
    Band(3, "Excellent", "As good, and shows how the provider knows that its work succeeds."),
)
"""The bands that the page of a new scale shows."""


def blank_question(pack: RoundPack, section: str, kind: str) -> AskedQuestion:
    """A question of this kind before anybody has written it; id 0 and position 0 are of none."""
    rule = {**_CONDITIONS, **_PRICES}.get(kind)
    scored = kind == "long_text" and bool(pack.scales) and KINDS[kind].scored
    return AskedQuestion(
        id=0,
        position=0,
        section=section,
        code="",
        title="",
        text="",
        why="",
        how_judged="",
        kind=kind,
        required=True,
        per_lot=kind in _PRICES,
        word_limit=_WORDS.get(kind),
        accepted=("pdf", "docx") if kind == "file" else (),
        max_bytes=10 * 1024 * 1024 if kind == "file" else None,
        options=(),
        standard=None,
        judged_as="condition" if rule else ("scored" if scored else "information"),
        rule=rule,
        scale_id=pack.scales[0].id if scored else None,
        weight=None,
        minimum=None,
        shape={"units": ["day"]} if kind == "rate_card" else {},
    )
