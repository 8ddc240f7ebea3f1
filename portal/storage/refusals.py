"""Why a file is not taken, or cannot be given: each with the sentence that the page shows."""

from portal.errors import Refusal

MEBIBYTE = 1024 * 1024


class FileRefused(Refusal):
    """A file that the portal does not take. `wording` is the sentence, with `{name}` for the file's name."""

    wording = "“{name}” cannot be used. Choose another file."

    def __init__(self, name: str, *, field: str | None = None, **facts: str) -> None:
        super().__init__(self.wording.format(name=name, **facts), field=field)


class EmptyFile(FileRefused):
    """Nothing in it."""

    wording = "“{name}” is empty. Check that it opens on your device, then choose it again."


class TooLarge(FileRefused):
    """More bytes than the question allows."""

    wording = "“{name}” is {size}. It must be {limit} or smaller. Make it smaller or split it into parts."


class TypeNotAccepted(FileRefused):
    """A kind of file that was not asked for."""

    wording = "“{name}” is not a kind of file that we can take here. {cure} We take {accepted}."


class Disguised(FileRefused):
    """The content is not what the end of the name says."""

    wording = (
        "“{name}” is not {claimed}, although its name says so{seems}. "
        "Open it in the program that made it, save it as {claimed} and upload that."
    )


class Macros(FileRefused):
    """An Office file that carries programs."""

    wording = "“{name}” contains macros. Save it as {claimed} without macros and upload that."


class PasswordProtected(FileRefused):
    """Nobody can read it without a password."""

    wording = "“{name}” is protected with a password. Remove the password, save it and upload it again."


class ActiveContent(FileRefused):
    """A PDF that does something when it is opened or clicked, rather than only being read."""

    wording = "“{name}” contains {what}. Open it, choose Print, then “Save as PDF”, and upload the new file."


class EmbeddedFiles(FileRefused):
    """Another file is hidden inside."""

    wording = "“{name}” has another file attached inside it. Take that file out and upload it on its own."


class ExternalLinks(FileRefused):
    """An Office file that fetches something from elsewhere when it is opened."""

    wording = (
        "“{name}” fetches {what} from another computer when it is opened. "
        "Save it as a PDF, or remove that link, and upload it again."
    )


class UnpacksTooLarge(FileRefused):
    """A small file that swells to a size no reader can open (a decompression bomb)."""

    wording = "“{name}” becomes too large when it is opened. Remove parts of it, save it and upload it again."


class TooManyPixels(FileRefused):
    """A picture of more points than a reader's device can show."""

    wording = "“{name}” has more than {limit} million pixels. Save a smaller copy and upload that."


class Damaged(FileRefused):
    """Cut off or broken."""

    wording = (
        "“{name}” is damaged or incomplete. Check that it opens on your device, save it again and upload it."
    )


class ArrivedChanged(FileRefused):
    """What arrived is not what the browser said it would send."""

    wording = "“{name}” arrived changed, so it was not kept. Choose it again and upload it once more."


class NotHere(Refusal):
    """A form names a file that waits no more: it was taken, given up, or forgotten after some days."""

    sentence = "That file is not here any more. Choose it again."


class PartsMissing(Refusal):
    """Not every part of a file has arrived, or the parts are not waited for any more."""

    sentence = (
        "Parts of your file have not arrived. Choose the same file again: only the missing parts are sent."
    )


class StorageUnavailable(Refusal):
    """The document store does not answer, or gave a wrong answer."""

    sentence = "The file cannot be opened just now. Try again in a few minutes."


class NotUploaded(StorageUnavailable):
    """The document store did not take a file."""

    sentence = "Your file was not uploaded. Try again in a few minutes; your answers are safe."


class DocumentLost(Refusal):
    """A row names an object that the document store does not hold."""

    sentence = "This file is missing from our store. Contact us, so that we can find it."


class DocumentWithheld(Refusal):
    """The document is there and is given to nobody."""

    sentence = "This file has been removed."


class Infected(DocumentWithheld):
    """The virus scan found something."""

    sentence = "We found a virus in this file, so it cannot be opened. Ask for a clean copy."


class BeingScanned(DocumentWithheld):
    """The virus scan has not answered yet."""

    sentence = "We are still checking this file for viruses. Try again in a few minutes."


class NotScanned(DocumentWithheld):
    """There is no verdict of the virus scan, and the council gives out no file without one."""

    sentence = "This file could not be scanned for viruses, so it cannot be opened. Ask for another copy."


def in_megabytes(size: int, *, round_up: bool = False) -> str:
    """`size` in bytes as people say it: "12.5 MB", "300 KB", "17 bytes". Rounded down, or up when asked."""
    for unit, name in ((MEBIBYTE, "MB"), (1024, "KB")):
        if size >= unit:
            tenths = -(-size * 10 // unit) if round_up else size * 10 // unit
            return f"{tenths // 10}.{tenths % 10} {name}".replace(".0 ", " ")
    return f"{size} {'byte' if size == 1 else 'bytes'}"
