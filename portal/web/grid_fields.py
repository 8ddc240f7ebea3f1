"""A field of many parts: the rows of a table that a person fills, or the prices of a rate card."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import Field
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.utils import unset_value


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that are drawn together under a legend; `id` is that of their fieldset."""

    id: str
    legend: str
    fields: tuple[Field, ...]


class GridField(Field):
    """Rows of parts, each a field of its own, as a list of mappings from a part's code to its value.

    `parts` are the fields by code, `rows` how many rows are drawn when nothing was sent, `most` how many
    there can be. A box is named `<name>-<row>-<code>`. Each row is one group, "Row 1", unless `legends`
    divides the parts of the only row: a legend and the codes under it.
    """

    def __init__(
        self,
        label: str,
        *,
        parts: Mapping[str, UnboundField],
        rows: int = 1,
        most: int = 1,
        legends: Sequence[tuple[str, Sequence[str]]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.parts, self.least, self.most, self.legends = parts, rows, most, legends
        self.rows: list[BaseForm] = []

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Fill the rows from what was sent, else from `data`."""
        self.process_errors = []
        kept = [] if data is unset_value or data is None else list(data)
        sent = self._rows_sent(formdata)
        rows = max(self.least, len(kept)) if sent is None else max(self.least, sent)
        self.rows = [self._row(number, formdata, kept) for number in range(rows)]
        self.object_data = self.data = [row.data for row in self.rows]

    def _rows_sent(self, formdata: Any) -> int | None:
        """How many rows came in; None where nothing was sent."""
        if formdata is None:
            return None
        named = re.compile(rf"{re.escape(self.name)}-([0-9]{{1,3}})-")
        numbers = [int(found[1]) + 1 for name in formdata if (found := named.match(name))]
        return min(max(numbers, default=0), self.most)

    def _row(self, number: int, formdata: Any, kept: Sequence[Mapping[str, Any]]) -> BaseForm:
        row = BaseForm(self.parts, prefix=f"{self.name}-{number}-")
        if not self.legends:
            for part in row:
                part.noun = f"{getattr(part, 'noun', part.label.text)} in row {number + 1}"
        row.process(formdata, data=kept[number] if number < len(kept) else {})
        return row

    def validate(self, form: BaseForm, extra_validators: Sequence[Any] = ()) -> bool:
        """Whether every part holds what it can hold; `errors` are those of the parts."""
        valid = [row.validate() for row in self.rows]
        self.errors = [str(error) for part in self.fields for error in part.errors]
        return all(valid)

    @property
    def fields(self) -> Iterator[Field]:
        """Every part of every row."""
        return (part for row in self.rows for part in row)

    @property
    def own_errors(self) -> list[str]:
        """What is wrong with the whole rather than with a part."""
        of_parts = {str(error) for part in self.fields for error in part.errors}
        return [error for error in self.errors if error not in of_parts]

    @property
    def can_grow(self) -> bool:
        """Whether there can be another row."""
        return len(self.rows) < self.most

    @property
    def groups(self) -> list[Group]:
        """The parts as they are drawn."""
        if self.legends:
            (row,) = self.rows
            return [
                Group(f"{self.id}-{number}", legend, tuple(row[code] for code in codes))
                for number, (legend, codes) in enumerate(self.legends)
            ]
        return [
            Group(f"{self.id}-{number}", f"Row {number + 1}", tuple(row))
            for number, row in enumerate(self.rows)
        ]
