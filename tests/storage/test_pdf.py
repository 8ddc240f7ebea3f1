"""PDF files: what may be in them and what may not."""

import io
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from portal.storage import pdf, refusals
from tests.storage import corpus

SCRIPT = {"/S": Name.JavaScript, "/JS": String("app.alert('hello')")}


def look(content: bytes) -> None:
    pdf.examine(io.BytesIO(content), "policy.pdf")


def _open_action(document: pikepdf.Pdf, action: object) -> None:
    document.Root.OpenAction = action


def _page_action(document: pikepdf.Pdf, kind: str, **more: object) -> None:
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=Dictionary(S=Name(kind), **more)
    )
    document.pages[0].Annots = Array([document.make_indirect(link)])


def _attach(document: pikepdf.Pdf) -> None:
    document.attachments["list.csv"] = b"a,b"


ACTIVE: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "a script at opening": lambda d: _open_action(d, Dictionary(SCRIPT)),
    "a script as a numbered object": lambda d: _open_action(d, d.make_indirect(Dictionary(SCRIPT))),
    "a script by name": lambda d: d.Root.__setattr__(
        "Names", Dictionary(JavaScript=Dictionary(Names=Array([String("x"), Dictionary(SCRIPT)])))
    ),
    "a script behind a harmless step": lambda d: _open_action(
        d, Dictionary(S=Name.GoTo, D=Array([d.pages[0].obj, Name.Fit]), Next=Array([Dictionary(SCRIPT)]))
    ),
    "a script in a form field": lambda d: _page_action(d, "/Named", N=Name.Print, Next=Dictionary(SCRIPT)),
    "a script in a player": lambda d: _page_action(d, "/Rendition", OP=0, JS=String("app.alert('hello')")),
    "a web page behind a harmless step": lambda d: _open_action(
        d,
        Dictionary(
            S=Name.GoTo,
            D=Array([d.pages[0].obj, Name.Fit]),
            Next=Dictionary(S=Name.URI, URI=String("https://tracker.example.org")),
        ),
    ),
    "a program started by a link": lambda d: _page_action(d, "/Launch", F=String("cmd.exe")),
    "data loaded by a link": lambda d: _page_action(d, "/ImportData", F=String("data.fdf")),
    "an attached file opened by a link": lambda d: _page_action(d, "/GoToE", T=Dictionary(R=Name.C)),
    "a web page at opening": lambda d: _open_action(
        d, Dictionary(S=Name.URI, URI=String("https://tracker.example.org"))
    ),
    "a form sent when a page opens": lambda d: d.pages[0].__setitem__(
        "/AA", Dictionary(O=Dictionary(S=Name.SubmitForm, F=String("https://tracker.example.org")))
    ),
    "an XFA form": lambda d: d.Root.__setattr__(
        "AcroForm", Dictionary(XFA=String("<xdp/>"), Fields=Array([]))
    ),
}


@pytest.mark.parametrize("what", ACTIVE)
def test_a_pdf_that_does_something_is_refused(what: str) -> None:
    with pytest.raises(refusals.ActiveContent, match="Save as PDF"):
        look(corpus.changed_pdf(ACTIVE[what]))


@pytest.mark.parametrize("mode", list(pikepdf.ObjectStreamMode.__members__.values()))
def test_a_script_is_found_in_compressed_objects_too(mode: pikepdf.ObjectStreamMode) -> None:
    content = corpus.changed_pdf(ACTIVE["a script as a numbered object"], object_stream_mode=mode)
    with pytest.raises(refusals.ActiveContent):
        look(content)


def test_a_script_with_its_name_written_in_codes_is_found() -> None:
    content = corpus.changed_pdf(
        ACTIVE["a script at opening"], object_stream_mode=pikepdf.ObjectStreamMode.disable
    )
    disguised = content.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS ", b"/#4aS ")
    assert disguised != content
    with pytest.raises(refusals.ActiveContent):
        look(disguised)


def _attach_untyped(document: pikepdf.Pdf) -> None:
    _attach(document)
    for thing in document.objects:
        if isinstance(thing, pikepdf.Stream) and thing.get("/Type") == Name.EmbeddedFile:
            del thing.Type


def _attach_unreferenced(document: pikepdf.Pdf) -> None:
    document.Root.Kept = document.make_stream(b"a,b", Type=Name.EmbeddedFile)


@pytest.mark.parametrize("attach", [_attach, _attach_untyped, _attach_unreferenced])
def test_a_file_attached_to_a_pdf_is_refused(attach: Callable[[pikepdf.Pdf], None]) -> None:
    with pytest.raises(refusals.EmbeddedFiles, match="another file attached"):
        look(corpus.changed_pdf(attach))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: _open_action(d, Array([d.pages[1].obj, Name.Fit])),
        lambda d: _open_action(d, Dictionary(S=Name.GoTo, D=Array([d.pages[1].obj, Name.Fit]))),
        lambda d: _page_action(d, "/URI", URI=String("https://kiln-street.example.org")),
        lambda d: d.docinfo.__setitem__("/Title", "How to spot /JavaScript and /Launch"),
    ],
    ids=["opens at a page", "goes to a page", "a link to click", "only speaks of scripts"],
)
def test_a_pdf_that_only_moves_about_or_links_is_taken(change: Callable[[pikepdf.Pdf], None]) -> None:
    look(corpus.changed_pdf(change))


def test_a_pdf_that_needs_a_password_is_refused() -> None:
    with pytest.raises(refusals.PasswordProtected, match="Remove the password"):
        look(corpus.locked_pdf(user="open sesame", owner="mine"))


def test_a_pdf_that_only_forbids_printing_is_taken_but_still_looked_into() -> None:
    look(corpus.locked_pdf(user="", owner="mine"))
    encryption = pikepdf.Encryption(user="", owner="mine")
    with pytest.raises(refusals.ActiveContent):
        look(corpus.changed_pdf(ACTIVE["a script at opening"], encryption=encryption))


def test_a_pdf_without_pages_is_refused() -> None:
    buffer = io.BytesIO()
    pikepdf.new().save(buffer)
    with pytest.raises(refusals.Damaged):
        look(buffer.getvalue())


def test_a_pdf_of_too_many_objects_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_OBJECTS", 5)
    with pytest.raises(refusals.UnpacksTooLarge):
        look(corpus.pdf())


def test_objects_that_swell_beyond_reason_are_refused_rather_than_left_unread() -> None:
    objects = b"5 0 <</S/JavaScript/JS(1)>>" + b" " * pdf.LARGEST_STREAM
    with pytest.raises(refusals.UnpacksTooLarge):
        look(_pdf_with_object_stream(zlib.compress(objects, 1)))


def test_objects_that_cannot_be_unpacked_are_refused_rather_than_left_unread() -> None:
    with pytest.raises(refusals.Damaged):
        look(_pdf_with_object_stream(b"not deflated"))


def test_the_same_file_with_an_honest_object_stream_is_read() -> None:
    with pytest.raises(refusals.ActiveContent):
        look(_pdf_with_object_stream(zlib.compress(b"5 0 <</S/JavaScript/JS(1)>>")))


def _pdf_with_object_stream(packed: bytes) -> bytes:
    """A hand-made one-page PDF whose fifth object lies in an object stream with the given bytes."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>>>",
        b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream"
        % (len(packed), packed),
    ]
    content, rows = b"%PDF-1.5\n", [bytes(6)]
    for number, body in enumerate(bodies, start=1):
        rows.append(b"\1" + len(content).to_bytes(4, "big") + b"\0")
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(content)
    rows += [b"\2" + (4).to_bytes(4, "big") + b"\0", b"\1" + start.to_bytes(4, "big") + b"\0"]
    table = b"".join(rows)
    head = b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(table)
    return content + head + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
