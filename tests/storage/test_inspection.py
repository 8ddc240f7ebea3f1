"""What is asked of every file: size, kind, and content that is what its name says."""

import hashlib
import io
import tempfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.errors import Refusal
from portal.storage import refusals
from portal.storage.inspection import KINDS, Inspection, endings_for, inspect, kinds_in_words
from tests.storage import corpus

ALL = frozenset(KINDS)
MEGABYTE = 1024 * 1024


def look(content: bytes, name: str, accepted: frozenset[str] = ALL, limit: int = 10 * MEGABYTE) -> Inspection:
    return inspect(io.BytesIO(content), name, accepted=accepted, limit=limit)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_good_file_of_each_kind_is_taken_with_its_checksum(kind: str) -> None:
    content = corpus.GOOD[kind]()
    found = look(content, f"Our offer.{kind}", frozenset({kind}))
    assert found == Inspection(
        KINDS[kind].media_type, kind, len(content), hashlib.sha256(content).hexdigest()
    )


@pytest.mark.parametrize("name", ["scan.JPG", "scan.jpeg", "scan.v2.Jpe"])
def test_the_ending_may_be_written_in_any_usual_way(name: str) -> None:
    assert look(corpus.jpeg(), name).extension == "jpeg"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_stream_stays_open_and_stands_at_its_beginning_again(kind: str) -> None:
    with tempfile.SpooledTemporaryFile(max_size=100) as stream:
        stream.write(corpus.GOOD[kind]())
        inspect(stream, f"offer.{kind}", accepted=ALL, limit=MEGABYTE)
        assert stream.read() == corpus.GOOD[kind]()


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(refusals.EmptyFile, match=r"“policy.pdf” is empty\. Check that it opens"):
        look(b"", "policy.pdf")


def test_a_file_over_the_limit_is_refused_with_both_sizes() -> None:
    with pytest.raises(refusals.TooLarge, match=r"is 1\.1 MB\. It must be 1 MB or smaller\."):
        look(b"%PDF-" + bytes(MEGABYTE), "policy.pdf", limit=MEGABYTE)


def test_a_file_of_exactly_the_limit_is_taken() -> None:
    assert look(corpus.pdf(), "policy.pdf", limit=len(corpus.pdf())).size == len(corpus.pdf())


def test_a_kind_that_was_not_asked_for_is_refused_with_the_kinds_that_were() -> None:
    with pytest.raises(refusals.TypeNotAccepted, match=r"We take PDF or Word \(.docx\)\."):
        look(corpus.png(), "scan.png", frozenset({"pdf", "docx"}))


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("offer.doc", "save it as .docx"),
        ("photo.HEIC", "as a JPEG"),
        ("offer", "no ending"),
        ("run.exe", "kinds below"),
    ],
)
def test_a_kind_that_is_never_taken_comes_with_its_cure(name: str, cure: str) -> None:
    with pytest.raises(refusals.TypeNotAccepted, match=cure):
        look(b"something", name)


@pytest.mark.parametrize("claimed", sorted(KINDS))
@pytest.mark.parametrize("real", sorted(KINDS))
def test_a_file_under_another_kinds_name_is_refused(claimed: str, real: str) -> None:
    if claimed == real:
        return
    with pytest.raises(refusals.Disguised, match=r"although its name says so: it seems to be an? "):
        look(corpus.GOOD[real](), f"offer.{claimed}")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_program_or_a_page_under_a_documents_name_is_refused(kind: str) -> None:
    for content in (b"MZ\x90\x00" + bytes(500), b"<html><script>alert(1)</script></html>", b"%"):
        with pytest.raises(refusals.Disguised):
            look(content, f"offer.{kind}")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_file_cut_off_on_the_way_is_refused_as_damaged(kind: str) -> None:
    content = corpus.GOOD[kind]()
    for share in (0.3, 0.6, 0.95):
        with pytest.raises(refusals.Damaged, match="damaged or incomplete"):
            look(content[: int(len(content) * share)], f"offer.{kind}")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(sorted(KINDS)), place=st.floats(0, 1, exclude_max=True), noise=st.binary(max_size=40)
)
def test_any_damage_ends_in_a_sentence_or_in_acceptance_never_in_a_crash(
    kind: str, place: float, noise: bytes
) -> None:
    content = corpus.GOOD[kind]()
    at = int(len(content) * place)
    try:
        look(content[:at] + noise + content[at + len(noise) :], f"offer.{kind}")
    except Refusal as refusal:
        assert refusal.sentence.startswith(f"“offer.{kind}” ")


def test_asking_for_an_unknown_kind_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="accepted must name"):
        look(corpus.pdf(), "policy.pdf", frozenset({"pdf", "exe"}))


def test_kinds_are_listed_for_people_and_for_the_file_field() -> None:
    assert kinds_in_words(ALL) == "PDF, Word (.docx), Excel (.xlsx), JPEG (.jpg) or PNG"
    assert kinds_in_words(frozenset({"pdf"})) == "PDF"
    assert endings_for(frozenset({"pdf", "jpeg"})) == ".pdf,.jpg,.jpeg,.jpe,.jfif"


@given(st.integers(1, 2**40), st.integers(1, 2**40))
def test_a_size_never_reads_as_within_a_limit_that_it_passes(size: int, limit: int) -> None:
    if size > limit:
        assert refusals.in_megabytes(size, round_up=True) != refusals.in_megabytes(limit) or size < 1024
