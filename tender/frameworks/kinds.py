"""The kinds of question: how each reads, which rules can judge it and whether it can be marked.

What else a kind needs beside the words of its question stands in `pack.SHAPES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question. `rules` are those that fit its answers, `scored` is whether one can be marked,
    `priced` whether it is a price that a formula can score."""

    words: str
    rules: tuple[str, ...]
    scored: bool = False
    priced: bool = False


MOST_ROWS = 50  # that a table can have, and may ask for
MOST_PLACES = 4  # decimal places that a question about a number may allow
_GIVEN = ("must_be_provided", "person_decides")
_COMPARED = ("at_least", "at_most")

KINDS: Mapping[str, Kind] = {
    "long_text": Kind("A written answer", _GIVEN, scored=True),
    "short_text": Kind("A short answer", _GIVEN, scored=True),
    "number": Kind("A number", (*_COMPARED, *_GIVEN), scored=True),
    "money": Kind("An amount in pounds", ("at_most_ceiling", *_COMPARED, *_GIVEN), scored=True, priced=True),
    "date": Kind("A date", _GIVEN),
    "yes_no": Kind("Yes or no", ("must_be_yes", *_GIVEN)),
    "choice": Kind("One choice from a list", ("must_be_one_of", *_GIVEN), scored=True),
    "choices": Kind("Any number of choices from a list", ("must_be_one_of", *_GIVEN), scored=True),
    "table": Kind("A table to fill, row by row", _GIVEN, scored=True),
    "file": Kind("A document to upload", _GIVEN, scored=True),
    "declaration": Kind("A statement to confirm", ("must_be_yes", *_GIVEN)),
    "postcode": Kind("A postcode", _GIVEN),
    "rate_card": Kind("A card of prices", ("at_most_ceiling", *_GIVEN), priced=True),
}
"""By the name that a question's row holds. The order is that in which they are offered."""

RULES_IN_WORDS: Mapping[str, str] = {
    "must_be_yes": "Met if the answer is yes",
    "must_be_provided": "Met if something is answered",
    "must_be_one_of": "Met by certain answers",
    "at_least": "Met by a number that is not too low",
    "at_most": "Met by a number that is not too high",
    "at_most_ceiling": "Met by a price not above the highest price of the lot",
    "person_decides": "A person decides",
}

LOWEST_PRICE = "lowest_price"
UP_TO_CEILING = "up_to_ceiling"
PRICE_FORMULAS: Mapping[str, str] = {
    LOWEST_PRICE: "Weight × lowest price ÷ this price",
    UP_TO_CEILING: "From the full weight at the lowest price down to nothing at the lot’s highest price",
}
"""The formulas by which a price earns its part of the total."""

DECIDING_KINDS = ("yes_no", "choice", "choices")
"""The kinds after whose answers a later question may be asked."""
