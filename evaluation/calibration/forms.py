"""Forms for practice."""

from wtforms import TextAreaField

from evaluation.scoring.forms import MarkForm
from portal.web.fields import Required
from portal.web.forms import Form


class PracticeAnswerForm(Form):
    """What an invented provider answers."""

    text = TextAreaField(
        "The practice answer",
        description="Invent it, of middling quality, and name no real provider. Leave it empty for none.",
    )


class PracticeMarkForm(MarkForm):
    """A mark of a practice answer."""

    reason = TextAreaField(
        "Your reason",
        [Required("Give your reason: what in the answer earned this mark?")],
        description=(
            "Say what in the answer earned this mark and not the next one. The other evaluators, the "
            "moderator and the procurement lead read this once all of you have locked. It counts for nothing."
        ),
    )
