"""Forms of conditions: what an admission on conditions asks for, how one was met, and more time for one."""

from typing import Any

from wtforms import Form as PlainForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from evaluation.outcomes.assessment import Condition
from portal.evidence.document_types import DOCUMENT_TYPES
from portal.web.fields import Required, UKDateField
from portal.web.forms import Form


class ConditionRow(PlainForm):
    """One condition; a row without a word in it is none."""

    text = StringField(
        "What the provider has to show",
        [Length(max=300, message="Use at most 300 characters.")],
        description="For example: a certificate of public liability insurance of at least £5 million.",
    )
    evidence_type = SelectField(
        "Kind of document",
        choices={"": "None in particular", **{code: kind.name for code, kind in DOCUMENT_TYPES.items()}},
        default="",
    )
    due_on = UKDateField("To be met by", noun="The day")

    @property
    def written(self) -> bool:
        """Whether there is anything in it."""
        return bool((self.text.data or "").strip() or any(self.due_on.parts.values()))

    def validate(self, extra_validators: Any = None) -> bool:
        """A row that is begun says what and by when."""
        if not self.written:
            return True
        valid = super().validate(extra_validators)
        for field, sentence in (
            (self.text, "Say what the provider has to show."),
            (self.due_on, "Enter the day."),
        ):
            if not field.data and not field.errors:
                field.errors = [sentence]
                valid = False
        return valid

    def condition(self) -> Condition:
        """The condition as it was typed."""
        assert self.due_on.data is not None
        return Condition((self.text.data or "").strip(), self.evidence_type.data or None, self.due_on.data)


class MeetForm(Form):
    """How a condition is met, and with which document."""

    document = RadioField("Document that shows it", choices=[], validate_choice=False, default="")
    how = TextAreaField(
        "How it is met",
        [
            Required("Say how the condition is met, and what you looked at."),
            Length(max=2_000, message="Use at most 2,000 characters."),
        ],
        description="Kept in the record. The provider is told that the condition is met, not these words.",
    )


class MoreTimeForm(Form):
    """A later day for a condition. `seen` is how many later days the page showed."""

    seen = HiddenField()
    due_on = UKDateField(
        "New day by which it is to be met", noun="The day", validators=[Required("Enter the new day.")]
    )
    reason = TextAreaField(
        "Why the provider has more time",
        [
            Required("Say why the provider has more time. It reads this in its letter."),
            Length(max=2_000, message="Use at most 2,000 characters."),
        ],
        description="The provider reads these words in its letter. They are kept in the record.",
    )
