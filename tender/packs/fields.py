"""Fields of the pages on which a pack is written."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from wtforms import TextAreaField

from portal.web.fields import WholeNumberField


class WeightField(WholeNumberField):
    """A weight in per cent, whole or with up to two decimals."""

    def written(self, value: Decimal) -> str:
        """'20' or '12.5'."""
        return f"{value.normalize():f}"

    def read(self, typed: str) -> Decimal:  # type: ignore[override]
        """More than 0 and at most 100."""
        number = typed.removesuffix("%").strip()
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", number, re.ASCII) or not 0 < Decimal(number) <= 100:
            raise self.wrong("must be a number above 0 and up to 100, such as 20 or 12.5")
        return Decimal(number)


class LinesField(TextAreaField):
    """A list that is typed one a line. `reads` makes values of the text, `writes` the text of values."""

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        reads: Callable[[str], Any],
        writes: Callable[[Any], str],
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.reads, self.writes = reads, writes

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the lines. Raises `ValueError` with the sentence of the reader."""
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = self.reads(valuelist[0])

    def _value(self) -> str:
        """What was typed, else the stored values as lines."""
        if self.raw_data:
            return str(self.raw_data[0])
        return self.writes(self.data) if self.data else ""
