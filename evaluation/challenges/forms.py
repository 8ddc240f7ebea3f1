"""Forms of challenges: what came, what was answered, why admissions wait or need not."""

from collections.abc import Iterable

from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from evaluation.challenges.models import FINDINGS, KINDS
from evaluation.challenges.services import Received
from portal.web.fields import Required, UKDateField
from portal.web.forms import Form
from portal.web.text import id_in
from tender.frameworks.facts import LotFacts

_LONG = Length(max=5_000, message="Use at most 5,000 characters.")


class ReceivedForm(Form):
    """What came about a round."""

    kind = RadioField("What is it?", [Required("Choose what it is.")], choices=KINDS, validate_choice=False)
    lot = SelectField("Which lot is it about?", choices=[], validate_choice=False)
    received_from = StringField(
        "Who is it from?",
        [Required("Say who it is from."), Length(max=200, message="Use at most 200 characters.")],
        description="The provider, or whoever writes for it.",
    )
    received_on = UKDateField("When did it come?", noun="The day", validators=[Required("Enter the day.")])
    summary = TextAreaField("What does it say?", [Required("Say what it is about."), _LONG])
    answer_due_on = UKDateField(
        "By when is it answered?",
        noun="The day of the answer",
        validators=[Required("Enter the day by which it is answered.")],
    )

    def offer(self, lots: Iterable[LotFacts]) -> None:
        """Offer the round's lots."""
        self.lot.choices = [("", "Every lot"), *((str(lot.id), lot.name) for lot in lots)]

    def said(self) -> Received:
        """What was typed."""
        lot = self.lot.data or ""
        return Received(
            kind=self.kind.data,
            lot_id=id_in(lot, -1) if lot else None,
            received_from=self.received_from.data or "",
            received_on=self.received_on.data,
            summary=self.summary.data or "",
            answer_due_on=self.answer_due_on.data,
        )


class AnswerForm(Form):
    """What was answered, and what was found."""

    answer = TextAreaField("What was answered?", [Required("Say what was answered."), _LONG])
    finding = RadioField("What was found?", choices=FINDINGS, validate_choice=False)

    def ask_about(self, kind: str) -> None:
        """Let a question or a claim be answered without a finding; a complaint is not."""
        if kind != "complaint":
            none = {"question": "None: it was a question", "claim": "Not known yet"}[kind]
            self.finding.choices = [*FINDINGS.items(), ("", none)]

    @property
    def found(self) -> str | None:
        """The finding that was chosen; None for none."""
        return self.finding.data or None


class FindingForm(Form):
    """What came out of a challenge, after it was answered."""

    finding = RadioField(
        "What was found?", [Required("Choose what was found.")], choices=FINDINGS, validate_choice=False
    )
    because = TextAreaField(
        "Who found so, and why",
        [Required("Say who found so, and why. It is kept in the record."), _LONG],
        description="For example: the court’s judgment and its date, or what both sides agreed.",
    )


class ReasonForm(Form):
    """Why admissions have to wait, or need not wait any more."""

    reason = TextAreaField("Reason", [Required("Give a reason. It is kept in the record."), _LONG])
