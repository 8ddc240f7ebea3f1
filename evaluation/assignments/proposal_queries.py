"""Reading what a proposal is made from, and one tender's evaluators."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, and_, case, func, literal, select, tuple_

from evaluation.assignments.apart_queries import general_sections
from evaluation.assignments.conflict_queries import not_to_be_given
from evaluation.assignments.lifecycle import ACTIVE
from evaluation.assignments.models import ApartSection, Assignment, PanelMember
from evaluation.assignments.proposal import Held, Marker, Part, Proposal, spread
from evaluation.conformity.answer_queries import markable_answers
from evaluation.conformity.queries import lots_with_standing
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from tender.applications.models import Application
from tender.frameworks.facts import titles_of
from tender.frameworks.models import Round


@dataclass(frozen=True)
class ProposedSpread:
    """A proposal for a round with the names that its page shows.

    `tenders` are names by application id, `sections` titles by code, `people` names by id. `fingerprint`
    tells whether a proposal is still the one that was shown.
    """

    proposal: Proposal
    tenders: Mapping[int, str]
    sections: Mapping[str, str]
    people: Mapping[int, str]
    fingerprint: str


def proposed_spread(round_id: int, each: int, sections: Mapping[str, str]) -> ProposedSpread:
    """Every part of every tender that stands given to `each` evaluators, in five statements. `sections` are
    the titles of the pack's parts by code."""
    markers = markers_of(round_id, sections)
    parts = _parts(round_id, sections)
    held: dict[int, list[Held]] = {}
    barred = {(application, person) for application, person in db.session.execute(not_to_be_given(round_id))}
    for row in _assignments(round_id):
        pair = (row["application_id"], row["evaluator_id"])
        if row["state"] in ACTIVE:
            own = Held(row["evaluator_id"], frozenset(row["sections"]), frozenset(row["lots"]))
            held.setdefault(row["application_id"], []).append(own)
        if row["state"] not in ("assigned", "accepted") or row["returned_at"]:
            barred.add(pair)
    proposal = spread([part for part, _ in parts], markers, each=each, held=held, barred=barred)
    given = repr(sorted((pair, sorted(sections)) for pair, sections in proposal.given.items()))
    return ProposedSpread(
        proposal,
        {part.application_id: name for part, name in parts},
        sections,
        {marker.person_id: marker.name for marker in markers},
        hashlib.sha256(given.encode()).hexdigest()[:16],
    )


def sections_of(round_id: int) -> dict[str, str]:
    """The titles of the pack's parts by code, in order. Raises `NotFound`."""
    sections = db.session.scalar(select(Round.sections).where(Round.id == round_id))
    if sections is None:
        raise NotFound
    return titles_of(sections)


def markers_of(round_id: int, sections: Iterable[str]) -> list[Marker]:
    """The evaluators of the panel by name, with what is theirs to mark: where sections are marked apart,
    whoever has no sections of their own marks the others. `sections` are the codes of all of them."""
    apart = func.array(
        select(ApartSection.section).where(ApartSection.round_id == round_id).scalar_subquery()
    )
    rows = db.session.execute(
        select(PanelMember, Person.name, apart)
        .join(Person, Person.id == PanelMember.person_id)
        .where(PanelMember.round_id == round_id, PanelMember.role == "evaluator")
        .order_by(Person.name, Person.id)
    )
    return [
        Marker(
            member.person_id,
            name,
            frozenset(member.lots),
            frozenset(member.sections) or frozenset(general_sections(sections, held_apart)),
            frozenset(member.skills),
        )
        for member, name, held_apart in rows
    ]


def _parts(round_id: int, sections: Mapping[str, str]) -> list[tuple[Part, str]]:
    standing: dict[int, set[int]] = {}
    for application_id, lot_id, stands in db.session.execute(lots_with_standing(round_id)):
        if stands:
            standing.setdefault(application_id, set()).add(lot_id)
    answers = markable_answers(round_id).subquery()
    rows = db.session.execute(
        select(
            answers.c.application_id,
            Organisation.name,
            answers.c.section,
            answers.c.lot_id,
            func.count().label("answers"),
        )
        .join(Application, Application.id == answers.c.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .group_by(answers.c.application_id, Organisation.name, answers.c.section, answers.c.lot_id)
    ).all()
    order = {code: place for place, code in enumerate(sections)}
    found = [
        (
            Part(
                row.application_id,
                row.section,
                row.lot_id,
                row.answers,
                frozenset(standing.get(row.application_id, ())),
                f"{row.section} {sections.get(row.section, '')}",
            ),
            row.name,
        )
        for row in rows
    ]
    found.sort(
        key=lambda each: (
            each[1],
            each[0].application_id,
            order.get(each[0].section, 99),
            each[0].lot_id or 0,
        )
    )
    return found


def _assignments(round_id: int) -> Sequence[RowMapping]:
    return (
        db.session.execute(
            select(
                Assignment.application_id,
                Assignment.evaluator_id,
                Assignment.state,
                Assignment.sections,
                Assignment.lots,
                Assignment.returned_at,
            )
            .join(Application, Application.id == Assignment.application_id)
            .where(Application.round_id == round_id)
        )
        .mappings()
        .all()
    )


@dataclass(frozen=True)
class TenderPanel:
    """One tender's sections that are marked, and who has which of them: for handing it out by hand.

    `holders` are rows by evaluator: person_id, name, state (None for whoever has nothing of it), sections.
    """

    application_id: int
    provider_name: str
    sections: Mapping[str, str]
    holders: Sequence[RowMapping]

    def holds(self, row: RowMapping, section: str) -> bool:
        """Whether this evaluator has the section to mark."""
        return row["state"] in ACTIVE and (not row["sections"] or section in row["sections"])


def tender_panel(round_id: int, application_id: int) -> TenderPanel:
    """Who marks what of one tender that stands. Raises `NotFound`."""
    titles = sections_of(round_id)
    answers = markable_answers(round_id).subquery()
    rows = db.session.execute(
        select(Organisation.name, answers.c.section)
        .join(Application, Application.id == answers.c.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .where(answers.c.application_id == application_id)
        .distinct()
    ).all()
    if not rows:
        raise NotFound
    marked = {section for _, section in rows}
    closed = and_(
        Assignment.id.is_(None),
        tuple_(literal(application_id), PanelMember.person_id).in_(not_to_be_given(round_id)),
    )
    holders = (
        db.session.execute(
            select(
                PanelMember.person_id,
                Person.name,
                Assignment.id.label("assignment_id"),
                case((closed, "conflicted"), else_=Assignment.state).label("state"),
                Assignment.sections,
                Assignment.returned_at,
            )
            .join(Person, Person.id == PanelMember.person_id)
            .outerjoin(
                Assignment,
                (Assignment.evaluator_id == PanelMember.person_id)
                & (Assignment.application_id == application_id),
            )
            .where(PanelMember.round_id == round_id, PanelMember.role == "evaluator")
            .order_by(Person.name, Person.id)
        )
        .mappings()
        .all()
    )
    sections = {code: title for code, title in titles.items() if code in marked}
    return TenderPanel(application_id, rows[0].name, sections, holders)
