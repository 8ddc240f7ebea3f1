"""A file that is written and goes to the bucket meanwhile, in parts: of any size, at constant memory.

What it is to be filed under and who may have it is the calling noun's business; a file that is not finished
leaves nothing behind.
"""

import hashlib
from contextlib import suppress
from types import TracebackType

from portal.storage.bucket import Part, bucket
from portal.storage.refusals import NotUploaded, StorageUnavailable

PART = 8 * 1024 * 1024  # bytes


class Sending:
    """A writable file whose bytes are kept under `key` once the block that it opens ends well.

    `size` and `sha256` are of what was written so far. Raises `NotUploaded` when the store fails.
    """

    def __init__(self, key: str, media_type: str) -> None:
        self.key, self.size = key, 0
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._parts: dict[int, Part] = {}
        self._parts_id = bucket().begin_parts(key, media_type)

    @property
    def sha256(self) -> str:
        """The SHA-256 of all that was written, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, content: bytes) -> int:
        """Take the next bytes."""
        self._digest.update(content)
        self.size += len(content)
        self._waiting += content
        while len(self._waiting) >= PART:
            self._send(bytes(self._waiting[:PART]))
            del self._waiting[:PART]
        return len(content)

    def flush(self) -> None:
        """Nothing: parts go when they are full."""

    def __enter__(self) -> "Sending":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            try:
                self._finish()
                return
            except BaseException:
                self._drop()
                raise
        self._drop()

    def _finish(self) -> None:
        if self._waiting or not self._parts:
            self._send(bytes(self._waiting))
        bucket().join_parts(self.key, self._parts_id, self._parts)
        if bucket().size(self.key) != self.size:
            raise NotUploaded

    def _send(self, content: bytes) -> None:
        number = len(self._parts) + 1
        self._parts[number] = bucket().put_part(self.key, self._parts_id, number, content)

    def _drop(self) -> None:
        with suppress(StorageUnavailable):  # Parts that were never joined are swept.
            bucket().drop_parts(self.key, self._parts_id)
