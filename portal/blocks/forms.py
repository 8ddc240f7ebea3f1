"""Forms of block purchases: the terms, the answer, the end, taking a place."""

from decimal import Decimal

from wtforms import HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import Length, Optional

from portal.blocks.services import LONGEST_REASON, MOST_PLACES
from portal.blocks.terms import Terms
from portal.call_offs.services import LONGEST_PREFERENCE
from portal.commissioning.models import PRICE_UNITS
from portal.directory.entries import ServiceEntry
from portal.directory.offer import SESSIONS
from portal.web.fields import MoneyField, Required, UKDateField, WholeNumberField, WordLimitedTextArea
from portal.web.forms import Form
from portal.web.text import id_in


class TermsForm(Form):
    """What is bought."""

    places = WholeNumberField(
        "How many places?", [Required("Enter how many places.")], least=1, most=MOST_PLACES, noun="This"
    )
    sessions = SelectMultipleField(
        "Which half days does each place have?",
        [Required("Choose the half days of each place.")],
        choices=SESSIONS,
    )
    starts_on = UKDateField("First day", [Required("Enter the first day.")], noun="The first day")
    ends_on = UKDateField("Last day", [Required("Enter the last day.")], noun="The last day")
    price = MoneyField(
        "Price of one place, in pounds without VAT",
        [Required("Enter the price.")],
        noun="The price",
        least=Decimal("0.01"),
        most=Decimal("99999.99"),
    )
    unit = RadioField(
        "What is the price for?",
        [Required("Choose what the price is for.")],
        choices={unit: f"For {words}" for unit, words in PRICE_UNITS.items()},
    )
    reason = WordLimitedTextArea(
        "Why do you buy in advance?",
        LONGEST_REASON,
        [Required("Say why you buy in advance.")],
        description="Your evidence. The provider reads it. Name no child.",
    )

    @classmethod
    def suggesting(cls, service: ServiceEntry) -> "TermsForm":
        """The form with the half days and the price of the service's page."""
        prices = {
            "day": service.price_per_day,
            "half_day": service.price_half_day,
            "hour": service.price_hour,
        }
        unit = next((unit for unit, price in prices.items() if price), None)
        return cls(formdata=None, sessions=service.sessions, unit=unit, price=prices[unit] if unit else None)

    def terms(self) -> Terms:
        """What was typed."""
        return Terms(
            places=self.places.data,
            sessions=self.sessions.data or (),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            price=self.price.data,
            price_unit=self.unit.data,
            reason=self.reason.data,
        )


class AnswerForm(Form):
    """Agreed or not."""

    decision = RadioField(
        "Do you agree?",
        [Required("Choose whether you agree.")],
        choices={"agree": "We agree to these terms", "refuse": "We do not agree"},
    )
    note = TextAreaField(
        "What the buyer should know",
        [Optional(), Length(max=1000)],
        description="Needed if you do not agree.",
    )


class CloseForm(Form):
    """Why a purchase is taken back or ended."""

    reason = TextAreaField("Why?", [Required("Say why. The provider reads it."), Length(max=1000)])


class TakeForm(Form):
    """Which block, why, and what child and parents want."""

    block = HiddenField()
    reason = WordLimitedTextArea(
        "Why this provider?",
        LONGEST_REASON,
        [Required("Say why you choose this provider.")],
        description="You keep this as your evidence; no provider reads it. Name no child.",
    )
    pupil_preference = WordLimitedTextArea("What does the child want?", LONGEST_PREFERENCE, [Optional()])
    parent_preference = WordLimitedTextArea("What do the parents want?", LONGEST_PREFERENCE, [Optional()])

    def block_id(self) -> int:
        """The block; 0 for what is none."""
        return id_in(self.block.data, 0)
