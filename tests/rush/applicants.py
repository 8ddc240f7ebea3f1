"""People who work on an application: they save, look, upload and submit, again when nothing came back."""

import hashlib
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape

from tests.rush.client import Answer, Browser
from tests.rush.journal import SUBMITTED, Journal, Operation

_NUMBER = re.compile(r"AP-\d{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
_WORDS = "We ring home before half past nine and write down what we heard. "
PAUSE = 0.25  # seconds before a thing is sent again that nobody answered
PATIENCE = 20  # seconds after which somebody gives up


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is answered: a question's code, and the lot where it is asked per lot."""

    code: str
    lot_id: int | None = None

    def address(self, application_id: int) -> str:
        """The path of its page."""
        lot = f"/lots/{self.lot_id}" if self.lot_id else ""
        return f"/applications/{application_id}{lot}/questions/{self.code}"


@dataclass
class Applicant:
    """One person of a provider. `texts` are the places in which they write; a colleague has others."""

    application_id: int
    texts: Sequence[Place]
    files: Sequence[Place]
    journal: Journal
    browser: Browser
    rng: random.Random = field(default_factory=random.Random)
    patience: float = PATIENCE
    versions: dict[Place, str] = field(default_factory=dict)
    sent: int = 0

    @cached_property
    def home(self) -> str:
        """The path of the application."""
        return f"/applications/{self.application_id}"

    def look(self) -> Answer:
        """Read one of the pages of the application."""
        paths = (self.home, f"{self.home}/check", self.rng.choice(self.texts).address(self.application_id))
        return self.browser.get(self.rng.choice(paths))

    def save(self, place: Place | None = None) -> Operation:
        """Write something new into a text, as the page's script saves it."""
        place = place or self.rng.choice(self.texts)
        path = place.address(self.application_id)
        if place not in self.versions:
            page = self._insist(None, lambda: self.browser.get(path))
            self.versions[place] = page.field("version") or "0"
        said = f"{self.rng.getrandbits(64):016x} {_WORDS * self.rng.randint(2, 30)}".strip()
        operation = self.journal.begin("save", self.application_id, place.code, said, place.lot_id)
        version = self.versions.pop(place)
        answer = self._insist(
            operation,
            lambda: self.browser.post(path, "save", script=True, value=said, version=version),
        )
        if answer.status == 200:
            operation.told = self.versions[place] = str(json.loads(answer.body)["version"])
        return operation

    def upload(self, place: Place, content: bytes, *, in_parts: bool) -> Operation:
        """Give a file, by the form or in parts straight to the store."""
        self.sent += 1
        name = f"paper-{self.application_id}-{self.sent}-{self.rng.getrandbits(32):08x}.pdf"
        sha256 = hashlib.sha256(content).hexdigest()
        operation = self.journal.begin("attach", self.application_id, place.code, sha256, place.lot_id)
        send = self._in_parts if in_parts else self._by_form
        send(operation, place.address(self.application_id), name, content)
        return operation

    def _by_form(self, operation: Operation, path: str, name: str, content: bytes) -> None:
        """Send the form. Whoever gets no answer looks whether the file is there before they send again."""

        def send() -> Answer:
            if operation.answers:
                page = self.browser.get(path)
                if page.lost or escape(name) in page.text:
                    return page
            return self.browser.post_file(path, "form upload", name, content)

        answer = self._insist(operation, send)
        if answer.status == 303 or (answer.status == 200 and escape(name) in answer.text):
            operation.told = name

    def _in_parts(self, operation: Operation, path: str, name: str, content: bytes) -> None:
        """Announce the file, send what is missing, finish: all of it again when a line broke."""
        said = json.dumps({"filename": name, "size": len(content), "sha256": operation.said}).encode()

        def send() -> Answer:
            told = self.browser.ask(f"{path}/uploads", "announce", said)
            if told.status != 200:
                return told
            sending = json.loads(told.body)
            for part in sending["parts"]:
                start = (part["number"] - 1) * sending["partSize"]
                piece = content[start : start + sending["partSize"]]
                put = self.browser.send("PUT", part["address"], "put part", piece)
                if put.status != 200:
                    return put
            return self.browser.ask(f"{path}/uploads/{sending['upload']}", "finish")

        answer = self._insist(operation, send, again=(404, 409))
        if answer.status == 200:
            operation.told = json.loads(answer.body)["document"]

    def submit(self, presses: int = 1) -> Operation:
        """Read the check page, declare, press the button (so many times), and read the receipt."""
        page = self._insist(None, lambda: self.browser.get(f"{self.home}/check", "check"))
        key = page.field("key")
        operation = self.journal.begin("submit", self.application_id, "", key)
        fields = {"declared": "y", "key": key, "contents": page.field("contents"), "leave_out": ""}
        for _ in range(presses):
            answer = self._insist(
                operation, lambda: self.browser.post(f"{self.home}/submit", "submit", **fields)
            )
        if answer.status == 303:
            receipt = self._insist(None, lambda: self.browser.get(f"{self.home}/receipt", "receipt"))
            found = _NUMBER.search(receipt.text)
            unread = SUBMITTED if receipt.lost else "submitted, and no receipt shown"
            operation.told = found.group() if found else unread
        return operation

    def _insist(
        self, operation: Operation | None, send: Callable[[], Answer], again: Sequence[int] = ()
    ) -> Answer:
        """Send until an answer comes that says whether it is done, or until patience is over."""
        until = time.monotonic() + self.patience
        while True:
            answer = send()
            if operation:
                operation.answers.append(answer)
            if not (answer.lost or answer.status in again) or time.monotonic() > until:
                return answer
            time.sleep(PAUSE)
