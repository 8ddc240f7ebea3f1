"""The form for returning a mark to its evaluator."""

from wtforms import RadioField, TextAreaField

from portal.web.fields import Required
from portal.web.forms import Form
from portal.web.text import id_in


class ReturnForm(Form):
    """Which answer's mark is returned, and why. The view gives the choices: titles by answer id."""

    answer = RadioField(
        "Which mark?", [Required("Choose the answer whose mark is returned.")], validate_choice=False
    )
    why = TextAreaField(
        "Why is it returned?",
        [Required("Say why the mark is returned. It is kept with the old mark.")],
        description="The evaluator reads this. It is kept with the old mark, and shown to the moderator.",
    )

    @property
    def chosen(self) -> int:
        """The answer's id; 0, which none has, for anything that is not a number."""
        return id_in(self.answer.data, 0)
