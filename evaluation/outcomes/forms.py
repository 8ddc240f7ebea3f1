"""Forms of decisions: an outcome with its reason, a return with its reason, and what a page showed."""

from collections.abc import Iterable

from wtforms import HiddenField, RadioField, TextAreaField

from evaluation.outcomes.assessment import OUTCOME_WORDS
from portal.web.fields import Required
from portal.web.forms import Form


class RecommendForm(Form):
    """An outcome for one tender and lot. `version` is that of the decision on the page, 0 for none."""

    version = HiddenField()
    outcome = RadioField(
        "Your recommendation",
        [Required("Choose whether to admit this provider.")],
        choices=OUTCOME_WORDS,
        validate_choice=False,
    )
    reason = TextAreaField(
        "Reason",
        [Required("Give a reason. The provider reads it in its letter.")],
        description="The approver reads this, and the provider reads it in its letter.",
    )


class VersionForm(Form):
    """Approval of a decision as it stands on the page."""

    version = HiddenField()


class ReturnForm(VersionForm):
    """What should be looked at again."""

    reason = TextAreaField(
        "What should be looked at again?",
        [Required("Say what should be looked at again. Whoever recommended it reads this.")],
    )


def number_in(field: HiddenField) -> int:
    """The whole number of a hidden field; -1, which no version is, for anything else."""
    value = field.data or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else -1


def seen_of(values: Iterable[str]) -> dict[int, int | None]:
    """What a page showed, from its hidden fields: '12:3' is row 12 at version 3, '12:' row 12 without one."""
    seen: dict[int, int | None] = {}
    for value in values:
        row, _, version = value.partition(":")
        if row.isascii() and row.isdigit() and (not version or (version.isascii() and version.isdigit())):
            seen[int(row)] = int(version) if version else None
    return seen
