"""The form for deciding a condition, and what is shown of them."""

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, TextAreaField

from evaluation.conformity.dry_run import CHANGES
from evaluation.conformity.queries import UNDECIDED
from portal.web.fields import Required
from portal.web.forms import Form, QueryForm
from portal.web.text import number_in
from tender.frameworks.queries import LotFacts

RESULTS = {"pass": "Pass", "fail": "Fail"}


class VersionField(HiddenField):
    """The version of what the page shows, carried through the form."""

    @property
    def number(self) -> int:
        """The version; -1, which nothing has, for anything that is not a number."""
        return number_in(str(self.data), -1)


class DecideForm(Form):
    """Pass or fail, and why. `version` is that of the check on the page."""

    version = VersionField()
    result = RadioField(
        "Your decision", [Required("Choose pass or fail.")], choices=RESULTS, validate_choice=False
    )
    reason = TextAreaField(
        "Your reason",
        [Required("Give a reason. The provider may be told it.")],
        description="The approver and the auditors read this, and a provider that fails is told it.",
    )


class ChecksFilter(QueryForm):
    """Of which lot, and which of its checks; anything that is not in the lists counts as all."""

    lot = SelectField("Lot", coerce=int, validate_choice=False)
    only = SelectField("Show", default="")

    def __init__(self, lots: Sequence[LotFacts], *, dry_run: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lot.choices = [(0, "All lots"), *((lot.id, f"Lot {lot.number}: {lot.title}") for lot in lots)]
        self.only.choices = [
            ("", "Everything"),
            *([(CHANGES, "Only what a run would change")] if dry_run else []),
            ("refer", "Only what a rule refers to a person"),
            ("fail", "Only what fails"),
            (UNDECIDED, "Only what nobody has decided yet"),
        ]

    @property
    def lot_id(self) -> int | None:
        """The lot, None for all."""
        return self.lot.data if self.lot.data in {value for value, _ in self.lot.choices if value} else None

    @property
    def chosen(self) -> str:
        """Which checks, '' for all."""
        return self.only.data if self.only.data in {value for value, _ in self.only.choices} else ""
