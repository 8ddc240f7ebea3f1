"""A file that goes to the bucket while it is written."""

import hashlib

import pytest
from flask import Flask

from portal.storage.bucket import bucket
from portal.storage.sending import PART, Sending

KEY = "records/of-a-test"


@pytest.mark.parametrize("size", [0, 1, PART, PART + 1, 2 * PART + 5])
def test_what_was_written_is_kept_whole(app: Flask, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    with Sending(KEY, "text/plain") as sending:
        for start in range(0, size, 1_000_003):
            sending.write(content[start : start + 1_000_003])
    assert b"".join(bucket().blocks(KEY)) == content
    assert (sending.size, sending.sha256) == (size, hashlib.sha256(content).hexdigest())
    bucket().delete(KEY)


def test_what_was_not_finished_leaves_nothing(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), Sending(KEY, "text/plain") as sending:
        sending.write(b"x" * (PART + 1))
        raise ZeroDivisionError
    assert not bucket().exists(KEY)
    assert list(bucket().unjoined(KEY)) == []
