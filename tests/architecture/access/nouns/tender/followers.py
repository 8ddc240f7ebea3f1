"""Who hears of a round."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import everybody, published

NOUN = Noun(
    shared={
        "followers.follow": (
            published,
            "Every provider may apply to a published round, ask about it and follow it.",
        ),
        "followers.unfollow": (everybody, "Whoever hears of no round any more has nothing taken from them."),
    }
)
