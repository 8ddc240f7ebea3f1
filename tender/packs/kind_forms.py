"""The forms of the kinds of question: the fields that only one kind has, and what they mean."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import Optional, ValidationError

from portal.evidence.document_types import DOCUMENT_TYPES
from portal.storage.inspection import KINDS as FILE_KINDS
from portal.storage.uploads import LARGEST_FILE
from portal.web.fields import DecimalNumberField, MoneyField, Required, UKDateField, WholeNumberField
from tender.frameworks.kinds import MOST_PLACES, MOST_ROWS
from tender.frameworks.pack import AskedQuestion
from tender.packs import lines
from tender.packs.fields import LinesField
from tender.packs.forms import QuestionForm

MEGABYTE = 1024 * 1024
LARGEST_MEGABYTES = LARGEST_FILE // MEGABYTE
USUAL_ENDINGS = 2  # of a kind of file: jpg and jpeg, not jpe; all of a kind are accepted with one of them
UNITS = {"day": "A day", "half_day": "Half a day", "hour": "An hour"}
_ONE_A_LINE = "One a line. Put a code and a colon before the words if you want to choose the code."


class WordedForm(QuestionForm):
    """A written or a short answer."""

    OWN = ("word_limit",)
    word_limit = WholeNumberField(
        "Word limit", [Required("Enter the word limit.")], noun="The word limit", least=1, most=10_000
    )

    @classmethod
    def drawn(cls, asked: AskedQuestion) -> dict[str, Any]:
        """The limit."""
        return {"word_limit": asked.word_limit}

    def own(self) -> dict[str, Any]:
        """The limit."""
        return {"word_limit": self.word_limit.data}


class BoundedForm(QuestionForm):
    """A kind whose answers lie between two bounds, kept as text in the question's shape."""

    BOUNDS: tuple[str, str] = ("least", "most")

    @classmethod
    def drawn(cls, asked: AskedQuestion) -> dict[str, Any]:
        """The bounds, and the number that the rule compares with."""
        compared = asked.rule_value if isinstance(asked.rule_value, str) else None
        return {
            **{name: cls.bound(asked.shape[name]) for name in cls.BOUNDS if name in asked.shape},
            "rule_value": None if compared is None else cls.bound(compared),
        }

    @classmethod
    def bound(cls, kept: str) -> Any:
        """A bound as its field works with it."""
        return Decimal(kept)

    def own(self) -> dict[str, Any]:
        """The bounds that were given."""
        given = {name: self[name].data for name in self.BOUNDS}
        return {"shape": {name: str(value) for name, value in given.items() if value is not None}}

    def rule_compares_with(self) -> Any:
        """The number."""
        compares = "rule_value" in self and self.rule.data in ("at_least", "at_most")
        return str(self["rule_value"].data) if compares and self["rule_value"].data is not None else None


def _number(label: str, noun: str) -> DecimalNumberField:
    return DecimalNumberField(label, [Optional()], noun=noun, places=MOST_PLACES)


class NumberForm(BoundedForm):
    """A number, whole unless it may have decimal places."""

    OWN = ("places", "least", "most")
    places = SelectField(
        "Decimal places",
        coerce=int,
        default=0,
        choices={0: "None: a whole number"} | {each: f"Up to {each}" for each in range(1, MOST_PLACES + 1)},
    )
    least = _number("Lowest number (optional)", "The lowest number")
    most = _number("Highest number (optional)", "The highest number")
    rule_value = _number("Number to compare with", "The number")

    @classmethod
    def drawn(cls, asked: AskedQuestion) -> dict[str, Any]:
        """The bounds, and how many decimal places there may be."""
        return {**super().drawn(asked), "places": asked.shape.get("places") or 0}

    def own(self) -> dict[str, Any]:
        """The bounds that were given, and the places where there may be any."""
        shape = super().own()["shape"]
        return {"shape": {**shape, **({"places": self.places.data} if self.places.data else {})}}


class AmountForm(BoundedForm):
    """An amount in pounds."""

    OWN = ("least", "most")
    least = MoneyField("Lowest amount (optional)", [Optional()], noun="The lowest amount")
    most = MoneyField("Highest amount (optional)", [Optional()], noun="The highest amount")
    rule_value = MoneyField("Amount to compare with", [Optional()], noun="The amount")


class DateForm(BoundedForm):
    """A day."""

    OWN = BOUNDS = ("earliest", "latest")
    earliest = UKDateField("Earliest day (optional)", [Optional()], noun="The earliest day")
    latest = UKDateField("Latest day (optional)", [Optional()], noun="The latest day")

    @classmethod
    def bound(cls, kept: str) -> Any:
        """A day, kept as ISO text."""
        return date.fromisoformat(kept)


class ChoiceForm(QuestionForm):
    """One or any number of choices from a list."""

    OWN = ("options",)
    options = LinesField(
        "Choices",
        [Required("Enter at least two choices.")],
        reads=lines.pairs_in,
        writes=lines.pairs_as_lines,
        description=_ONE_A_LINE,
    )
    rule_value = TextAreaField(
        "Choices that meet the condition", description="One a line, as you typed them above."
    )

    @classmethod
    def drawn(cls, asked: AskedQuestion) -> dict[str, Any]:
        """The choices, and those that meet the condition."""
        labels = dict(asked.options)
        met = asked.rule_value if isinstance(asked.rule_value, list) else []
        return {
            "options": asked.options,
            "rule_value": "\n".join(labels.get(value, value) for value in met),
        }

    def own(self) -> dict[str, Any]:
        """The choices."""
        return {"options": self.options.data or ()}

    def rule_compares_with(self) -> Any:
        """The codes of the choices that meet the condition."""
        if self.rule.data != "must_be_one_of":
            return None
        return lines.values_in(self.rule_value.data or "", self.options.data or ())

    def validate_rule_value(self, field: TextAreaField) -> None:
        """They must be among the choices."""
        if self.judged_as.data == "condition" and self.rule.data == "must_be_one_of" and self.options.data:
            try:
                lines.values_in(field.data or "", self.options.data)
            except ValueError as wrong:
                raise ValidationError(str(wrong)) from wrong


class TableForm(QuestionForm):
    """A table to fill in."""

    OWN = ("columns", "least_rows", "most_rows")
    columns = LinesField(
        "Columns",
        [Required("Enter at least one column.")],
        reads=lines.columns_in,
        writes=lines.columns_as_lines,
        description="One a line. End a line with (number), (money) or (date) for a column of those; "
        "without it the column takes text.",
    )
    least_rows = WholeNumberField(
        "Fewest rows (optional)", [Optional()], noun="The fewest rows", least=1, most=MOST_ROWS
    )
    most_rows = WholeNumberField(
        "Most rows (optional)", [Optional()], noun="The most rows", least=1, most=MOST_ROWS
    )

    @classmethod
    def drawn(cls, asked: AskedQuestion) -> dict[str, Any]:
        """The columns and how many rows."""
        return {name: asked.shape.get(name) for name in cls.OWN}

    def own(self) -> dict[str, Any]:
        """The columns and how many rows."""
        return {"shape": {name: self[name].data for name in self.OWN if self[name].data}}


class FileForm(QuestionForm):
    """A document to upload."""

    OWN = ("document_type", "accepted", "megabytes", "needs_expiry", "least_cover")
    document_type = SelectField(
        "Type of document",
        choices={"": "Any", **{code: kind.name for code, kind in DOCUMENT_TYPES.items()}},
        description="Providers are offered the documents of this type that their vault holds.",
    )
    accepted = SelectMultipleField(
        "Types of file", choices={name: kind.name for name, kind in FILE_KINDS.items()}
    )
    megabytes = WholeNumberField(
        "Largest size of a file",
        [Required("Enter the largest size.")],
        noun="The largest size",
        least=1,
        most=LARGEST_MEGABYTES,
    )
    needs_expiry = BooleanField("It must say until when it is valid")
    least_cover = MoneyField(
        "Least cover (optional)",
        [Optional()],
        noun="The least cover",
        description="In pounds, for a certificate of insurance.",
    )

    @classmethod
    def drawn(cls, asked: AskedQuestion) -> dict[str, Any]:
        """Types, size, and what the document must show."""
        cover = asked.shape.get("least_cover")
        return {
            "accepted": [
                name for name, kind in FILE_KINDS.items() if not set(kind.endings).isdisjoint(asked.accepted)
            ],
            "megabytes": (asked.max_bytes or 10 * MEGABYTE) // MEGABYTE,
            "document_type": asked.shape.get("document_type", ""),
            "needs_expiry": bool(asked.shape.get("needs_expiry")),
            "least_cover": Decimal(cover) if cover else None,
        }

    def own(self) -> dict[str, Any]:
        """Types, size, and what the document must show."""
        shape = {
            "document_type": self.document_type.data,
            "needs_expiry": self.needs_expiry.data,
            "least_cover": str(self.least_cover.data) if self.least_cover.data else "",
        }
        return {
            "accepted": tuple(
                ending
                for name in self.accepted.data or ()
                for ending in FILE_KINDS[name].endings[:USUAL_ENDINGS]
            ),
            "max_bytes": self.megabytes.data * MEGABYTE,
            "shape": {name: value for name, value in shape.items() if value},
        }


class RateCardForm(QuestionForm):
    """A card of prices."""

    OWN = ("units", "group_sizes", "transport")
    units = SelectMultipleField("What is priced", choices=UNITS)
    group_sizes = LinesField(
        "Group sizes (optional)",
        [Optional()],
        reads=lines.pairs_in,
        writes=lines.pairs_as_lines,
        description=f"A price is given for each. {_ONE_A_LINE}",
    )
    transport = BooleanField("Transport is priced too")

    @classmethod
    def drawn(cls, asked: AskedQuestion) -> dict[str, Any]:
        """Units, group sizes, transport."""
        return {name: asked.shape.get(name) for name in cls.OWN}

    def own(self) -> dict[str, Any]:
        """Units, group sizes, transport."""
        given = {
            "units": self.units.data or [],
            "group_sizes": [list(pair) for pair in self.group_sizes.data or ()],
            "transport": self.transport.data,
        }
        return {"shape": {name: value for name, value in given.items() if value}}


FORMS: Mapping[str, type[QuestionForm]] = {
    "long_text": WordedForm,
    "short_text": WordedForm,
    "number": NumberForm,
    "money": AmountForm,
    "date": DateForm,
    "yes_no": QuestionForm,
    "choice": ChoiceForm,
    "choices": ChoiceForm,
    "table": TableForm,
    "file": FileForm,
    "declaration": QuestionForm,
    "postcode": QuestionForm,
    "rate_card": RateCardForm,
}
"""The form by kind of question."""
