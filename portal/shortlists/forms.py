"""The forms of a shortlist: keeping a search, deciding on what was found, signing."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.validators import Length, Optional

from portal.errors import Refusal
from portal.shortlists.evidence import MOST_KEPT
from portal.shortlists.services import LONGEST_LABEL, LONGEST_REASON, Choice, ChoicesRefused
from portal.web.fields import WordLimitedTextArea
from portal.web.forms import Form
from portal.web.grid_fields import GridField
from portal.web.text import number_in, uuid_in

VERDICTS = {"kept": "Keep", "left_out": "Leave out", "": "Not decided yet"}


class FreezeForm(Form):
    """A label for the list. `address` is the query of the search; `token` makes two clicks one list."""

    address = HiddenField()
    token = HiddenField()
    label = StringField(
        "A label of your own",
        [Optional(), Length(max=LONGEST_LABEL, message=f"Use {LONGEST_LABEL} characters or fewer.")],
        description="So that your school knows it again, for example your own case number. Name no child.",
    )

    @classmethod
    def of(cls, address: str) -> "FreezeForm":
        """The form for the search at this address."""
        return cls(formdata=None, address=address, token=str(uuid4()))

    def sent_token(self) -> UUID:
        """The token of the page; a new one when it was tampered with."""
        return uuid_in(self.token.data) or uuid4()


class ChoicesForm(Form):
    """What is decided on each service, row by row in the order of the list, and what is said of several."""

    version = HiddenField()
    choices = GridField(
        "Your decisions",
        parts={
            "verdict": RadioField("Keep or leave out", choices=VERDICTS, validate_choice=False),
            "reason": StringField("Reason"),
        },
        rows=0,
        most=MOST_KEPT,
    )
    reason_for_all = WordLimitedTextArea(
        "Reason for those that are left out without a reason of their own",
        LONGEST_REASON,
        [Optional()],
        description="For example: further than the child can travel each day.",
    )
    leave_out_rest = BooleanField("Leave out all that are not decided yet, for this reason")

    @classmethod
    def showing(cls, version: int, choices: Sequence[Mapping[str, Any]]) -> "ChoicesForm":
        """The form with what was decided so far."""
        return cls(formdata=None, version=str(version), choices=choices)

    def seen_version(self) -> int:
        """Which saving the page showed; one that never was when it was tampered with."""
        return number_in(self.version.data, -1)

    def decided(self) -> list[Choice]:
        """What was chosen, as the service takes it."""
        return [
            Choice(place, row["verdict"].data or "", row["reason"].data or "")
            for place, row in enumerate(self.choices.rows, 1)
        ]

    def refuse_choices(self, refusal: Refusal, names: Sequence[str]) -> None:
        """Show what was refused, at the reason of each service that it is about."""
        if not isinstance(refusal, ChoicesRefused):
            self.refuse(refusal)
            return
        for place, sentence in refusal.problems.items():
            if place <= len(names):
                named = f"{names[place - 1]}: {sentence[:1].lower()}{sentence[1:]}"
                self.choices.rows[place - 1]["reason"].errors = [named]
                self.choices.errors = [*self.choices.errors, named]


class SignForm(Form):
    """The signature under what was read."""

    version = HiddenField()

    def seen_version(self) -> int:
        """Which saving the page showed."""
        return number_in(self.version.data, -1)
