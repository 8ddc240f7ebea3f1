"""Refusals: what the portal will not do, each with the sentence that the page shows."""


class Refusal(Exception):
    """Something was asked that the rules do not allow. `sentence` says what is wrong and what to do.

    `field` names the form field or question that the sentence belongs to, where there is one.
    """

    sentence = "The portal cannot do that."

    def __init__(self, sentence: str | None = None, *, field: str | None = None) -> None:
        self.sentence = sentence or type(self).sentence
        self.field = field
        super().__init__(self.sentence)


class NotFound(Refusal):
    """Not there, or not this person's to see: the two look alike."""

    sentence = "Page not found."


class Conflict(Refusal):
    """Somebody else was first: the state has changed since the page was drawn."""

    sentence = "This has changed since you opened the page. Check it and try again."
