"""The form for a finding."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import Length

from evaluation.exclusions.parts import parts_of
from evaluation.exclusions.services import RESULTS, Finding
from portal import clock
from portal.profiles.words import GROUNDS
from portal.web.fields import Required, UKDateField
from portal.web.forms import Form
from portal.web.text import number_in

LONGEST = 5_000
_LENGTH = Length(max=LONGEST, message=f"Use at most {LONGEST:,} characters.")


class FindingForm(Form):
    """What was looked at, when, and what was found. `seen` names the version of each part on the page."""

    seen = HiddenField()
    parts = SelectMultipleField(
        "What you checked",
        description="Where nothing was found, you can record several at once.",
        validators=[Required("Choose what you checked.")],
        validate_choice=False,
    )
    checked_on = UKDateField(
        "Day of the check", [Required("Enter the day on which you looked.")], noun="Day of the check"
    )
    looked_at = TextAreaField(
        "What you looked at",
        [Required("Say what you looked at, so that somebody else could do it again."), _LENGTH],
        description="Registers, lists and documents, and whom you looked for in them.",
    )
    result = RadioField(
        "What you found", [Required("Choose what you found.")], choices=dict(RESULTS), validate_choice=False
    )
    ground = SelectField("Which ground", validate_choice=False)
    self_cleaning = TextAreaField(
        "Self-cleaning considered",
        [_LENGTH],
        description="That it was taken seriously, what prevents it, what was promised, how long ago it was, "
        "and how you weighed that.",
    )
    excludes = RadioField(
        "Is the tenderer excluded?",
        choices={"yes": "Yes, its tender is disregarded", "no": "No, it may go on"},
        validate_choice=False,
    )
    heard = TextAreaField(
        "How the tenderer was heard",
        [_LENGTH],
        description="Before you exclude it: when and how you told it, until when it could answer and show "
        "evidence, and what it said. Where the ground is about a connected or associated person, say what "
        "it answered about that person.",
    )
    reasons = TextAreaField(
        "Your reasons",
        [Required("Give your reasons. A challenge would ask for them."), _LENGTH],
        description="The approver and the auditors read this.",
    )

    def ask_for(self, law: str, versions: Mapping[str, int]) -> None:
        """Offer what this law knows; unless something was sent, all that nobody has looked at yet."""
        offered = parts_of(law)
        self.parts.choices = [(part.code, part.title) for part in offered]
        self.ground.choices = [
            ("", "Choose one"),
            *((code, label) for grounds in GROUNDS[law].values() for code, label in grounds.items()),
        ]
        if not self.is_submitted():
            self.parts.data = [part.code for part in offered if part.code not in versions]
            self.checked_on.process(None, clock.today())
            self.see(versions)

    def see(self, versions: Mapping[str, int]) -> None:
        """Let the form be sent again upon what is recorded now."""
        self.seen.data = " ".join(f"{part}:{version}" for part, version in sorted(versions.items()))

    @property
    def versions(self) -> Mapping[str, int]:
        """The version of each part on the page; what is not one counts as none that there is."""
        pairs = (pair.partition(":") for pair in (self.seen.data or "").split())
        return {part: number_in(version, -1) for part, _, version in pairs}

    @property
    def chosen(self) -> Sequence[str]:
        """The parts, in the order of the page, each once."""
        return list(dict.fromkeys(self.parts.data or ()))

    @property
    def found(self) -> Finding:
        """What was typed."""
        typed: dict[str, Any] = {
            name: self[name].data or ""
            for name in ("result", "looked_at", "reasons", "ground", "self_cleaning", "heard")
        }
        excludes = {"yes": True, "no": False}.get(self.excludes.data or "")
        return Finding(**typed, checked_on=self.checked_on.data, excludes=excludes)
