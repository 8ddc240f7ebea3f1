"""The framework's three rounds: one released, one being marked, one open."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from random import Random

from sqlalchemy import select

from evaluation.assignments.models import Assignment
from evaluation.assignments.queries import assignment_for, panel_of
from evaluation.assignments.services import (
    accept,
    assign_panel,
    declare_conflict,
    decline,
    name_panel,
    set_part,
)
from evaluation.assignments.waiver_services import propose_mitigation
from evaluation.conformity.queries import to_decide
from evaluation.conformity.services import decide_check, start_marking
from evaluation.interests.services import declare_interest
from evaluation.moderation.agenda_queries import next_on_agenda
from evaluation.moderation.meeting_queries import attendance_of, meeting_for
from evaluation.moderation.meeting_services import begin_meeting, save_meeting
from evaluation.moderation.services import agree_mark
from evaluation.records.services import ask_for
from evaluation.scoring.models import Mark
from evaluation.scoring.queries import answers_to_mark
from evaluation.scoring.services import lock_marks, record_mark
from portal.accounts.access import Actor
from portal.clock import now, staged_at
from portal.database import db
from portal.development.demonstration import terms, voices
from portal.development.demonstration.cast import Provider
from portal.development.demonstration.conflicts import assess_conflicts, declare_none
from portal.development.demonstration.exclusions import find_nothing
from portal.development.demonstration.inquiries import ask_tenderer
from portal.development.demonstration.new_versions import new_questions
from portal.development.demonstration.outcomes import decide
from portal.development.demonstration.papers import paper
from portal.development.demonstration.people import Company
from portal.development.demonstration.tenders import apply, take_over
from portal.development.demonstration.terms import at_noon
from tender.applications.certifying import certify_application
from tender.applications.models import Answer, Application
from tender.applications.services import choose_lots
from tender.clarifications.services import answer_privately, ask, publish
from tender.documents.services import add, replace
from tender.frameworks.kept_notice import as_published
from tender.frameworks.models import CALL_OFF_ROUTES, Framework, Question, Round
from tender.frameworks.notice import read_notice
from tender.frameworks.opening_services import confirm_opening, open_box
from tender.frameworks.queries import lots_of_framework, openings_of
from tender.frameworks.services import LotDetails, create_framework, create_round, publish_round

CEILING = Decimal("120.00")
TOO_DEAR = "145.00"
HOW_TO_APPLY = "Answer every question, give one document where one is asked for, and submit before the close."
Applicants = Mapping[int, Provider]
"""Provider by the id of its application."""


def framework_from(notice: str, by: Actor, *, title: str) -> Framework:
    """Start the framework that a published notice announces, with invented conditions of its lots.

    `title` leaves out the notice's round.
    """
    data = files("portal.development").joinpath("notices", notice).read_bytes()
    read = read_notice(data)
    assert read.reference and read.buyer_name and read.starts_on and read.ends_on
    return create_framework(
        by=by,
        reference=read.reference,
        title=title,
        buyer_name=read.buyer_name,
        legal_regime=read.legal_regime,
        kind=read.framework_kind,
        description=read.description,
        value_amount=read.value,
        starts_on=read.starts_on,
        ends_on=read.ends_on,
        cpv_codes=read.cpv_codes,
        ocid=read.ocid,
        notice_identifier=read.notice_identifier,
        notice=as_published(data),
        call_off_routes=tuple(CALL_OFF_ROUTES),
        lots=[
            LotDetails(
                lot.number,
                lot.title,
                minimum_hours_a_week=lot.minimum_hours_a_week,
                **terms.CONDITIONS[lot.number],
            )
            for lot in read.lots
        ],
    )


def a_round(
    framework: Framework,
    number: int,
    opens_at: datetime,
    closes_at: datetime,
    by: Actor,
    late_upload_hours: int | None = None,
) -> Round:
    """Set up and publish a round for all lots, the day before it opens. It takes questions."""
    with staged_at(opens_at - timedelta(days=1)):
        draft = a_draft(framework, number, opens_at, closes_at, by, late_upload_hours)
        assess_conflicts(draft.id, by)
        return publish_round(by=by, round_id=draft.id)


def a_draft(
    framework: Framework,
    number: int,
    opens_at: datetime,
    closes_at: datetime,
    by: Actor,
    late_upload_hours: int | None = None,
) -> Round:
    """Set up a round for all lots, with the default pack."""
    return create_round(
        by=by,
        framework_id=framework.id,
        lots={lot.id: CEILING for lot in lots_of_framework(framework.id)},
        opens_at=opens_at,
        closes_at=closes_at,
        how_to_apply=HOW_TO_APPLY,
        number=number,
        questions_until=closes_at - timedelta(days=6),
        answers_by=closes_at - timedelta(days=3),
        late_upload_hours=late_upload_hours,
    )


def released_round(framework: Framework, company: Company, rng: Random) -> None:
    """The round of the notice itself: every provider applied, most were admitted."""
    opens_at = datetime.fromisoformat("2026-01-30T09:00:00+00:00")
    closes_at = datetime.fromisoformat("2026-03-04T11:00:00+00:00")
    round = a_round(framework, 4, opens_at, closes_at, company.lead)
    lots = {lot.number: lot.id for lot in lots_of_framework(framework.id)}
    applicants: dict[int, Provider] = {}
    last = len(company.providers) - 1
    for place, (provider, person) in enumerate(company.providers):
        with staged_at(closes_at - timedelta(hours=3 + 5 * place)):
            application_id = apply(
                round_id=round.id,
                lot_ids=[lots[number] for number in provider.lots],
                provider=provider,
                by=person,
                rng=rng,
                # Somebody fails on quality, and in a larger cast somebody on price.
                strength=0.15 if place == last else None,
                day_rate=TOO_DEAR if provider.name in too_dear(company) else None,
            )
        applicants[application_id] = provider
    with staged_at(closes_at + timedelta(days=1)):
        open_and_hand_out(round, company)
    with staged_at(closes_at + timedelta(days=20)):
        weak = set(list(applicants)[-1:])
        for evaluator in company.evaluators[:2]:
            for assignment in assignments_of(evaluator, round):
                mark_tender(assignment, evaluator, applicants, rng, weak=weak)
    met_at = closes_at + timedelta(days=40)
    meeting_id = begin(round, company, met_at)
    with staged_at(met_at + timedelta(minutes=20)):
        agree(round, company.moderator, applicants, rng)
    end(meeting_id, company, met_at + timedelta(hours=3))
    decide(round, lots, list(applicants), company, closes_at)
    # Asked for now: a file goes after its week.
    ask_for(round_id=round.id, kind="disclosure", purpose="The yearly audit of one round.", by=company.lead)


def marking_round(framework: Framework, company: Company, rng: Random, portal_url: str) -> None:
    """A round that closed three weeks ago; the panel is at work on it."""
    closes_at = at_noon(now() - timedelta(days=21))
    round = a_round(framework, 5, closes_at - timedelta(days=35), closes_at, company.lead)
    lots = {lot.number: lot.id for lot in lots_of_framework(framework.id)}
    chosen = company.providers[: max(3, len(company.providers) // 4)]
    applicants: dict[int, Provider] = {}
    for place, (provider, person) in enumerate(chosen):
        with staged_at(closes_at - timedelta(hours=2 + 7 * place)):
            application_id = apply(
                round_id=round.id,
                lot_ids=[lots[another_lot(provider, place)]],
                provider=provider,
                by=person,
                rng=rng,
            )
        applicants[application_id] = provider
    with staged_at(closes_at + timedelta(hours=20)):
        open_and_hand_out(round, company, all_accept=False)
    with staged_at(closes_at + timedelta(days=12)):
        first, second, third = company.evaluators
        ready = list(applicants)[: max(1, len(applicants) // 3)]
        declare_conflict(
            assignment_id=assignments_of(third, round)[-1],
            kind="perceived",
            conflict="My brother-in-law drives their minibus.",
            by=third,
        )
        propose_mitigation(
            assignment_id=assignments_of(third, round, states=("conflicted",))[-1],
            mitigation="She does not mark attendance, which is what the minibus matters for.",
            by=company.lead,
        )
        decline(
            assignment_id=assignments_of(second, round)[-1],
            reason="I am on leave from Monday and cannot read another tender before.",
            by=second,
        )
        worked_for = list(applicants.values())[1].name
        declare_interest(kind="employment", organisation_name=worked_for, by=first)
        for evaluator in (first, second, third):
            for assignment in assignments_of(evaluator, round, among=ready, states=("assigned",)):
                accept(assignment_id=assignment, by=evaluator)
                mark_tender(assignment, evaluator, applicants, rng)
        half_way = assignments_of(first, round, states=("assigned",))[0]
        accept(assignment_id=half_way, by=first)
        mark_tender(half_way, first, applicants, rng, most=3)
    met_at = closes_at + timedelta(days=15)
    meeting_id = begin(round, company, met_at, away=1)
    with staged_at(met_at + timedelta(minutes=20)):
        agree(round, company.moderator, applicants, rng, most=2)
    end(
        meeting_id,
        company,
        met_at + timedelta(minutes=50),
        absent_views="Sent ahead: would keep the lower mark for safeguarding. The panel discussed it first.",
    )
    asked_at = closes_at + timedelta(days=2)
    ask_tenderer(round, next(iter(applicants)), chosen[0][1], company.lead, portal_url, asked_at=asked_at)


def open_round(framework: Framework, company: Company, rng: Random, portal_url: str) -> None:
    """A round that is open and closes in about ten days: drafts, certified and submitted applications."""
    closes_at = at_noon(now() + timedelta(days=10))
    round = a_round(framework, 6, closes_at - timedelta(days=30), closes_at, company.lead, 6)
    lots = {lot.number: lot.id for lot in lots_of_framework(framework.id)}
    papers(round, company, portal_url)
    questions(round, company, portal_url)
    new_questions(round, company, portal_url)
    terms.plan(round, company)
    count = max(2, len(company.providers) // 4)
    for place, (provider, person) in enumerate(company.providers[-count:]):
        with staged_at(now() - timedelta(hours=4 + 9 * place)):
            if provider.name in too_dear(company):
                take_over(round.id, person)
                continue
            if provider.name in wanting_more(company):
                further = lots[another_lot(provider, 0)]
                choose_lots(application_id=take_over(round.id, person), lot_ids=[further], by=person)
                continue
            application_id = apply(
                round_id=round.id,
                lot_ids=[lots[another_lot(provider, place)]],
                provider=provider,
                by=person,
                rng=rng,
                share=1.0 if place % 2 == 0 else 0.35 + 0.1 * (place % 5),
                submit=place % 4 == 0,
                promising="Training records of all staff.pdf" if place < 2 else "",
            )
            if place % 4 == 2:
                certify_application(application_id=application_id, stated=True, contents=None, by=person)


def too_dear(company: Company) -> set[str]:
    """Whose price was above the ceiling in the first round: in a larger cast the last provider but one."""
    return {company.providers[-2][0].name} if len(company.providers) > 5 else set()


def wanting_more(company: Company) -> set[str]:
    """Who is admitted and applies for a further lot in the open round: in a larger cast the last but four."""
    return {company.providers[-5][0].name} if len(company.providers) >= 20 else set()


def papers(round: Round, company: Company, portal_url: str) -> None:
    """The documents of the open round; one of them has a second version."""
    told = {"portal_url": portal_url, "by": company.lead}
    for kind, title in (("specification", "Specification for all lots"), ("contract", "Contract terms")):
        file = {"stream": io.BytesIO(paper("pdf", title)), "filename": f"{title}.pdf"}
        with staged_at(now() - timedelta(days=19)):
            added = add(round_id=round.id, title=title, kind=kind, **file, **told)
    file = {
        "stream": io.BytesIO(paper("pdf", "Contract terms, version 2")),
        "filename": "Terms 2.pdf",
    }
    with staged_at(now() - timedelta(days=12)):
        replace(
            round_document_id=added,
            reason="Clause 14: invoices are paid within 30 days, as the regulations say; it said 60.",
            **file,
            **told,
        )


def questions(round: Round, company: Company, portal_url: str) -> None:
    """What providers asked about the open round: answered for everyone, for one alone, or not yet."""
    for place, (asked, published, answer) in enumerate(voices.QUESTIONS):
        _, person = company.providers[-1 - place % len(company.providers)]
        with staged_at(now() - timedelta(days=9 - place)):
            clarification_id = ask(round_id=round.id, text=asked, by=person)
        told = {
            "clarification_id": clarification_id,
            "answer": answer,
            "portal_url": portal_url,
            "by": company.lead,
        }
        with staged_at(now() - timedelta(days=8 - place, hours=-3)):
            if published:
                publish(text=published, **told)
            elif answer:
                answer_privately(reason="The question tells what the provider pays.", **told)


def next_round(framework: Framework, company: Company) -> None:
    """The round after that: a draft, to be checked and published."""
    opens_at = at_noon(now() + timedelta(days=60))
    a_draft(framework, 7, opens_at, opens_at + timedelta(days=35), company.lead)


def open_and_hand_out(round: Round, company: Company, *, all_accept: bool = True) -> None:
    """Open the box, decide what is referred, start marking, and give every tender to the panel."""
    open_box(by=company.lead, round_id=round.id)
    (opening,) = openings_of(round.id)
    confirm_opening(by=company.approver, round_id=round.id, opening_id=opening["id"])
    declare_none(round.id, company.lead)
    for check in to_decide(round.id, most=1_000):
        decide_check(
            check_id=check["id"],
            result="pass",
            reason="Read with the documents given; in order.",
            version=1,
            by=company.lead,
        )
    start_marking(round_id=round.id, by=company.lead)
    find_nothing(round, company.lead, but=0 if all_accept else 1)
    evaluators = company.evaluators[:2] if all_accept else company.evaluators
    name_panel(
        round_id=round.id,
        evaluators=[person.person_id for person in evaluators if person.person_id],
        moderators=[company.moderator.person_id] if company.moderator.person_id else [],
        by=company.lead,
    )
    set_part(
        round_id=round.id,
        person_id=evaluators[0].person_id or 0,
        lots=(),
        sections=(),
        skills=("safeguarding",),
        reason="She was a designated safeguarding lead for nine years.",
        by=company.lead,
    )
    assign_panel(round_id=round.id, by=company.lead)
    declare_none(round.id, company.moderator)
    if all_accept:
        for evaluator in evaluators:
            for assignment in assignments_of(evaluator, round):
                accept(assignment_id=assignment, by=evaluator)


def assignments_of(
    evaluator: Actor,
    round: Round,
    *,
    among: Sequence[int] | None = None,
    states: Sequence[str] = ("assigned", "accepted"),
) -> list[int]:
    """The ids of an evaluator's assignments in these states, in order."""
    wanted = (
        select(Assignment.id)
        .join(Application, Application.id == Assignment.application_id)
        .where(
            Assignment.evaluator_id == evaluator.person_id,
            Application.round_id == round.id,
            Assignment.state.in_(states),
        )
    )
    if among is not None:
        wanted = wanted.where(Assignment.application_id.in_(among))
    return list(db.session.scalars(wanted.order_by(Assignment.id)))


def mark_tender(
    assignment_id: int,
    evaluator: Actor,
    applicants: Applicants,
    rng: Random,
    *,
    weak: set[int] | None = None,
    most: int | None = None,
) -> None:
    """Mark every answer of a tender and lock; with `most`, mark so many and leave it there."""
    assignment = assignment_for(evaluator, assignment_id)
    provider = applicants[assignment["application_id"]]
    strength = 0.15 if weak and assignment["application_id"] in weak else provider.strength
    for answer in answers_to_mark(assignment)[:most]:
        points = voices.points(strength, rng)
        record_mark(
            assignment_id=assignment_id,
            answer_id=answer["answer_id"],
            points=points,
            reason=voices.reason(points, answer["title"], provider, rng),
            version=0,
            by=evaluator,
        )
    if most is None:
        lock_marks(assignment_id=assignment_id, by=evaluator)


def agree(
    round: Round, moderator: Actor, applicants: Applicants, rng: Random, *, most: int | None = None
) -> None:
    """Agree a mark for every answer on the agenda (or the first `most`): the evaluators' mean, half up."""
    done = 0
    while (answer_id := next_on_agenda(moderator, round.id)) and (most is None or done < most):
        title, application_id = db.session.execute(
            select(Question.title, Answer.application_id)
            .join(Question, Question.id == Answer.question_id)
            .where(Answer.id == answer_id)
        ).one()
        marks = db.session.scalars(select(Mark.points).where(Mark.answer_id == answer_id)).all()
        points = (2 * sum(marks) + len(marks)) // (2 * len(marks))
        reason = voices.agreed_reason(points, title, applicants[application_id], rng)
        agree_mark(answer_id=answer_id, points=points, reason=reason, version=0, by=moderator)
        done += 1


def begin(round: Round, company: Company, at: datetime, *, away: int = 0) -> int:
    """Begin a moderation meeting at this moment, the last `away` of the evaluators not there; its id."""
    panel = sorted(panel_of(round.id).items(), key=lambda each: (each[1] == "evaluator", each[0]))
    with staged_at(at):
        return begin_meeting(
            round_id=round.id,
            present=[person for person, _ in panel[: len(panel) - away]],
            observers="Wenna Tregear, who takes the notes",
            by=company.moderator,
        )


def end(meeting_id: int, company: Company, at: datetime, *, absent_views: str = "") -> None:
    """End a moderation meeting at this moment."""
    with staged_at(at):
        meeting = meeting_for(company.moderator, meeting_id)
        save_meeting(
            meeting_id=meeting_id,
            present=[row["person_id"] for row in attendance_of(meeting_id) if row["present"]],
            observers=meeting["observers"],
            absent_views=absent_views,
            version=meeting["version"],
            end=True,
            by=company.moderator,
        )


def another_lot(provider: Provider, place: int) -> str:
    """A lot that the provider did not apply for in the first round."""
    others = [number for number in ("10", "8", "2", "6", "9") if number not in provider.lots]
    return others[place % len(others)]
