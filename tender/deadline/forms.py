"""Giving more time."""

from wtforms import RadioField, TextAreaField
from wtforms.validators import Length

from portal.web.fields import Required, UKDateTimeField
from portal.web.forms import Form

WHOM = {"everyone": "Everyone", "named": "Named applicants"}


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
        description="UK time, on the 24-hour clock.",
        validators=[Required("Enter the new closing time.")],
    )
    reason = TextAreaField(
        "Reason",
        description="Everyone is told, and it stands on the public page: name nobody.",
        validators=[Required("Say why."), _at_most(2_000)],
    )


def extend_form(named_only: bool = False) -> ExtendForm:
    """The form, for named applicants alone where the next intake is open already."""
    form = ExtendForm(whom="named") if named_only else ExtendForm()
    if named_only:
        form.whom.choices = {"named": WHOM["named"]}
    return form
