"""The forms about who a child is."""

from typing import Any

from wtforms import BooleanField, FileField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Length, Optional

from portal.children.facts import LONGEST_NAME
from portal.children.file_services import ACCEPTED, LARGEST
from portal.children.kinds import FILE_KINDS, REASONS_WITHOUT_UPN
from portal.children.queries import Identity
from portal.storage.inspection import kinds_in_words
from portal.storage.refusals import in_megabytes
from portal.web.fields import Required, UKDateField
from portal.web.forms import Form
from portal.web.text import number_in

_YES_OR_NO = {"yes": "Yes", "no": "No"}


class ChildForm(Form):
    """Who the child is. `drawn_with` is the revision that the page showed."""

    drawn_with = HiddenField()
    name = StringField(
        "Full name",
        [
            Required("Enter the child’s name."),
            Length(max=LONGEST_NAME, message=f"Use at most {LONGEST_NAME} characters."),
        ],
    )
    born_on = UKDateField(
        "Date of birth",
        [Required("Enter the date of birth.")],
        noun="The date of birth",
        description="For example, 27 3 2012.",
    )
    upn = StringField(
        "Unique pupil number (UPN)",
        [Optional()],
        description="13 characters, from the school’s records. By it the portal knows the child again, and "
        "adds up the hours that are agreed for one child.",
    )
    no_upn_reason = SelectField(
        "If there is no UPN, why?",
        [Optional()],
        choices={"": "There is a UPN", **REASONS_WITHOUT_UPN},
    )
    has_ehcp = RadioField(
        "Has the child an education, health and care plan?",
        [Required("Say whether the child has an education, health and care plan.")],
        choices=_YES_OR_NO,
    )
    looked_after = RadioField(
        "Is the child looked after by a council?",
        [Required("Say whether the child is looked after.")],
        choices=_YES_OR_NO,
    )
    same_child = BooleanField("It is the same child: replace what was kept by what I entered")

    @classmethod
    def showing(cls, identity: Identity | None) -> "ChildForm":
        """The form with what is kept; empty while nothing is."""
        if identity is None:
            return cls(data={"drawn_with": "0"})
        kept: dict[str, Any] = {
            "name": identity.name,
            "born_on": identity.born_on,
            "upn": identity.upn,
            "no_upn_reason": identity.no_upn_reason,
            "has_ehcp": "yes" if identity.has_ehcp else "no",
            "looked_after": "yes" if identity.looked_after else "no",
            "drawn_with": str(identity.revision),
        }
        return cls(data=kept)

    @property
    def seen(self) -> int:
        """The revision that the page was drawn with; 0 for what is none."""
        return number_in(self.drawn_with.data, 0)

    def see(self, revision: int) -> None:
        """Let the form be sent again upon this revision."""
        self.drawn_with.data, self.drawn_with.raw_data = str(revision), None

    @property
    def asks_whether_same(self) -> bool:
        """Whether the page has to ask: is it the child that was named before?"""
        return bool(self.same_child.errors or self.same_child.data)

    @property
    def said(self) -> dict[str, Any]:
        """What was entered, as `identify_child` takes it."""
        return {
            "name": self.name.data or "",
            "born_on": self.born_on.data,
            "upn": self.upn.data or "",
            "no_upn_reason": self.no_upn_reason.data or "",
            "has_ehcp": self.has_ehcp.data == "yes",
            "looked_after": self.looked_after.data == "yes",
            "same_child": bool(self.same_child.data),
            "seen": self.seen,
        }


class FileForm(Form):
    """A file to give with the choice."""

    kind = SelectField(
        "What kind of file is it?",
        [Required("Choose what kind of file it is.")],
        choices={"": "Choose one", **FILE_KINDS},
    )
    file = FileField(
        "File",
        description=f"{kinds_in_words(ACCEPTED)}, up to {in_megabytes(LARGEST)}. We do not keep its name: it "
        "is called by its kind.",
        validators=[Required("Choose a file.")],
    )
