"""The form for who is at a moderation meeting."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import SelectMultipleField, TextAreaField
from wtforms.validators import Length

from evaluation.conformity.forms import VersionField
from portal.web.forms import Form

LONGEST = 4_000
TOO_LONG = f"Use at most {LONGEST:,} characters."


class BeginForm(Form):
    """Who is there when a meeting begins. The view gives the panel to choose from."""

    present = SelectMultipleField(
        "Who is there?",
        coerce=int,
        validate_choice=False,
        description="Whoever of the panel is not ticked is recorded as away.",
    )
    observers = TextAreaField(
        "Who else is in the room?",
        [Length(max=LONGEST, message=TOO_LONG)],
        description="Names and why they are there, for instance to take notes. They agree no mark.",
    )

    def offer(self, panel: Iterable[Mapping[Any, Any]]) -> None:
        """Give the panel to choose from: person_id, name, role."""
        self.present.choices = {row["person_id"]: f"{row['name']}, {row['role']}" for row in panel}


class MeetingForm(BeginForm):
    """Who is at a meeting that runs. `version` is that of the meeting on the page."""

    version = VersionField()
    absent_views = TextAreaField(
        "What did those who are away have to say?",
        [Length(max=LONGEST, message=TOO_LONG)],
        description="Views they sent ahead, and how the panel took them into account.",
    )

    def fill(self, meeting: Mapping[Any, Any], attendance: Iterable[Mapping[Any, Any]]) -> None:
        """Show what is kept."""
        self.version.data = str(meeting["version"])
        self.present.data = [row["person_id"] for row in attendance if row["present"]]
        self.observers.data, self.absent_views.data = meeting["observers"], meeting["absent_views"]
