"""Forms of decisions: an outcome with its reason, a return with its reason, and what a page showed."""

from collections.abc import Iterable
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields import FieldList, FormField

from evaluation.outcomes.assessment import ADMITTED, ON_CONDITIONS, OUTCOME_WORDS, Condition, LotOutcome
from evaluation.outcomes.condition_forms import ConditionRow
from evaluation.outcomes.decision_services import Proposal
from portal.profiles.words import GROUND_NAMES, LAW_OF
from portal.web.fields import Required
from portal.web.forms import Form
from portal.web.text import id_in

ROWS = 4  # as many conditions as one admission can name


class ConditionsForm(Form):
    """An outcome with the conditions that an admission on conditions asks for."""

    conditions = FieldList(FormField(ConditionRow), min_entries=ROWS, max_entries=ROWS)

    def validate(self, extra_validators: Any = None) -> bool:
        """Conditions count where the provider is admitted on conditions, and nowhere else."""
        rows = self.conditions.entries
        if self.outcome.data != ON_CONDITIONS:
            self.conditions.entries = []
        valid = super().validate(extra_validators)
        self.conditions.entries = rows
        return valid

    @property
    def asked(self) -> tuple[Condition, ...]:
        """The conditions that count."""
        rows = [row.form for row in self.conditions if self.outcome.data == ON_CONDITIONS]
        return tuple(row.condition() for row in rows if row.written)


class RecommendForm(ConditionsForm):
    """An outcome for one tender and lot. `version` is that of the decision on the page, 0 for none."""

    version = HiddenField()
    outcome = RadioField(
        "Your recommendation",
        [Required("Choose whether to admit this provider.")],
        choices=OUTCOME_WORDS,
        validate_choice=False,
    )
    ground = SelectField("Ground of the exclusion", choices=[], validate_choice=False)
    reason = TextAreaField(
        "Reason",
        [Required("Give a reason. The provider reads it in its letter.")],
        description="The approver reads this, and the provider reads it in its letter.",
    )

    def offer(self, tender: LotOutcome, law: str) -> None:
        """Offer what the published rules and the law leave open for this tender."""
        self.outcome.choices = [
            (code, words)
            for code, words in OUTCOME_WORDS.items()
            if tender.may_be_admitted or code not in ADMITTED
        ]
        self.ground.choices = [
            ("", "Choose one"),
            *((c, n) for c, n in GROUND_NAMES.items() if LAW_OF[c] == law),
        ]

    def proposal(self) -> Proposal:
        """What is recommended."""
        return Proposal(
            outcome=self.outcome.data,
            reason=self.reason.data or "",
            ground=self.ground.data or None,
            conditions=self.asked,
        )


class VersionForm(Form):
    """Approval of a decision as it stands on the page."""

    version = HiddenField()


class ReopenForm(VersionForm):
    """Why an approved decision has to be made anew."""

    reason = TextAreaField(
        "Why does it have to be made anew?",
        [Required("Say why this decision has to be made anew. Whoever approves reads it.")],
        description="The approver and the auditors read this. The provider does not.",
    )


class ReturnForm(VersionForm):
    """What should be looked at again."""

    reason = TextAreaField(
        "What should be looked at again?",
        [Required("Say what should be looked at again. Whoever recommended it reads this.")],
    )


def seen_of(values: Iterable[str]) -> dict[int, int | None]:
    """What a page showed, from its hidden fields: '12:3' is row 12 at version 3, '12:' row 12 without one."""
    seen: dict[int, int | None] = {}
    for value in values:
        row, _, version = value.partition(":")
        number, shown = id_in(row, None), id_in(version, None)
        if number is not None and (shown is not None or not version):
            seen[number] = shown
    return seen
