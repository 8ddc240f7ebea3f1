"""Forms of new decisions: what is proposed, and why one is returned."""

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import Length

from evaluation.outcomes.assessment import OUTCOME_WORDS
from evaluation.outcomes.forms import ConditionsForm
from evaluation.reconsiderations.services import OUTCOMES, Intended
from portal.web.fields import Required
from portal.web.forms import Form

_LONG = Length(max=5_000, message="Use at most 5,000 characters.")


class ProposeForm(ConditionsForm):
    """A new decision on one tender and lot. `seen` is the id of the decision on the page."""

    seen = HiddenField()
    outcome = RadioField(
        "New decision",
        [Required("Choose the new decision.")],
        choices={code: OUTCOME_WORDS[code] for code in OUTCOMES},
        validate_choice=False,
    )
    heard = TextAreaField(
        "How was the provider heard?",
        [_LONG],
        description="Needed where the provider loses its admission: when and how it could answer before, and "
        "what it said. Kept in the record, not in the letter.",
    )
    reason = TextAreaField(
        "Reason",
        [Required("Give the reason. The provider reads it in its letter."), _LONG],
        description="What was wrong with the first decision, and why this one is right. The approver reads "
        "this, and the provider reads it in its letter. Do not say who complained.",
    )

    def intended(self) -> Intended:
        """What was typed, as the service takes it."""
        return Intended(
            outcome=self.outcome.data or "",
            reason=self.reason.data or "",
            heard=self.heard.data or "",
            conditions=self.asked,
        )


class ReturnForm(Form):
    """What should be looked at again."""

    reason = TextAreaField(
        "What should be looked at again?",
        [Required("Say what should be looked at again. Whoever proposed it reads this."), _LONG],
    )
