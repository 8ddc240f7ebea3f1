"""Forms for naming a panel and handing tenders out, and for what an evaluator declares."""

from collections.abc import Iterable, Mapping, Sequence

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField

from portal.web.fields import Required
from portal.web.forms import Form
from portal.web.text import number_in

DECLARATIONS = {
    "none": "No, I have no conflict of interest",
    "actual": "Yes, an actual one",
    "potential": "Perhaps: it may become one",
    "perceived": "Others may think that I have one",
}
CONFLICT_IS_READ = "A sentence is enough. The procurement lead, the approver and the auditors read it."
KINDS = {
    "actual": "An actual one: it exists now",
    "potential": "A potential one: it may come about",
    "perceived": "A perceived one: others may think that it exists",
}
DECISIONS = {"yes": "Waive the conflict, as proposed", "no": "Do not waive it: the tender stays closed"}
EACH = {"2": "Two evaluators", "3": "Three evaluators", "4": "Four evaluators"}


def _reason(label: str = "Why?") -> TextAreaField:
    return TextAreaField(
        label,
        description="Kept with the change, and shown in the panel's history.",
    )


class PanelForm(Form):
    """Who evaluates and who moderates. The view gives the choices: names by person id."""

    evaluators = SelectMultipleField(
        "Evaluators",
        coerce=int,
        validate_choice=False,
        description="At least two mark every answer of every tender that meets the conditions.",
    )
    moderators = SelectMultipleField(
        "Moderators",
        coerce=int,
        validate_choice=False,
        description="At least one. A moderator of this round cannot be its evaluator.",
    )
    reason = _reason("Why does the panel change?")


class PartForm(Form):
    """Which part of the tenders an evaluator marks, and what they are good at."""

    lots = SelectMultipleField(
        "Lots", coerce=int, validate_choice=False, description="All lots, unless you choose some."
    )
    sections = SelectMultipleField(
        "Sections of the questions",
        validate_choice=False,
        description="All sections, unless you choose some.",
    )
    skills = StringField(
        "Skills",
        description="Words between commas, such as: safeguarding, finance. An even spread goes by them.",
    )
    reason = _reason()

    @property
    def skill_words(self) -> list[str]:
        """The skills, apart."""
        return (self.skills.data or "").split(",")


class ProposalForm(Form):
    """The proposal that was shown: for how many evaluators each, and its fingerprint."""

    each = HiddenField()
    fingerprint = HiddenField()


class TenderPanelForm(Form):
    """Who marks which sections of one tender: a field for each section, made by `for_sections`."""

    reason = _reason()

    @classmethod
    def for_sections(
        cls, sections: Mapping[str, str], choices: Mapping[int, str], chosen: Mapping[str, Iterable[int]]
    ) -> "TenderPanelForm":
        """The form with a list of evaluators for each section (titles by code), the `chosen` ones ticked."""
        fields = {
            f"section_{code}": SelectMultipleField(
                title, coerce=int, validate_choice=False, choices=dict(choices)
            )
            for code, title in sections.items()
        }
        made = type("SectionsForm", (cls,), fields)
        return made(data={f"section_{code}": list(people) for code, people in chosen.items()})

    def by_person(self, sections: Iterable[str]) -> dict[int, set[str]]:
        """The chosen sections of each evaluator."""
        wanted: dict[int, set[str]] = {}
        for code in sections:
            for person_id in self[f"section_{code}"].data or ():
                wanted.setdefault(person_id, set()).add(code)
        return wanted


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
        description=f"Needed unless you have none. {CONFLICT_IS_READ}",
    )

    def after_the_lock(self) -> None:
        """Ask only for a conflict that was found later."""
        self.declaration.label.text = "Which conflict of interest have you found?"
        self.declaration.choices = KINDS
        self.conflict.description = CONFLICT_IS_READ


class ListForm(Form):
    """That there is no conflict with those on the list that were not named; `seen` is its fingerprint."""

    seen = HiddenField()


class ListedConflictForm(ListForm):
    """A conflict of interest with one tenderer of the list, who is named by the place there."""

    tenderer = SelectField("With which provider?", validate_choice=False)
    kind = RadioField(
        "What kind of conflict?",
        [Required("Say whether the conflict is actual, potential or perceived.")],
        choices=KINDS,
        validate_choice=False,
    )
    conflict = TextAreaField(
        "What is it?",
        [Required("Say what the conflict is, in a sentence. The procurement lead reads it.")],
        description=CONFLICT_IS_READ,
    )

    def offer(self, names: Sequence[str]) -> None:
        """Give the names to choose from, in the list's order."""
        self.tenderer.choices = [("", "Choose one"), *((str(n), name) for n, name in enumerate(names))]

    @property
    def place(self) -> int:
        """The place of the chosen one; -1, which nobody has, for anything else."""
        return number_in(self.tenderer.data, -1)


class DeclineForm(Form):
    """Why the evaluator hands a tender back."""

    reason = TextAreaField(
        "Why do you hand it back?",
        [Required("Say why you hand the tender back. The procurement lead reads it.")],
        description="Such as leave, or too much to mark. A conflict of interest is declared above.",
    )


class MitigationForm(Form):
    """What is done so that a declared conflict does not matter."""

    mitigation = TextAreaField(
        "How is the conflict kept from mattering?",
        [Required("Say what is done so that the conflict does not matter.")],
        description="The approver decides on this, and it is kept. What is written here, people see to.",
    )
    left_out = SelectMultipleField(
        "Sections of this tender that they do not mark",
        validate_choice=False,
        description="With the waiver these are not shown to them, and another evaluator is to be found.",
    )

    def offer(self, sections: Mapping[str, str]) -> None:
        """Give the sections to choose from, titles by code; with fewer than two there is no such question."""
        self.left_out.choices = dict(sections) if len(sections) > 1 else {}

    @property
    def sections(self) -> list[str]:
        """The codes of those that are left out."""
        return self.left_out.data or [] if self.left_out.choices else []


class WaiverForm(Form):
    """Whether a conflict is waived, and why."""

    decision = RadioField(
        "Your decision",
        [Required("Choose whether the conflict is waived.")],
        choices=DECISIONS,
        validate_choice=False,
    )
    reason = TextAreaField("Your reason", [Required("Give the reason for your decision. It is kept.")])
