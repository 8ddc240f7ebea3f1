"""Setting sections apart, and releasing them to the other evaluators."""

from collections.abc import Iterable

from sqlalchemy import delete, select

from evaluation.assignments.apart_queries import apart_sections, is_handed_out
from evaluation.assignments.models import ApartSection, PanelMember
from evaluation.assignments.services import NAMED_IN, PanelRefused, locked_round, refuse_mixture
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound


def set_apart(*, round_id: int, sections: Iterable[str], by: Actor) -> None:
    """Set which sections of the pack are marked apart, such as price or safeguarding; before any tender is
    handed out. Raises `PanelRefused` with the sentence for the page.

    Evaluators without sections of their own do not mark them, and read neither their answers nor their marks.
    """
    with transaction() as session:
        round, _ = locked_round(session, round_id)
        if round.state not in NAMED_IN or is_handed_out(round_id):
            raise PanelRefused("Sections can be set apart until the first tender is handed out.")
        known = [section["code"] for section in round.sections]
        wanted = set(sections) & set(known)
        if wanted == set(known):
            raise PanelRefused("Leave at least one section to the other evaluators.", field="sections")
        present = apart_sections(round_id)
        if wanted == present:
            return
        for member in session.scalars(select(PanelMember).where(PanelMember.round_id == round_id)):
            refuse_mixture(member.sections, wanted)
        session.execute(
            delete(ApartSection).where(
                ApartSection.round_id == round_id, ApartSection.section.in_(present - wanted)
            )
        )
        session.add_all(
            ApartSection(round_id=round_id, section=code, set_at=clock.now(), set_by_id=by.person_id)
            for code in sorted(wanted - present)
        )
        record("panel.set_apart", "round", round_id, by=by, apart=sorted(wanted))


def release_section(*, round_id: int, section: str, reason: str, by: Actor) -> None:
    """Let the other evaluators read a section that is marked apart, and its marks once these are all locked;
    asked twice, it is done once. Raises `PanelRefused` without a reason, `NotFound`."""
    if not reason.strip():
        raise PanelRefused("Say why the section is released. The reason is kept.", field="reason")
    with transaction() as session:
        locked_round(session, round_id)
        apart = session.get(ApartSection, (round_id, section), with_for_update=True)
        if apart is None:
            raise NotFound
        if apart.released_at is not None:
            return
        apart.released_at, apart.released_by_id = clock.now(), by.person_id
        apart.release_reason = reason.strip()
        record("panel.release_section", "round", round_id, by=by, section=section, reason=reason.strip())
