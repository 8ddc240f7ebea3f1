"""Forms for an agreed mark, and for unlocking one."""

from wtforms import RadioField, TextAreaField

from evaluation.conformity.forms import VersionField
from evaluation.scoring.forms import MarkForm
from portal.web.fields import Required
from portal.web.forms import Form


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
