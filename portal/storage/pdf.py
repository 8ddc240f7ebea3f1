"""PDF files: readable without a password, whole, and doing nothing but being read.

Actions and scripts: ISO 32000-1, 12.6 (actions), 12.6.4.16 (JavaScript), 7.11.4 (embedded files).
"""

from collections.abc import Iterator
from typing import BinaryIO

import pikepdf

from portal.storage.refusals import (
    ActiveContent,
    Damaged,
    EmbeddedFiles,
    PasswordProtected,
    UnpacksTooLarge,
)

# Only streams that hold objects are unpacked here, and they stay far below this. In bytes.
LARGEST_STREAM = 64 * 1024 * 1024
MOST_OBJECTS = 200_000
_TAIL_BYTES = 2048

# Actions that run or load something wherever they stand, and what the page calls them.
_FORBIDDEN = {
    "/JavaScript": "scripts",
    "/Launch": "an action that starts a program",
    "/ImportData": "an action that loads data",
    "/GoToE": "an action that opens an attached file",
    "/RichMediaExecute": "an action that runs a player",
}
# Actions that may happen by themselves: moving to a page, and a viewer's own commands such as Print.
_HARMLESS_ALONE = {"/GoTo", "/Named"}
_SELF_STARTING = "an action that starts by itself when it is opened"

# Process-wide, so set once, at import: qpdf has no bound of its own.
pikepdf.settings.set_qpdf_limits(flate_max_memory=LARGEST_STREAM, run_length_max_memory=LARGEST_STREAM)


def examine(stream: BinaryIO, name: str) -> None:
    """Raise the refusal that fits, or return when the PDF is fit to be kept.

    A PDF that only forbids printing or copying opens without a password and is taken.
    """
    _check_end(stream, name)
    stream.seek(0)
    try:
        with pikepdf.open(stream) as document:
            if len(document.objects) > MOST_OBJECTS:
                raise UnpacksTooLarge(name)
            if not any(True for _ in document.pages):
                raise Damaged(name)
            for dictionary in _dictionaries(document):
                _check_dictionary(dictionary, name)
            _check_warnings(document.get_warnings(), name)
    except pikepdf.PasswordError as error:
        raise PasswordProtected(name) from error
    except (pikepdf.PdfError, pikepdf.PikepdfError, RuntimeError, ValueError, TypeError) as error:
        if "encrypt" in str(error).lower():
            raise PasswordProtected(name) from error
        raise Damaged(name) from error


def _check_end(stream: BinaryIO, name: str) -> None:
    """A PDF that was cut off lacks its end marker; a parser would repair it and lose pages in silence."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _TAIL_BYTES))
    if b"%%EOF" not in stream.read():
        raise Damaged(name)


def _check_warnings(warnings: list[str], name: str) -> None:
    """Refuse a file of which some objects stayed unread: a script could lie in them."""
    if any("memory limit exceeded" in warning for warning in warnings):
        raise UnpacksTooLarge(name)
    if any("error decoding stream" in warning for warning in warnings):
        raise Damaged(name)


def _dictionaries(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every dictionary in the file: numbered objects, the dictionaries of streams, and what lies within."""
    for thing in document.objects:
        waiting = [thing]
        while waiting:
            current = waiting.pop()
            if isinstance(current, pikepdf.Array):
                children = list(current)
            elif isinstance(current, pikepdf.Dictionary | pikepdf.Stream):
                yield current
                children = [value for _, value in current.items()]
            else:
                continue
            # Numbered objects come round by themselves; following them here would go in circles.
            waiting.extend(
                child
                for child in children
                if isinstance(child, pikepdf.Array | pikepdf.Dictionary) and not child.is_indirect
            )


def _check_dictionary(dictionary: pikepdf.Object, name: str) -> None:
    keys = set(dictionary.keys())
    if "/JS" in keys or "/JavaScript" in keys:
        raise ActiveContent(name, what="scripts")
    if "/XFA" in keys:
        raise ActiveContent(name, what="a form that runs scripts")
    if "/S" in keys and (what := _FORBIDDEN.get(str(dictionary["/S"]))):
        raise ActiveContent(name, what=what)
    if "/EF" in keys or str(dictionary.get("/Type", "")) == "/EmbeddedFile":
        raise EmbeddedFiles(name)
    if "/OpenAction" in keys and not _harmless(dictionary["/OpenAction"]):
        raise ActiveContent(name, what=_SELF_STARTING)
    if "/AA" in keys:
        actions = dictionary["/AA"]
        occasions = actions.items() if isinstance(actions, pikepdf.Dictionary) else ()
        if not all(_harmless(action) for _, action in occasions):
            raise ActiveContent(name, what=_SELF_STARTING)


def _harmless(action: object, depth: int = 0) -> bool:
    """Whether a destination, or a chain of actions, only moves about in the document."""
    if depth > 20:
        return False
    if not isinstance(action, pikepdf.Dictionary):
        return True  # a destination: an array, a name or a string
    if "/S" in action and str(action["/S"]) not in _HARMLESS_ALONE:
        return False
    following = action.get("/Next")
    links = list(following) if isinstance(following, pikepdf.Array) else [following]
    return all(_harmless(link, depth + 1) for link in links if link is not None)
