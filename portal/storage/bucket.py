"""The one door to S3: every object is private, and leaves by a signed link that soon expires.

Any S3 will do (signature version 4, path style). Time-outs are short and retries few: a person is waiting.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody

from portal.storage.filenames import attachment
from portal.storage.refusals import DocumentLost, NotUploaded, StorageUnavailable
from portal.storage.turns import Turns

CONNECT_SECONDS = 2
ANSWER_SECONDS = 5
ATTEMPTS = 2
_BLOCK = 1024 * 1024
_MISSING = {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}


class BucketSettings(Protocol):
    """What is read of the portal's settings. An empty address means Amazon's own for the region.

    Empty keys mean those of the machine's role.
    """

    @property
    def s3_endpoint_url(self) -> str: ...
    @property
    def s3_bucket(self) -> str: ...
    @property
    def s3_access_key(self) -> str: ...
    @property
    def s3_secret_key(self) -> str: ...
    @property
    def s3_region(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file that has arrived. `size` is in bytes; by `etag` the bucket knows its content."""

    size: int
    etag: str


class Bucket:
    """One bucket. Every method raises `StorageUnavailable` within seconds when S3 fails."""

    def __init__(self, settings: BucketSettings) -> None:
        self.name = settings.s3_bucket
        self._turns = Turns()
        self._client = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint_url or None,
            aws_access_key_id=settings.s3_access_key or None,
            aws_secret_access_key=settings.s3_secret_key or None,
            region_name=settings.s3_region,
            config=Config(
                signature_version="s3v4",
                connect_timeout=CONNECT_SECONDS,
                read_timeout=ANSWER_SECONDS,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                # Newer checksum headers are unknown to several S3 servers; Content-MD5 is known to all.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"},
            ),
        )

    def put(self, key: str, stream: BinaryIO, media_type: str, sha256: str) -> None:
        """Keep what a seekable `stream` holds under `key`; S3 itself refuses a body that arrives changed.

        Raises `NotUploaded`.
        """
        md5 = b64encode(_md5(stream)).decode()
        stream.seek(0)
        with self._asking(NotUploaded):
            self._client.put_object(
                Bucket=self.name,
                Key=key,
                Body=stream,
                ContentType=media_type,
                ContentMD5=md5,
                Metadata={"sha256": sha256},
            )

    def open(self, key: str) -> StreamingBody:
        """The object's bytes, to be read in pieces and closed. Raises `DocumentLost` where there is none."""
        with self._asking():
            return self._get(key)

    def blocks(self, key: str) -> Iterator[bytes]:
        """The object's bytes, a megabyte at a time. Raises `DocumentLost` where there is none."""
        with self._asking(), closing(self._get(key)) as body:
            while block := body.read(_BLOCK):
                yield block

    def size(self, key: str) -> int | None:
        """The object's length in bytes; None where there is none."""
        try:
            with self._asking():
                return self._client.head_object(Bucket=self.name, Key=key)["ContentLength"]
        except DocumentLost:
            return None

    def exists(self, key: str) -> bool:
        """Whether there is an object under `key`."""
        return self.size(key) is not None

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens where there is none."""
        with self._asking():
            self._client.delete_object(Bucket=self.name, Key=key)

    def move(self, key: str, to: str) -> None:
        """Keep the object under another key: copied whole first, and only then removed from where it was."""
        with self._asking():
            self._client.copy_object(Bucket=self.name, Key=to, CopySource={"Bucket": self.name, "Key": key})
        if self.size(to) != self.size(key):
            raise StorageUnavailable
        self.delete(key)

    def presigned_get(self, key: str, filename: str, *, expires: int, media_type: str | None = None) -> str:
        """An address that gives the object to whoever holds it, for `expires` seconds.

        The browser saves it as `filename` and shows nothing of it inside a page.
        """
        parameters = {"Bucket": self.name, "Key": key, "ResponseContentDisposition": attachment(filename)}
        if media_type:
            parameters["ResponseContentType"] = media_type
        with _answers():
            return self._client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=expires)

    def begin_parts(self, key: str, media_type: str) -> str:
        """Let a file come in parts, to be joined under `key`; returns the name that these parts go by."""
        with self._asking(NotUploaded):
            begun = self._client.create_multipart_upload(Bucket=self.name, Key=key, ContentType=media_type)
        return begun["UploadId"]

    def presigned_part(self, key: str, parts_id: str, number: int, size: int, *, expires: int) -> str:
        """An address that takes one PUT of exactly `size` bytes as part `number` (from 1), for `expires`
        seconds."""
        part = {"UploadId": parts_id, "PartNumber": number, "ContentLength": size}
        with _answers():
            return self._client.generate_presigned_url(
                "upload_part", Params={"Bucket": self.name, "Key": key, **part}, ExpiresIn=expires
            )

    def put_part(self, key: str, parts_id: str, number: int, content: bytes) -> Part:
        """Keep `content` as part `number` (from 1); S3 itself refuses one that arrives changed.

        All parts but the last have at least 5 MB. Raises `NotUploaded`.
        """
        md5 = b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        with self._asking(NotUploaded):
            kept = self._client.upload_part(
                Bucket=self.name,
                Key=key,
                UploadId=parts_id,
                PartNumber=number,
                Body=content,
                ContentMD5=md5,
            )
        return Part(len(content), kept["ETag"])

    def parts(self, key: str, parts_id: str) -> dict[int, Part] | None:
        """The parts that have arrived, by number; None where no such parts are waited for any more."""
        try:
            with self._asking():
                pages = self._client.get_paginator("list_parts").paginate(
                    Bucket=self.name, Key=key, UploadId=parts_id
                )
                return {
                    part["PartNumber"]: Part(part["Size"], part["ETag"])
                    for page in pages
                    for part in page.get("Parts", [])
                }
        except DocumentLost:
            return None

    def join_parts(self, key: str, parts_id: str, parts: Mapping[int, Part]) -> None:
        """Make one object of the parts. Raises `DocumentLost` when they are not waited for any more."""
        joined = [{"PartNumber": number, "ETag": parts[number].etag} for number in sorted(parts)]
        with self._asking():
            self._client.complete_multipart_upload(
                Bucket=self.name, Key=key, UploadId=parts_id, MultipartUpload={"Parts": joined}
            )

    def drop_parts(self, key: str, parts_id: str) -> None:
        """Forget parts that were not joined; nothing happens where there are none."""
        with suppress(DocumentLost), self._asking():
            self._client.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=parts_id)

    def unjoined(self, prefix: str) -> Iterator[tuple[str, str, datetime]]:
        """What came in parts under `prefix` and was never joined: key, name of the parts, when it began."""
        # Some servers answer NoSuchUpload, and not an empty list, where nothing ever came in parts.
        with suppress(DocumentLost), self._asking():
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self.name, Prefix=prefix
            )
            for page in pages:
                for found in page.get("Uploads", []):
                    yield found["Key"], found["UploadId"], found["Initiated"]

    def stored(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Keys under `prefix`, each with the moment it was stored (aware)."""
        with self._asking():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
            for page in pages:
                for found in page.get("Contents", []):
                    yield found["Key"], found["LastModified"]

    def check(self) -> None:
        """Return when the bucket is there and may be used; raise `StorageUnavailable` otherwise."""
        try:
            with self._asking():
                self._client.head_bucket(Bucket=self.name)
        except DocumentLost as error:
            raise StorageUnavailable from error

    def _get(self, key: str) -> StreamingBody:
        return self._client.get_object(Bucket=self.name, Key=key)["Body"]

    @contextmanager
    def _asking(self, failure: type[StorageUnavailable] = StorageUnavailable) -> Iterator[None]:
        """Wait for the store's answer in the block, if it is worth waiting for it now."""
        with _answers(failure), self._turns.turn():
            yield


@contextmanager
def _answers(failure: type[StorageUnavailable] = StorageUnavailable) -> Iterator[None]:
    """Turn S3's failures into refusals that a page can show; the cause stays attached for the log."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if failure is StorageUnavailable and code in _MISSING:
            raise DocumentLost from error
        raise failure from error
    except BotoCoreError as error:
        raise failure from error


def _md5(stream: BinaryIO) -> bytes:
    stream.seek(0)
    digest = hashlib.md5(usedforsecurity=False)
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.digest()


_configured: Bucket | None = None


def configure(settings: BucketSettings) -> None:
    """Name the bucket that this process uses. Called once, when the application is put together."""
    global _configured
    _configured = Bucket(settings)


def bucket() -> Bucket:
    """The bucket of this process. Raises `RuntimeError` before `configure` was called."""
    if _configured is None:
        raise RuntimeError("No bucket: call portal.storage.bucket.configure(settings) first.")
    return _configured
