"""Forms about standings: a filter, a change, a decision, an answer, a check, what a lot asks for."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from wtforms import HiddenField, RadioField, SearchField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import Length, Optional

from portal.directory.statuses import STATUSES
from portal.evidence.document_types import DOCUMENT_TYPES
from portal.standings.models import CAUSES_BY_HAND
from portal.standings.queries import StandingLine
from portal.standings.services import LONGEST_ANSWER, Intended
from portal.web.fields import Required, UKDateField, WordLimitedTextArea
from portal.web.forms import Form, QueryForm

STEPS = {
    "suspend_new": "Suspend for new referrals: children who are there stay",
    "suspend": "Suspend: no child may be placed or taught there",
    "keep": "Review: the suspension goes on",
    "reinstate": "Reinstate: the suspension ends",
    "remove": "Propose to remove the provider from this lot",
}


class RegisterFilter(QueryForm):
    """Which standings to list."""

    q = SearchField("Provider", validators=[Length(max=100)])
    lot = SelectField("Lot", default="", validate_choice=False)
    status = SelectField(
        "Standing today",
        default="",
        choices={
            "": "All",
            "soon": "Closes within 30 days",
            **{code: status.words for code, status in STATUSES.items()},
        },
    )

    def offer(self, lots: Iterable[Sequence[Any]]) -> None:
        """Offer these lots (id, number, title, framework's title)."""
        self.lot.choices = [
            ("", "All"),
            *((str(lot_id), f"{number}: {title}, {framework}") for lot_id, number, title, framework in lots),
        ]

    @property
    def lot_id(self) -> int | None:
        """The lot chosen; None for all, and for what is no lot of the list."""
        chosen = self.lot.data or ""
        return int(chosen) if chosen in [value for value, _ in self.lot.choices or ()] and chosen else None


class ChangeForm(Form):
    """What to do with a standing, and why."""

    step = RadioField("What do you want to do?", [Required("Choose what to do.")], validate_choice=False)
    cause = SelectField(
        "Cause", [Required("Choose the cause.")], choices={"": "Choose a cause", **CAUSES_BY_HAND}
    )
    reason = WordLimitedTextArea(
        "Reason",
        300,
        [Required("Give the reason. The provider reads it.")],
        description="The provider reads it. Name no child.",
    )
    told_to_schools = WordLimitedTextArea(
        "What schools with a child there are told besides",
        100,
        [Optional()],
        description="They are told of every change at once. Say here what they need to know to keep a child "
        "safe. You can leave it empty. Nothing is sent to them while a removal is only proposed.",
    )
    review_on = UKDateField(
        "When is a suspension looked at again?",
        [Optional()],
        noun="The day of the review",
        description="Needed for a suspension, or one that goes on: within 90 days. For example, 27 3 2026.",
    )
    invited_on = UKDateField(
        "Before a suspension: when did you invite the provider to say something?",
        [Optional()],
        noun="The day on which you invited the provider",
        description="Needed for a suspension, unless you say below why you did not. For example, 27 3 2026.",
    )
    uninvited_because = WordLimitedTextArea(
        "If you did not: why not?",
        60,
        [Optional()],
        description="For example: a child would be at risk in the days until it has answered. The provider "
        "reads it.",
    )
    representations_by = UKDateField(
        "Until when can the provider answer?",
        [Optional()],
        noun="The last day to answer",
        description="Needed for a removal: at least 7 days. Needed for a suspension to which you did not "
        "invite the provider before.",
    )

    def offer(self, standing: StandingLine) -> None:
        """Offer the steps that the standing allows."""
        self.step.choices = [(code, words) for code, words in STEPS.items() if code in standing.moves]

    def intended(self) -> Intended:
        """What was typed, as the service takes it."""
        return Intended(
            step=self.step.data or "",
            cause=self.cause.data or "",
            reason=self.reason.data or "",
            told_to_schools=self.told_to_schools.data or "",
            review_on=self.review_on.data,
            representations_by=self.representations_by.data,
            invited_on=self.invited_on.data,
            uninvited_because=self.uninvited_because.data or "",
        )


class DecideForm(Form):
    """Whether a proposed removal is approved."""

    decision = RadioField(
        "What do you decide?",
        [Required("Choose what you decide.")],
        choices={"approve": "Remove the provider from this lot", "return": "Do not remove it"},
    )
    note = TextAreaField(
        "Why",
        [Required("Say why you decide so. It is kept in the record."), Length(max=3_000)],
        description="Kept in the record, with the reason that was given to the provider and its answer.",
    )


class AnswerForm(Form):
    """What a provider says to a change of its standing."""

    text = WordLimitedTextArea(
        "Your answer",
        LONGEST_ANSWER,
        [Required("Write your answer.")],
        description="You can answer once. Name no child: say “a child in year 9” instead.",
    )


class CheckForm(Form):
    """Whether a document counts. `seen` is the last day of validity that the page showed."""

    seen = HiddenField()
    accepted = RadioField(
        "Does the document count?",
        [Required("Choose whether the document counts.")],
        choices={
            "yes": "Yes: it is what it says, and its dates are right",
            "no": "No, and the provider is told why",
        },
    )
    note = TextAreaField(
        "Note",
        [Optional(), Length(max=1_000)],
        description="Needed where it does not count: the provider reads it.",
    )

    def seen_day(self) -> date | None:
        """The last day of validity as it was shown; None for one that does not run out."""
        try:
            return date.fromisoformat(self.seen.data or "")
        except ValueError:
            return None


class LotEvidenceForm(Form):
    """The kinds of document that a lot asks for."""

    kinds = SelectMultipleField(
        "Documents that every provider on this lot must have in force",
        [Optional()],
        choices={code: kind.name for code, kind in DOCUMENT_TYPES.items()},
        description="A provider without one that the council has checked takes no new children.",
    )
    applies_from = UKDateField(
        "From when does what is new count?",
        [Required("Enter the day from which it counts.")],
        noun="The day",
        description="Providers need time to show it, and you to check it. They are written to 30 and 7 days "
        "before.",
    )
