"""The form of one question: what every kind has. What a kind has of its own is in `kind_forms`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, ValidationError

from portal.web.fields import OfHundredField, Required, WholeNumberField
from portal.web.forms import Form
from tender.frameworks.default_pack import NATIONAL_STANDARDS, STANDARD_THEMES
from tender.frameworks.facts import LotFacts
from tender.frameworks.forms import at_most
from tender.frameworks.kinds import KINDS, PRICE_FORMULAS, RULES_IN_WORDS
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.readiness import answers_to
from tender.packs.codes import LONGEST

STANDARDS = {
    "": "None",
    **{number: f"{number} {title}" for number, title in NATIONAL_STANDARDS.items()},
    **{theme: theme for theme in STANDARD_THEMES},
}
JUDGED_AS = {
    "condition": "A condition, passed or failed",
    "scored": "Scored by evaluators",
    "priced": "Scored by price, by a formula",
    "information": "Not judged, for information only",
}
_APART = "="


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a question's form has to know of its round: the pack, its lots, the questions that can decide."""

    pack: RoundPack
    lots: Sequence[LotFacts]
    deciding: Sequence[AskedQuestion]


class KindForm(Form):
    """Which kind of question to add."""

    kind = RadioField(
        "Kind of answer",
        choices={name: kind.words for name, kind in KINDS.items()},
        validators=[Required("Choose the kind of answer.")],
    )


class QuestionForm(Form):
    """A question of any kind."""

    seen = HiddenField()
    title = StringField("Title", [Required("Enter the title."), at_most(200)])
    text = TextAreaField("Question", [Required("Enter the question."), at_most(20_000)])
    why = TextAreaField(
        "Why you ask (optional)", [at_most(20_000)], description="Applicants read it under the question."
    )
    section = SelectField("Section")
    code = StringField(
        "Code (optional)",
        [at_most(LONGEST)],
        description="A short name in small letters, such as first_aid. Left empty, it is made from the "
        "title. It stays when the title changes.",
    )
    standard = SelectField("National standard that it tests", choices=STANDARDS)
    required = BooleanField("Everyone who is asked must answer")
    per_lot = RadioField(
        "How often it is answered",
        choices={"": "Once", "y": "Once for each lot that somebody applies for"},
    )
    lots = SelectMultipleField(
        "Lots whose applicants are asked",
        coerce=int,
        description="Tick none to ask the applicants of every lot.",
    )
    ask_if = SelectMultipleField("Answers after which it is asked")
    judged_as = RadioField("How it is judged", choices=JUDGED_AS)
    how_judged = TextAreaField(
        "What you look for (optional)",
        [at_most(20_000)],
        description="Applicants and evaluators read it.",
    )
    rule = SelectField("Rule")
    scale_id = SelectField("Scale", coerce=int)
    weight = OfHundredField("Weight", [Optional()], noun="The weight")
    minimum = WholeNumberField(
        "Minimum mark",
        [Optional()],
        noun="The minimum mark",
        most=100,
        description="A lower mark ends the application for the lot.",
    )
    breaks_ties = BooleanField("Its mark decides between equal totals")

    formula = SelectField("Formula", choices=PRICE_FORMULAS)
    price_weight = OfHundredField("Weight of the price", [Optional()], noun="The weight")
    low_price = WholeNumberField(
        "Look at prices so far below the average (optional)",
        [Optional()],
        noun="The per cent",
        least=1,
        most=99,
        description="A person decides whether such a price counts before there is any rank. Left empty, none "
        "is looked at.",
    )

    OWN: tuple[str, ...] = ()
    """The names of the fields that only this kind has, in the order in which the page shows them."""

    around: Surroundings
    staying: Collection[str] = ()
    """The names of the fields that the page does not show: see `let_stay`."""

    def let_stay(self, names: Iterable[str]) -> None:
        """Let the question keep what these fields say of it; what is sent for them is ignored."""
        self.staying = frozenset(names)
        for name in self.staying:
            self[name].process(None, self[name].object_data)
            self[name].raw_data = None

    @classmethod
    def drawn(cls, asked: AskedQuestion) -> dict[str, Any]:
        """What the fields of this kind show of a question."""
        return {}

    def own(self) -> dict[str, Any]:
        """What the fields of this kind say, as values of `AskedQuestion`."""
        return {}

    def rule_compares_with(self) -> Any:
        """What the chosen rule compares answers with; None for the rules that compare with nothing."""
        return None

    def asked(self, before: AskedQuestion) -> AskedQuestion:
        """The question as typed, where the form does not ask as it was `before`."""
        judged: dict[str, Any] = {"rule": None, "rule_value": None, "scale_id": None, "weight": None}
        judged |= {"minimum": None, "breaks_ties": False}
        if self.judged_as.data == "condition":
            judged |= {"rule": self.rule.data, "rule_value": self.rule_compares_with()}
        if self.judged_as.data == "scored":
            judged |= {
                "scale_id": self.scale_id.data,
                "weight": self.weight.data,
                "minimum": self.minimum.data,
                "breaks_ties": self.breaks_ties.data,
            }
        if self.judged_as.data == "priced":
            low = self.low_price.data
            judged |= {
                "rule": self.formula.data,
                "rule_value": None if low is None else str(low),
                "weight": self.price_weight.data,
            }
        said = replace(
            before,
            **{name: self[name].data for name in ("section", "title", "text", "why", "how_judged", "code")},
            required=self.required.data,
            per_lot=bool(self.per_lot.data),
            lots=tuple(self.lots.data or ()),
            ask_if=self._condition(),
            standard=self.standard.data or None,
            judged_as=self.judged_as.data,
            **judged,
            **self.own(),
        )
        return self._spelt_as(before, said)

    def _spelt_as(self, before: AskedQuestion, said: AskedQuestion) -> AskedQuestion:
        """The question as typed, spelt as before where it says the same: "5" and "5.00", other endings of the
        same types of file. Only another choice is a change."""
        shown = self.drawn(said)
        if said == before or shown != self.drawn(before):
            return said
        alike = {*self.own(), *({"rule_value"} & shown.keys())}
        return replace(said, **{name: getattr(before, name) for name in alike})

    def groups(self) -> list[tuple[AskedQuestion, list[dict[str, str]]]]:
        """The questions after whose answers this one can be asked, each with its answers to tick."""
        return [
            (
                earlier,
                [{"value": _answer(earlier, value), "text": label} for value, label in answers_to(earlier)],
            )
            for earlier in self.around.deciding
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """What belongs to another way of judging does not matter: its fields are not on show."""
        super().validate(extra_validators)
        for way, names in (
            ("condition", ("rule", "rule_value")),
            ("scored", ("scale_id", "weight", "minimum")),
            ("priced", ("formula", "price_weight", "low_price")),
        ):
            for name in names:
                if self.judged_as.data != way and name in self:
                    self[name].errors = []
        return not self.errors

    def validate_ask_if(self, field: SelectMultipleField) -> None:
        """The answers must be those of one question."""
        if len({ticked.partition(_APART)[0] for ticked in field.data or ()}) > 1:
            raise ValidationError("Tick answers of one question only.")

    def _condition(self) -> dict[str, Any] | None:
        ticked = [each.partition(_APART) for each in self.ask_if.data or ()]
        if not ticked:
            return None
        return {"question": ticked[0][0], "answers": [value for _, _, value in ticked]}


def prepared(form: type[QuestionForm], asked: AskedQuestion, around: Surroundings) -> QuestionForm:
    """The form of a question, filled with what it says, its choices those of its round."""
    condition = asked.ask_if or {"question": "", "answers": ()}
    made = form(
        data={
            **{name: getattr(asked, name) for name in _PLAIN},
            "seen": asked.fingerprint,
            "per_lot": "y" if asked.per_lot else "",
            "standard": asked.standard or "",
            "formula": asked.rule if asked.priced else None,
            "price_weight": asked.weight if asked.priced else None,
            "low_price": int(asked.rule_value) if asked.priced and asked.rule_value else None,
            "ask_if": [f"{condition['question']}{_APART}{value}" for value in condition["answers"]],
            **form.drawn(asked),
        }
    )
    made.around = around
    made.section.choices = {section.code: section.title for section in around.pack.sections}
    made.lots.choices = {lot.id: lot.name for lot in around.lots}
    made.judged_as.choices = JUDGED_AS
    made.rule.choices = {rule: RULES_IN_WORDS[rule] for rule in KINDS[asked.kind].rules}
    made.scale_id.choices = {scale.id: scale.name for scale in around.pack.scales}
    known = {_answer(each, value): label for each in around.deciding for value, label in answers_to(each)}
    made.ask_if.choices = known
    if asked.standard and asked.standard not in STANDARDS:
        made.standard.choices = {**STANDARDS, asked.standard: asked.standard}
    if not KINDS[asked.kind].scored or not around.pack.scales:
        made.judged_as.choices = _without(made.judged_as.choices, "scored")
    if not KINDS[asked.kind].priced:
        made.judged_as.choices = _without(made.judged_as.choices, "priced")
    return made


_PLAIN = (
    *("title", "text", "why", "section", "code", "required", "lots", "judged_as", "how_judged", "rule"),
    *("scale_id", "weight", "minimum", "breaks_ties"),
)


def _answer(asked: AskedQuestion, value: str) -> str:
    return f"{asked.code}{_APART}{value}"


def _without(choices: Mapping[str, str], left_out: str) -> dict[str, str]:
    return {value: label for value, label in choices.items() if value != left_out}
