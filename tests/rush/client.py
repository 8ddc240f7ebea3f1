"""A browser that notes how long each answer took, and takes a broken line for an answer like any other."""

import re
import time
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

SECONDS = 30
_KEPT = 1000  # bytes of an answer, for whoever looks through them afterwards
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `status` 0 when the line broke first. `sent_at` is by the clock of this machine."""

    status: int
    body: bytes
    headers: dict[str, str]
    sent_at: float
    seconds: float

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def lost(self) -> bool:
        """Whether nobody can tell from this answer if the thing was done."""
        return self.status == 0 or self.status >= 500

    def field(self, name: str) -> str:
        """The value of the page's field with this name, empty where there is none."""
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.text)
        return found.group(1) if found else ""


@dataclass
class Browser:
    """One person's: cookies, the token of the forms, and every answer with the kind of page that it was.

    `line` is one that was opened before, for the next request.
    """

    address: str
    answers: list[tuple[str, Answer]] = field(default_factory=list)
    seconds: float = SECONDS
    token: str = ""
    line: HTTPConnection | None = None

    def __post_init__(self) -> None:
        self._cookies: dict[str, str] = {}

    def get(self, path: str, kind: str = "page") -> Answer:
        """Read a page; the token of its forms is kept."""
        answer = self.send("GET", path, kind)
        if found := _TOKEN.search(answer.text):
            self.token = found.group(1)
        return answer

    def post(self, path: str, kind: str, *, script: bool = False, **fields: str) -> Answer:
        """Send a form, as a button does or as the page's script does."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if script:
            headers |= {"Accept": "application/json", "X-Requested-With": "autosave"}
        body = urlencode({"csrf_token": self.token, **fields}).encode()
        return self.send("POST", path, kind, body, headers)

    def ask(self, path: str, kind: str, content: bytes = b"") -> Answer:
        """Ask as the script of uploads does: JSON, with the token in a header."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return self.send("POST", path, kind, content, {**headers, "X-CSRFToken": self.token})

    def post_file(self, path: str, kind: str, name: str, content: bytes) -> Answer:
        """Send a form with one file."""
        boundary = uuid4().hex
        parts = [
            f'Content-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in (("csrf_token", self.token), ("then", "stay"))
        ]
        head = f'Content-Disposition: form-data; name="value"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
        body = b"".join(b"--" + boundary.encode() + b"\r\n" + part for part in parts)
        body += b"--" + boundary.encode() + b"--\r\n"
        return self.send(
            "POST", path, kind, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        )

    def send(
        self, method: str, path: str, kind: str, body: bytes | None = None, headers: Any = None
    ) -> Answer:
        """One request on a line of its own; `path` may be an address elsewhere on this machine."""
        place = urlsplit(path if path.startswith("http") else self.address + path)
        assert place.hostname == "127.0.0.1", place
        ours = f"{place.scheme}://{place.netloc}" == self.address
        sent = dict(headers or {})
        if ours and self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        connection = self.line or HTTPConnection(place.hostname, place.port or 80, timeout=self.seconds)
        self.line = None
        sent_at, began = time.time(), time.monotonic()
        try:
            connection.request(method, f"{place.path}?{place.query}".rstrip("?"), body, sent)
            got = connection.getresponse()
            content = got.read()
            status, fields = got.status, dict(got.getheaders())
            if ours:
                self._keep_cookies(got.msg.get_all("Set-Cookie") or [])
        except (OSError, HTTPException) as error:
            status, content, fields = 0, repr(error).encode(), {}
        finally:
            connection.close()
        answer = Answer(status, content, fields, sent_at, time.monotonic() - began)
        self.answers.append((kind, replace(answer, body=content[:_KEPT])))
        return answer

    def _keep_cookies(self, lines: list[str]) -> None:
        for line in lines:
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value

    def open_line(self) -> None:
        """Open a line for the next request, and send nothing yet."""
        place = urlsplit(self.address)
        self.line = HTTPConnection(place.hostname or "", place.port or 80, timeout=self.seconds)
        self.line.connect()

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the page."""
        self.get("/sign-in", "sign in")
        answer = self.post("/sign-in", "sign in", email=email, password=password)
        assert answer.status == 303, (answer.status, answer.text[-3000:])
