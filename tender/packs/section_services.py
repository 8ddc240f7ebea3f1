"""The sections of a draft's pack: add, change, move, remove."""

from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from tender.frameworks import queries
from tender.frameworks.models import Round
from tender.frameworks.pack import AskedSection, RoundPack
from tender.frameworks.services import locked_draft
from tender.packs.codes import code_from
from tender.packs.refusals import ChangedMeanwhile
from tender.packs.rows import put_in_order

MOST_SECTIONS = 40


def add_section(*, by: Actor, round_id: int, title: str, introduction: str) -> str:
    """Add a section at the end and give its code; one that says the same is that one already. Raises
    `Refusal` for one section too many."""
    with transaction():
        draft = locked_draft(round_id, by)
        for section in draft.sections:
            if (section["title"], section["introduction"]) == (title, introduction):
                return section["code"]
        if len(draft.sections) >= MOST_SECTIONS:
            raise Refusal(f"A pack holds at most {MOST_SECTIONS} sections.")
        code = code_from(title, {section["code"] for section in draft.sections})
        draft.sections = [*draft.sections, {"code": code, "title": title, "introduction": introduction}]
        record("round.add_section", "round", round_id, by=by, section=code)
    return code


def change_section(*, by: Actor, round_id: int, code: str, title: str, introduction: str, seen: str) -> None:
    """Give a section another title and introduction. `seen` is the fingerprint of the page that was edited.

    Raises `ChangedMeanwhile` when the section says something else by now.
    """
    with transaction():
        draft = locked_draft(round_id, by)
        standing = section_in(queries.pack_of(round_id), code)
        if (standing.title, standing.introduction) == (title, introduction):
            return
        if seen != standing.fingerprint:
            raise ChangedMeanwhile()
        draft.sections = [
            {**section, "title": title, "introduction": introduction} if section["code"] == code else section
            for section in draft.sections
        ]
        record("round.edit_section", "round", round_id, by=by, section=code)


def move_section(*, by: Actor, round_id: int, code: str, down: bool, place: int | None = None) -> None:
    """Let a section change places with the one above or below it, with its questions. At the end it stays,
    and where it no longer has the `place` (from 0) at which the page showed it."""
    with transaction():
        draft = locked_draft(round_id, by)
        pack = queries.pack_of(round_id)
        sections = list(draft.sections)
        at = pack.sections.index(section_in(pack, code))
        other = at + 1 if down else at - 1
        if place not in (None, at) or not 0 <= other < len(sections):
            return
        sections[at], sections[other] = sections[other], sections[at]
        draft.sections = sections
        put_in_order(
            round_id, [each.id for part in sections for each in pack.section(part["code"]).questions]
        )
        record("round.move_section", "round", round_id, by=by, section=code)


def remove_section(*, by: Actor, round_id: int, code: str) -> None:
    """Take an empty section out; nothing happens when it is gone. Raises `Refusal` while it has questions."""
    with transaction():
        draft: Round = locked_draft(round_id, by)
        if code not in {section["code"] for section in draft.sections}:
            return
        if section_in(queries.pack_of(round_id), code).questions:
            raise Refusal("This section has questions. Move or remove them first.")
        draft.sections = [section for section in draft.sections if section["code"] != code]
        record("round.remove_section", "round", round_id, by=by, section=code)


def section_in(pack: RoundPack, code: str) -> AskedSection:
    """The section with this code. Raises `NotFound`."""
    try:
        return pack.section(code)
    except KeyError:
        raise NotFound() from None
