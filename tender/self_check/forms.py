"""The form of the self-check: one choice for each topic, in the address, without anything about a person."""

from collections.abc import Sequence
from typing import Any

from wtforms import RadioField
from wtforms.validators import ValidationError

from portal.web.forms import QueryForm
from tender.self_check.topics import Topic


class SelfCheckForm(QueryForm):
    """The topics of one pack; fields are added by topic."""

    topics: Sequence[Topic]

    @property
    def answers(self) -> dict[str, str]:
        """The chosen answers, by the topic's code."""
        return {topic.code: self[topic.code].data for topic in self.topics}


def self_check_form(topics: Sequence[Topic]) -> SelfCheckForm:
    """The form for these topics, with what the address brings."""
    fields: dict[str, Any] = {topic.code: _field(topic) for topic in topics}
    form: SelfCheckForm = type("DrawnSelfCheckForm", (SelfCheckForm,), fields)()
    form.topics = topics
    return form


def _field(topic: Topic) -> RadioField:
    choices = {value: label for value, label, _ in topic.answers}

    def is_chosen(_: SelfCheckForm, field: RadioField) -> None:
        if field.data not in choices:
            raise ValidationError(f"Choose an answer about {topic.title[:1].lower()}{topic.title[1:]}.")

    return RadioField(
        topic.question,
        description=topic.hint,
        choices=choices,
        validators=[is_chosen],
        validate_choice=False,
    )
