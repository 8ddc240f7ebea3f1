"""The form for a mark, which the agreed mark shares."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import RadioField, TextAreaField

from evaluation.conformity.forms import VersionField
from portal.web.fields import Required
from portal.web.forms import Form
from portal.web.text import number_in


class ReportForm(Form):
    """What in an answer still tells whose tender it is."""

    what = TextAreaField(
        "What in it tells whose tender it is?",
        [Required("Say what in the answer tells whose tender it is.")],
        description="Such as a place, a picture in a file, or a name that was not hidden. Do not write whom "
        "you think of. The procurement lead and the auditors read this.",
    )


class MarkForm(Form):
    """A band of the scale and the reason. `version` is that of the mark on the page, 0 for none."""

    version = VersionField()
    points = RadioField("Your mark", [Required("Choose a mark.")], validate_choice=False)
    reason = TextAreaField(
        "Your reason",
        [Required("Give your reason: what in the answer earned this mark?")],
        description=(
            "Say what in the answer earned this mark and not the next one. The other evaluators, the "
            "moderator, the approver and the auditors read this once all of you have locked. The provider "
            "may be given it."
        ),
    )

    def offer(self, bands: Iterable[Mapping[Any, Any]]) -> None:
        """Give the bands of the question's scale to choose from."""
        self.points.choices = {str(band["points"]): f"{band['points']}: {band['label']}" for band in bands}

    @property
    def chosen(self) -> int:
        """The points chosen; -1, which no scale has, for anything that is not a number."""
        return number_in(str(self.points.data), -1)

    def fill(self, mark: Mapping[Any, Any]) -> None:
        """Show a stored mark: points, reason and version, each None when there is no mark yet."""
        self.version.data = str(mark["version"] or 0)
        self.points.data = None if mark["points"] is None else str(mark["points"])
        self.reason.data = mark["reason"] or ""
