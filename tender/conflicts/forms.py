"""The form of an assessment of conflicts of interest."""

from typing import Any

from wtforms import Form as PlainForm
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields import FieldList, FormField
from wtforms.validators import Length

from portal.web.fields import Required
from portal.web.forms import Form
from portal.web.text import id_in
from tender.conflicts.models import KINDS
from tender.conflicts.queries import Assessment, Conflict
from tender.conflicts.services import MOST

SPARE = 2
FOUND = {"none": "No conflict of interest was found", "some": "These were found"}


def _at_most(characters: int) -> Length:
    return Length(max=characters, message=f"Use at most {characters:,} characters.")


class ConflictRow(PlainForm):
    """One conflict of interest; a row without a word in it is none."""

    person = StringField("Whose it is", validators=[_at_most(200)])
    kind = RadioField("Kind", choices=KINDS, default="potential")
    nature = TextAreaField("What it is", validators=[_at_most(2_000)])
    mitigation = TextAreaField("What is done about it", validators=[_at_most(2_000)])

    @property
    def written(self) -> bool:
        """Whether there is a word in it."""
        return any((field.data or "").strip() for field in (self.person, self.nature, self.mitigation))

    def validate(self, extra_validators: Any = None) -> bool:
        """A row that is begun says everything."""
        valid = super().validate(extra_validators)
        if not self.written:
            return valid
        for field, sentence in (
            (self.person, "Say whose conflict it is."),
            (self.nature, "Say what the conflict is."),
            (self.mitigation, "Say what is done about it."),
        ):
            if not (field.data or "").strip():
                field.errors = [*field.errors, sentence]
                valid = False
        return valid


class AssessmentForm(Form):
    """Who takes part, and which conflicts were found."""

    people = TextAreaField(
        "Who takes part in this procurement",
        description="Name and role, one a line: who writes the pack, marks, advises, decides.",
        validators=[Required("Say who takes part, one a line."), _at_most(5_000)],
    )
    found = RadioField(
        "Conflicts of interest",
        choices=FOUND,
        validators=[Required("Say whether a conflict of interest was found.")],
    )
    conflicts = FieldList(FormField(ConflictRow), max_entries=MOST)
    after = HiddenField()

    @property
    def sent_after(self) -> int:
        """The newest assessment on the page from which the form came; 0 for none."""
        return id_in(self.after.data, 0)

    def validate(self, extra_validators: Any = None) -> bool:
        """What stands in the rows does not matter when none was found."""
        if self.found.data != "none":
            valid = super().validate(extra_validators)
            if self.found.data == "some" and not self.written():
                self.conflicts.errors = ["Write at least one conflict, or say that none was found."]
                valid = False
            return valid
        rows, self.conflicts.entries = self.conflicts.entries, []
        valid = super().validate(extra_validators)
        self.conflicts.entries = rows
        return valid

    def written(self) -> list[Conflict]:
        """The conflicts that the form tells; none when none was found."""
        if self.found.data == "none":
            return []
        return [
            Conflict(
                *((row.form[name].data or "").strip() for name in ("person", "kind", "nature", "mitigation"))
            )
            for row in self.conflicts
            if row.form.written
        ]


def assessment_form(newest: Assessment | None) -> AssessmentForm:
    """A form that starts from the assessment that stands, with room for more conflicts."""
    rows = [conflict.as_row() for conflict in newest.conflicts] if newest else []
    blank = [{"kind": "potential"} for _ in range(min(SPARE, MOST - len(rows)))]
    return AssessmentForm(
        data={
            "after": newest.id if newest else 0,
            "people": newest.people if newest else "",
            "found": ("some" if rows else "none") if newest else None,
            "conflicts": [*rows, *blank],
        }
    )
