"""Giving more time."""

from datetime import datetime

from wtforms import RadioField, TextAreaField
from wtforms.validators import Length

from portal.web.fields import Required, UKDateTimeField
from portal.web.forms import Form

_CLOCK = "UK time, on the 24-hour clock."
WHOM = {"everyone": "Everyone", "named": "Named applicants"}

TIMES = ("questions_until", "answers_by")


def _at_most(characters: int) -> Length:
    return Length(max=characters, message=f"Use at most {characters:,} characters.")


class ExtendForm(Form):
    """A later closing time: for whom, until when, and why."""

    whom = RadioField(
        "Who is given more time",
        choices=WHOM,
        default="everyone",
        validators=[Required("Choose who is given more time.")],
    )
    references = TextAreaField(
        "References of their applications or receipts, one a line",
        description="As they told you on the telephone. Names stay hidden until the tender box is opened.",
        validators=[_at_most(5_000)],
    )
    fairness = TextAreaField(
        "Why this is fair to the others",
        description="For example: the fault met these applicants alone and cost them two hours.",
        validators=[_at_most(2_000)],
    )
    closes_at = UKDateTimeField(
        "New closing time",
        noun="The new closing time",
        description=_CLOCK,
        validators=[Required("Enter the new closing time.")],
    )
    questions = RadioField(
        "Times for questions",
        default="stay",
        choices={"stay": "They stay as they are", "move": "They move too"},
    )
    questions_until = UKDateTimeField(
        "Questions can be asked until", noun="The time for questions", description=_CLOCK
    )
    answers_by = UKDateTimeField("You answer by", noun="The time for answers", description=_CLOCK)
    reason = TextAreaField(
        "Reason",
        description="Everyone is told, and it stands on the public page: name nobody.",
        validators=[Required("Say why."), _at_most(2_000)],
    )

    @property
    def moved(self) -> dict[str, datetime | None]:
        """What the times for questions become; None for one that stays, as all do for named applicants."""
        moves = self.whom.data == "everyone" and "questions" in self and self["questions"].data == "move"
        return {name: self[name].data if moves and name in self else None for name in TIMES}


def extend_form(
    questions_until: datetime | None = None, answers_by: datetime | None = None, *, named_only: bool = False
) -> ExtendForm:
    """The form: with the times for questions that have not passed, as they are (None for others), and for
    named applicants alone where the next intake is open already."""
    standing = {"questions_until": questions_until, "answers_by": answers_by}
    form = ExtendForm(data={**standing, **({"whom": "named"} if named_only else {})})
    if named_only:
        form.whom.choices = {"named": WHOM["named"]}
    for name, moment in standing.items():
        if moment is None or named_only:
            del form[name]
    if not any(name in form for name in TIMES):
        del form.questions
    return form
