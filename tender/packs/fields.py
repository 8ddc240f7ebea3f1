"""Fields of the pages on which a pack is written."""

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import TextAreaField


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
