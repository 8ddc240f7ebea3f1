"""Forms of assessment summaries: the texts of one tender, a return, and what a page showed."""

from collections.abc import Iterable
from typing import Any

from wtforms import TextAreaField
from wtforms.validators import Length

from evaluation.conformity.forms import VersionField
from evaluation.summaries.queries import Explained
from evaluation.summaries.services import Words
from portal.web.fields import Required
from portal.web.forms import Form

LONGEST = 4_000  # characters
_LENGTH = Length(max=LONGEST, message=f"Use at most {LONGEST:,} characters.")


class TextsForm(Form):
    """The texts of one tender: two boxes for each criterion. `version` is that of the summary on the page."""

    version = VersionField()

    def said(self, criteria: Iterable[Explained]) -> dict[int, Words]:
        """What was typed, by answer."""
        return {
            each.answer_id: Words(
                self._typed(f"explanation_{each.answer_id}"), self._typed(f"not_higher_{each.answer_id}")
            )
            for each in criteria
            if f"explanation_{each.answer_id}" in self
        }

    def _typed(self, name: str) -> str:
        return (self[name].data or "") if name in self else ""


class ApproveForm(Form):
    """Approval of a summary as it stands on the page."""

    version = VersionField()


class ReturnSummaryForm(Form):
    """What should be written differently."""

    version = VersionField()
    reason = TextAreaField(
        "What should be written differently?",
        [Required("Say what should be written differently. Whoever offered it reads this."), _LENGTH],
    )


def texts_form(criteria: Iterable[Explained], version: int, *, posted: bool) -> TextsForm:
    """The form of a tender's criteria, filled with the newest texts, or with what was posted."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"version": version}
    for each in criteria:
        if each.points is None:
            continue
        fields[f"explanation_{each.answer_id}"] = TextAreaField("Why this mark", [_LENGTH])
        data[f"explanation_{each.answer_id}"] = each.explanation or each.reason or ""
        if not each.at_the_top:
            fields[f"not_higher_{each.answer_id}"] = TextAreaField(
                f"Why not {each.next_points}: {each.next_label}", [_LENGTH]
            )
            data[f"not_higher_{each.answer_id}"] = each.not_higher or ""
    made = type("TextsOfTender", (TextsForm,), fields)
    form: TextsForm = made() if posted else made(formdata=None, data=data)
    return form
