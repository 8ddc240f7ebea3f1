"""A form that says more of a file than its bytes do: the file goes up in parts while the form is filled in,
or comes with it where no script runs. On the page: `components/uploads.html`, `given_file`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from werkzeug.datastructures import FileStorage
from wtforms import FileField, RadioField
from wtforms.validators import StopValidation

from portal.storage.refusals import in_megabytes
from portal.web.forms import Form


class GivenFileForm(Form):
    """The file of a form: `upload` names one that has arrived and waits, `file` is one that comes with it and
    counts before it."""

    upload = RadioField("Uploaded, and waiting for this form", choices=(), validate_choice=False)
    file = FileField("File")

    def offer(self, held: Sequence[Mapping[str, Any]]) -> None:
        """Offer the files that wait, the newest of them chosen unless another was."""
        self.upload.choices = {
            str(each["id"]): f"{each['filename']} ({in_megabytes(each['size'])})" for each in held
        }
        if held and self.upload.data not in self.upload.choices:
            self.upload.data = str(held[0]["id"])

    def validate_file(self, field: FileField) -> None:
        """One or the other."""
        if self._sent is None and self._chosen is None:
            raise StopValidation("Choose a file.")

    @property
    def given(self) -> dict[str, Any]:
        """The file as the services take it."""
        if self._sent is not None:
            return {"stream": self._sent.stream, "filename": self._sent.filename or ""}
        return {"upload_id": self._chosen}

    @property
    def _sent(self) -> FileStorage | None:
        sent = self.file.data
        return sent if isinstance(sent, FileStorage) and sent.filename else None

    @property
    def _chosen(self) -> UUID | None:
        try:
            return UUID(self.upload.data or "")
        except ValueError:
            return None
