"""Forms for an agreed mark, for several that are the same, and for unlocking one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, TextAreaField

from evaluation.conformity.forms import VersionField
from evaluation.scoring.forms import MarkForm
from portal.web.fields import Required
from portal.web.forms import Form
from portal.web.text import id_in


class AgreedMarkForm(MarkForm):
    """The panel's mark and its reason."""

    points = RadioField("Agreed mark", [Required("Choose the agreed mark.")], validate_choice=False)
    reason = TextAreaField(
        "The panel's reason",
        [Required("Give the panel's reason: what in the answer earned this mark, and not the next one?")],
        description=(
            "Say what earned this mark and not the next one and, where the panel differed, how it agreed, in "
            "more than the evaluators' own words joined. "
            "The approver reads this, and the provider is given it in its assessment summary."
        ),
    )


class UnlockForm(Form):
    """Why an agreed mark has to be agreed again. `version` is that of the mark on the page."""

    version = VersionField()
    why = TextAreaField(
        "Why has this mark to be agreed again?",
        [Required("Say why this mark has to be agreed again. It is kept with the old mark.")],
        description="The old mark and its reason are kept, with what you write here and your name.",
    )


class IdenticalForm(Form):
    """Answers on which the evaluators agree: which of them the panel agrees, and why.

    `identical_form` adds to it, for each answer, whether it is ticked and a reason of its own.
    """

    shown = HiddenField()
    reason = TextAreaField(
        "The panel's reason for every answer you tick",
        description=(
            "It has to fit each of them and to say more than the evaluators wrote. An answer to which you "
            "give a reason of its own does not take this one."
        ),
    )
    answers: Sequence[int] = ()

    def given(self) -> dict[int, str]:
        """The reason of every answer that is ticked: its own, or else the one for all."""
        return {
            answer: self[f"reason-{answer}"].data or self.reason.data or ""
            for answer in self.answers
            if self[f"tick-{answer}"].data
        }

    def not_ticked(self) -> list[int]:
        """The answers that were given a reason and no tick."""
        return [
            answer
            for answer in self.answers
            if self[f"reason-{answer}"].data and not self[f"tick-{answer}"].data
        ]


def identical_form(rows: Iterable[Mapping[Any, Any]], **kwargs: Any) -> IdenticalForm:
    """The form for these answers."""
    fields: dict[str, Any] = {}
    answers = [row["answer_id"] for row in rows]
    for row in rows:
        of = f"{row['title']}, {row['provider_name']}"
        fields[f"tick-{row['answer_id']}"] = BooleanField(f"Agree {row['lowest']}: {of}")
        fields[f"reason-{row['answer_id']}"] = TextAreaField(f"A reason of its own: {of}")
    form: IdenticalForm = type("DrawnIdenticalForm", (IdenticalForm,), fields)(**kwargs)
    form.answers = answers
    if not form.is_submitted():
        form.shown.data = " ".join(map(str, answers))
    return form


def answers_shown(typed: str) -> list[int]:
    """The answers that a form came with; what is no number is left out."""
    return [number for each in typed.split() if (number := id_in(each, None)) is not None]
