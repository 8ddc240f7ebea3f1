"""A pack as one document without ids: how rounds exchange packs, and how a published version is kept.

Lots stand by the notice's numbers, scales by their names, weights as decimal text. `portable_of` writes the
document from what a round asks, `read_portable` reads one that somebody gives us and trusts none of it.
"""

from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import MISSING, dataclass, fields, replace
from decimal import Decimal
from typing import Any

from tender.frameworks.default_pack import (
    Pack,
    PackBand,
    PackQuestion,
    PackScale,
    PackSection,
)
from tender.frameworks.pack import AskedQuestion, AskedSection, Band, MarkingScale, RoundPack
from tender.packs.question_rules import LONGEST, check_question
from tender.packs.reading import NotAPack, Place, is_text, parsed

FORMAT = "alternative-provision-pack"
VERSION = 1
MOST_QUESTIONS = 300


@dataclass(frozen=True, slots=True)
class PortablePack(Pack):
    """A pack that was read, fit for the lots it is meant for.

    `missing_lots` are the numbers that it names and that are not among these lots; `left_out` are the titles
    of questions that were only for such lots, or only asked after such a question.
    """

    missing_lots: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def pack_of_round(asked: RoundPack, lots: Mapping[int, str]) -> Pack:
    """What a round asks, without ids. `lots` are the numbers of its lots by id."""
    scales = {scale.id: scale.name for scale in asked.scales}
    return Pack(
        tuple(
            PackScale(
                scale.name,
                tuple(PackBand(band.points, band.label, band.descriptor) for band in scale.bands),
            )
            for scale in asked.scales
        ),
        tuple(PackSection(section.code, section.title, section.introduction) for section in asked.sections),
        tuple(_without_ids(question, scales, lots) for question in asked.questions),
    )


def _without_ids(asked: AskedQuestion, scales: Mapping[int, str], lots: Mapping[int, str]) -> PackQuestion:
    known = {"scale", "lots"}
    plain = {
        field.name: getattr(asked, field.name) for field in fields(PackQuestion) if field.name not in known
    }
    scale = scales[asked.scale_id] if asked.scale_id else None
    return PackQuestion(scale=scale, lots=tuple(lots[lot_id] for lot_id in asked.lots), **plain)


def asked_of(pack: Pack, round_id: int, lots: Mapping[str, int]) -> RoundPack:
    """The pack as a round would ask it, with places in the pack for ids. `lots` are ids by number.

    A lot that is not among them is left out of a question's own.
    """
    places = {scale.name: place for place, scale in enumerate(pack.scales, start=1)}
    asked: dict[str, list[AskedQuestion]] = {section.code: [] for section in pack.sections}
    for place, question in enumerate(pack.questions, start=1):
        plain = {
            field.name: getattr(question, field.name)
            for field in fields(PackQuestion)
            if field.name not in ("scale", "lots")
        }
        scale_id = places[question.scale] if question.scale else None
        here = tuple(lots[number] for number in question.lots if number in lots)
        asked[question.section].append(
            AskedQuestion(id=place, position=place, scale_id=scale_id, lots=here, **plain)
        )
    return RoundPack(
        round_id,
        tuple(
            AskedSection(section.code, section.title, section.introduction, tuple(asked[section.code]))
            for section in pack.sections
        ),
        tuple(
            MarkingScale(
                places[scale.name],
                scale.name,
                max(band.points for band in scale.bands),
                tuple(Band(band.points, band.label, band.descriptor) for band in scale.bands),
            )
            for scale in pack.scales
        ),
    )


def as_document(pack: Pack) -> dict[str, Any]:
    """The document of a pack: plain values that JSON can hold. What is as usual is left out."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "scales": [
            {
                "name": scale.name,
                "bands": [
                    {"points": band.points, "label": band.label, "descriptor": band.descriptor}
                    for band in scale.bands
                ],
            }
            for scale in pack.scales
        ],
        "sections": [
            {
                "code": section.code,
                "title": section.title,
                "introduction": section.introduction,
                "questions": [_question_document(question) for question in pack.questions_in(section)],
            }
            for section in pack.sections
        ],
    }


def portable_of(asked: RoundPack, lots: Mapping[int, str]) -> dict[str, Any]:
    """The document of what a round asks. `lots` are the numbers of its lots by id."""
    return as_document(pack_of_round(asked, lots))


def _question_document(question: PackQuestion) -> dict[str, Any]:
    document = {}
    for field in fields(PackQuestion):
        value = getattr(question, field.name)
        usual = field.default_factory() if field.default_factory is not MISSING else field.default
        if field.name != "section" and value != usual:
            document[field.name] = _plain(value)
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def from_document(document: Mapping[str, Any]) -> Pack:
    """The pack of a document that `as_document` has written or `read_portable` has found good."""
    sections = document["sections"]
    return Pack(
        tuple(
            PackScale(
                scale["name"],
                tuple(
                    PackBand(band["points"], band["label"], band.get("descriptor", ""))
                    for band in sorted(scale["bands"], key=lambda band: band["points"])
                ),
            )
            for scale in document.get("scales", ())
        ),
        tuple(PackSection(part["code"], part["title"], part.get("introduction", "")) for part in sections),
        tuple(
            _question(asked, section["code"])
            for section in sections
            for asked in section.get("questions", ())
        ),
    )


def _question(asked: Mapping[str, Any], section: str) -> PackQuestion:
    lists = {key: tuple(asked[key]) for key in ("accepted", "lots") if key in asked}
    lists["options"] = tuple((value, label) for value, label in asked.get("options", ()))
    weight = Decimal(asked["weight"]) if asked.get("weight") is not None else None
    return PackQuestion(**{**asked, **lists, "weight": weight, "section": section})


def read_portable(data: bytes | str | Mapping[str, Any], lots: Collection[str] | None = None) -> PortablePack:
    """Read a document that somebody gives us. With `lots` (numbers), fit it to a round that offers these.

    Raises `NotAPack` with every sentence that says what is wrong and where.
    """
    found = data if isinstance(data, Mapping) else parsed(data)
    wrong: list[str] = []
    _check(Place("The pack", found, wrong))
    if wrong:
        raise NotAPack(wrong)
    return _fitted(from_document(found), lots)


def _check(document: Place) -> None:
    if document.found.get("format") != FORMAT:
        raise NotAPack(["This is not a pack that a portal has exported."])
    if document.found.get("version") != VERSION:
        raise NotAPack([f"This pack is of another version. This portal reads version {VERSION}."])
    document.known(("format", "version", "from", "scales", "sections"))
    scales = document.places("scales", 20, _named("Scale", "name"))
    points = dict(map(_check_scale, scales))
    sections = document.places("sections", 40, _named("Section", "title"))
    asked: list[Place] = []
    for part in sections:
        part.known(("code", "title", "introduction", "questions"))
        part.code("code")
        part.text("title", 200, True)
        part.text("introduction", LONGEST)
        for place in part.places("questions", MOST_QUESTIONS, _named("Question", "code")):
            asked.append(place)
            place.name = _named("Question", "code")(len(asked), place.found)
            check_question(place, points)
    if not 0 < len(asked) <= MOST_QUESTIONS:
        document.note(f"has {len(asked)} questions. It must have from 1 to {MOST_QUESTIONS}.")
    _once("scale", "name", scales)
    _once("section", "code", sections)
    _once("question", "code", asked)
    _check_order(asked)


def _check_scale(place: Place) -> tuple[str, Set[int]]:
    place.known(("name", "bands"))
    bands = place.places("bands", 21, lambda number, found: f"{place.name}, band {number}")
    for part in bands:
        part.known(("points", "label", "descriptor"))
        part.text("label", 100, True)
        part.text("descriptor", LONGEST)
    points = [part.whole("points", 0, 100, needed=True) for part in bands]
    if len(set(points)) != len(points) or not any(points):
        place.note("needs bands with different points, one of them above 0.")
    return place.text("name", 100, True), {point for point in points if point is not None}


def _named(what: str, key: str) -> Callable[[int, Any], str]:
    def name(number: int, found: Any) -> str:
        called = found.get(key) if isinstance(found, Mapping) else None
        return f"{what} {number} “{called[:60]}”" if is_text(called) else f"{what} {number}"

    return name


def _once(what: str, key: str, places: list[Place]) -> None:
    seen: set[str] = set()
    for place in places:
        name = place.found.get(key)
        if isinstance(name, str) and name in seen:
            place.note(f"another {what} has this {key} already.")
        seen.add(str(name))


def _check_order(asked: list[Place]) -> None:
    before: set[str] = set()
    for place in asked:
        condition = place.found.get("ask_if")
        named = condition.get("question") if isinstance(condition, dict) else None
        if is_text(named) and named not in before:
            place.note(f"“ask_if” names “{named[:60]}”, which is not a question before it.")
        before.add(str(place.found.get("code")))


def _fitted(pack: Pack, lots: Collection[str] | None) -> PortablePack:
    """The pack for a round with these lots: what is only for others is left out, and what follows from it."""
    named = dict.fromkeys(number for question in pack.questions for number in question.lots)
    missing = tuple(number for number in named if lots is not None and number not in lots)
    kept: dict[str, PackQuestion] = {}
    left_out = []
    for question in pack.questions:
        here = tuple(number for number in question.lots if number not in missing)
        follows_nothing = question.ask_if is not None and question.ask_if["question"] not in kept
        if (question.lots and not here) or follows_nothing:
            left_out.append(question.title)
        else:
            kept[question.code] = replace(question, lots=here)
    return PortablePack(pack.scales, pack.sections, tuple(kept.values()), missing, tuple(left_out))
