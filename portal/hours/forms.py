"""Forms: what counts as full-time, what was found of a case, a child's other sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Length, Optional

from portal.directory.offer import DAYS, HALVES, SESSIONS
from portal.hours.models import SLOT_KINDS
from portal.hours.rules import Rules
from portal.web.fields import Required, WholeNumberField, WordLimitedTextArea
from portal.web.forms import Form

FOUND_WORDS = 200


def _number(label: str, least: int, most: int, hint: str = "") -> WholeNumberField:
    return WholeNumberField(
        label, [Required("Enter a number.")], least=least, most=most, noun="This", description=hint
    )


class RulesForm(Form):
    """The council's figures."""

    full_time_hours = _number("Hours a week that count as full-time", 5, 40, "Breaks included.")
    near_hours = _number("Hours a week that are near it", 1, 40, "From here on officers see a warning.")
    pupils = _number("Children full-time that meet the test", 1, 20)
    near_pupils = _number("Children full-time that are near it", 1, 20)
    intensive_weeks = _number("Weeks within which an intensive placement should end", 1, 52)
    part_time_sessions = _number(
        "Sessions a week up to which a placement is part-time", 0, 10, "More than these make it intensive."
    )
    full_week_hours = _number("Hours of a child’s full week", 5, 40)
    source = StringField(
        "Where these figures come from",
        [Required("Say where the figures come from."), Length(max=300)],
        description="For instance a law with its section, guidance with its date, or a decision of the "
        "council.",
    )

    @classmethod
    def showing(cls, rules: Rules) -> "RulesForm":
        """The form with what counts now; the source is asked for anew."""
        return cls(data=asdict(rules) | {"source": ""})

    def rules(self) -> Rules:
        """What was typed."""
        return Rules(**{name: self[name].data for name in Rules.__dataclass_fields__})


class FindingForm(Form):
    """What was found of a case, over the facts that its page showed."""

    seen = HiddenField()
    finding = RadioField("What did you find?", [Required("Choose what you found.")])
    note = WordLimitedTextArea(
        "What did you look at, and what follows?",
        FOUND_WORDS,
        [Required("Say what you looked at and what follows.")],
        description="Name no child. This stays on record.",
    )

    def offer(self, findings: Mapping[str, str]) -> None:
        """Offer what can be found of the case."""
        self.finding.choices = list(findings.items())

    def facts(self) -> list[str]:
        """What the page showed."""
        return [fact for fact in (self.seen.data or "").split(",") if fact]

    def show(self, facts: Sequence[str]) -> None:
        """Let it be about these facts, whatever an earlier page showed."""
        self.seen.data = ",".join(facts)


class WeekForm(Form):
    """What a school has planned for a child in each session, outside of agreements."""

    @classmethod
    def showing(cls, slots: Mapping[str, str]) -> "WeekForm":
        """The form with what is kept."""
        return cls(data=dict(slots))

    def rows(self) -> list[tuple[str, list[SelectField]]]:
        """By day: its name, and the fields of its two halves."""
        return [(name, [self[f"{day}_{half}"] for half in HALVES]) for day, name in DAYS.items()]

    def slots(self) -> dict[str, str]:
        """The kind by session, where one was chosen."""
        return {code: self[code].data for code in SESSIONS if self[code].data}


_KINDS = {"": "Nothing", **SLOT_KINDS}
for _code, _name in SESSIONS.items():
    setattr(WeekForm, _code, SelectField(_name, [Optional()], choices=_KINDS, default=""))
