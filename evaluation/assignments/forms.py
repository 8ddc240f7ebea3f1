"""Forms for naming a panel and for declaring a conflict."""

from wtforms import RadioField, SelectMultipleField, TextAreaField

from portal.web.fields import Required
from portal.web.forms import Form

DECLARATIONS = {"none": "No, I have no conflict of interest", "conflict": "Yes, or it may look like one"}


class PanelForm(Form):
    """Who evaluates and who moderates. The view gives the choices: names by person id."""

    evaluators = SelectMultipleField(
        "Evaluators",
        coerce=int,
        validate_choice=False,
        description="At least two. Each of them marks every tender that meets the conditions.",
    )
    moderators = SelectMultipleField(
        "Moderators",
        coerce=int,
        validate_choice=False,
        description="At least one. A moderator of this round cannot be its evaluator.",
    )


class DeclarationForm(Form):
    """Whether the evaluator has a conflict of interest with the provider, and which."""

    declaration = RadioField(
        "Do you have a conflict of interest with this provider?",
        [Required("Say whether you have a conflict of interest with this provider.")],
        choices=DECLARATIONS,
        validate_choice=False,
    )
    conflict = TextAreaField(
        "What is it?",
        description="A sentence is enough. The procurement lead and the auditors read it.",
    )
