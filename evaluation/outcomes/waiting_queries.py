"""What outcomes ask of whom, for the home page: results, decisions, letters, conditions."""

from datetime import timedelta

from sqlalchemy import RowMapping, case, select, text, union_all

from evaluation.exclusions.queries import FOUND_IN, RoundToCheck, rounds_to_check
from evaluation.inquiries import queries as inquiries
from evaluation.outcomes.assessment import ADMITTED
from evaluation.outcomes.condition_queries import has_open_conditions, tasks_of
from evaluation.outcomes.models import Decision
from evaluation.outcomes.queries import decisions_waiting
from evaluation.outcomes.totals import ENDED
from portal import clock
from portal.accounts.access import Actor
from portal.database import db
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import plural, uk_date, uk_datetime
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round

# The days within which a claim must be started, as each letter says: it stays among what needs its reader for
# as long.
CHALLENGE_DAYS = 30

# What the home page asks of every round that is being judged. Whether a mark is missing is looked up only
# where the results are not current: they are computed when none is. The rounds are read first, by
# themselves: else the marks of a round are added up anew for each of its tenders.
_WAITING = text(
    f"""
    WITH judged AS MATERIALIZED (
      SELECT round.id, round.number, round.state, framework.title,
             coalesce(
               (computation.marks, computation.marks_version) = (
                 SELECT count(*), coalesce(sum(agreed_mark.version), 0)
                 FROM question JOIN agreed_mark ON agreed_mark.question_id = question.id
                 WHERE question.round_id = round.id
               ) AND computation.checked_at IS NOT NULL,
               false
             ) OR NOT EXISTS (
               SELECT FROM question
               WHERE question.round_id = round.id AND question.judged_as IN ('scored', 'priced')
                 AND question.withdrawn_in IS NULL
             ) AS current
      FROM round
      JOIN framework ON framework.id = round.framework_id AND framework.council_id = :council
      LEFT JOIN computation ON computation.round_id = round.id
      WHERE round.state IN ('marking', 'decided') OR EXISTS (
        SELECT FROM decision JOIN application ON application.id = decision.application_id
        WHERE application.round_id = round.id AND decision.state = 'told'
      )
    )
    SELECT judged.id, judged.number, judged.state, judged.title, judged.current,
           count(*) FILTER (WHERE decision.id IS NULL OR decision.state = 'returned') AS undecided,
           count(*) FILTER (WHERE decision.state = 'recommended') AS recommended,
           count(*) FILTER (WHERE decision.state = 'told') AS told,
           max(release.goes_at) AS goes_at, max(release.admits_after) AS admits_after,
           max(release.stopped_because) AS stopped_because,
           bool_or(release.standstill_days IS NOT NULL) AS stands_still,
           judged.state = 'decided' AND EXISTS (
             SELECT FROM application
             LEFT JOIN assessment_summary ON assessment_summary.application_id = application.id
             WHERE application.round_id = judged.id AND application.state = 'submitted'
               AND assessment_summary.state IS DISTINCT FROM 'approved'
               AND EXISTS (
                 SELECT FROM answer JOIN agreed_mark ON agreed_mark.answer_id = answer.id
                 WHERE answer.application_id = application.id
               )
           ) AS unsummed,
           (
             SELECT count(*) FROM assessment_summary
             JOIN application ON application.id = assessment_summary.application_id
             WHERE application.round_id = judged.id AND assessment_summary.state = 'draft'
               AND assessment_summary.return_reason <> ''
           ) AS sent_back,
           CASE WHEN NOT judged.current AND judged.state = 'marking' THEN EXISTS (
             SELECT FROM application
             JOIN application_lot ON application_lot.application_id = application.id AND NOT {ENDED}
             JOIN answer ON answer.application_id = application.id
                        AND (answer.lot_id IS NULL OR answer.lot_id = application_lot.lot_id)
             JOIN question ON question.id = answer.question_id AND question.round_id = judged.id
                          AND question.judged_as = 'scored' AND question.withdrawn_in IS NULL
             WHERE application.round_id = judged.id AND application.state = 'submitted'
               AND NOT EXISTS (SELECT FROM agreed_mark WHERE agreed_mark.answer_id = answer.id)
           ) ELSE false END AS unmarked
    FROM judged
    JOIN application AS tender ON tender.round_id = judged.id AND tender.state = 'submitted'
    JOIN application_lot AS applied ON applied.application_id = tender.id
    LEFT JOIN LATERAL (
      SELECT state, stopped_because, standstill_days,
             coalesce(
               admits_after,
               (
                 SELECT admits_after FROM award_notice
                 WHERE round_id = judged.id ORDER BY version DESC LIMIT 1
               )
             ) AS admits_after,
             CASE WHEN state = 'waiting' THEN goes_at END AS goes_at
      FROM outcome_release WHERE round_id = judged.id ORDER BY id DESC LIMIT 1
    ) AS release ON true
    LEFT JOIN decision ON decision.application_id = tender.id AND decision.lot_id = applied.lot_id
      AND decision.state <> 'superseded'
    GROUP BY judged.id, judged.number, judged.state, judged.title, judged.current ORDER BY judged.id
    """
)


def waiting_for(viewer: Actor) -> Waiting:
    """Results, outcomes and letters for the lead; approvals for the approver; the letter for the provider."""
    if viewer.organisation_kind == "provider" and viewer.may("application:edit"):
        return _for_provider(viewer)
    now, going_on = tasks_of(viewer)
    if viewer.may("outcome:recommend"):
        now += [_to_check(each) for each in _to_be_checked(viewer)]
        for row in db.session.execute(_WAITING, {"council": viewer.organisation_id}).mappings():
            task, line = _for_lead(row)
            now += [task] if task else []
            going_on += [line] if line else []
    if viewer.may("outcome:approve") and (lots := decisions_waiting(viewer)):
        waiting = sum(lot["waiting"] for lot in lots)
        detail = "; ".join(
            sorted({f"Round {lot['round_number']} of {lot['framework_title']}" for lot in lots})
        )
        now.append(
            Task(
                f"{plural(waiting, 'decision')} to approve", "Read them", "outcomes.approvals", detail=detail
            )
        )
    return Waiting(tuple(now), tuple(going_on))


def _to_be_checked(viewer: Actor) -> list[RoundToCheck]:
    """Rounds in which an exclusion check is to be made: before anybody is recommended, before the letters go,
    or before an admission that waits takes effect."""
    admitted = (
        select(Application.id)
        .join(Decision, Decision.application_id == Application.id)
        .where(Decision.outcome.in_(ADMITTED), Decision.state.in_(("approved", "told")))
    )
    return rounds_to_check(Framework.council_id == viewer.organisation_id, admitted)


def _to_check(found: RoundToCheck) -> Task:
    if found.state in FOUND_IN:
        return found.task
    tenderer = found.first
    waits = "The admission" if found.state == "released" else "Before the letters go, the admission"
    detail = "A check is missing, or was made too long ago. Look again: it goes on by itself then."
    if tenderer.excluded:
        detail = "A finding excludes it. " + (
            "Reopen its decision, or look again."
            if found.state == "decided"
            else "Record that under Complaints and challenges and propose a new decision, or look again."
        )
    elif tenderer.referred:
        detail = "A check is referred: somebody has to look again. It goes on by itself then."
    return Task(
        f"{waits} of {tenderer.name} in round {found.number} of {found.title} needs an exclusion check",
        "Look at it",
        "exclusions.show",
        {"round_id": found.id, "application_id": tenderer.application_id},
        detail=detail,
    )


def _for_lead(row: RowMapping) -> tuple[Task | None, GoingOn | None]:
    """What a round that is being judged asks of the procurement lead next."""
    place = f"round {row['number']} of {row['title']}"
    here = {"round_id": row["id"]}
    if row["state"] == "decided":
        return _before_release(row, place)
    if row["state"] == "released":
        if row["stands_still"] and row["admits_after"] is None:
            sentence = f"The standstill of {place} has not begun"
            detail = "It begins with the contract award notice. Note the day on which that was published."
            return Task(sentence, "Note the notice", "release.letters", here, detail=detail), None
        until = f"Standstill until {uk_date(row['admits_after'])}" if row["admits_after"] else "Held"
        told = f"{plural(row['told'], 'admission')} of {place} to take effect"
        return None, GoingOn(told, "waiting", "release.letters", here, until)
    if row["sent_back"]:
        returned = plural(row["sent_back"], "assessment summary was", "assessment summaries were")
        return Task(f"{returned} returned in {place}", "Read why", "summaries.index", here), None
    if row["unmarked"]:
        return None, None
    if not row["current"]:
        return Task(f"All marks of {place} are agreed", "Compute the results", "outcomes.results", here), None
    if row["undecided"]:
        sentence = f"{plural(row['undecided'], 'outcome')} to recommend in {place}"
        return Task(sentence, "Recommend them", "outcomes.decisions", here), None
    sentence = f"{plural(row['recommended'], 'decision')} of {place} with the approver"
    return None, GoingOn(sentence, "awaiting_approval", "outcomes.decisions", here)


def _before_release(row: RowMapping, place: str) -> tuple[Task | None, GoingOn | None]:
    """What a decided round asks: its letters to be read and released, or only to wait until they go."""
    here = {"round_id": row["id"]}
    if row["goes_at"]:
        line = f"Letters of {place} go {uk_datetime(row['goes_at'])}"
        return None, GoingOn(line, "scheduled", "release.letters", here, "Until then you can cancel.")
    if row["stopped_because"]:
        stopped = f"The release of {place} was stopped"
        return Task(stopped, "See why", "release.letters", here, detail=row["stopped_because"]), None
    if row["unsummed"]:
        return Task(
            f"Assessment summaries of {place} have to be approved before its letters go",
            "See how many",
            "summaries.index",
            here,
        ), None
    held = f"Letters of {place} are written and held"
    return Task(held, "Read and release them", "release.letters", here), None


def _for_provider(viewer: Actor) -> Waiting:
    letters = (
        select(
            Application.id,
            Round.number,
            Round.released_at.label("at"),
            Framework.title,
            case((has_open_conditions(), "letter on conditions"), else_="letter").label("what"),
        )
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            Application.provider_id == viewer.organisation_id,
            Application.state == "submitted",
            Round.state == "released",
        )
    )
    anew = (
        select(
            Application.id,
            Round.number,
            Decision.approved_at.label("at"),
            Framework.title,
            case((has_open_conditions(), "letter on conditions, anew"), else_="letter, anew").label("what"),
        )
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .join(Decision, Decision.application_id == Application.id)
        .where(Application.provider_id == viewer.organisation_id, Decision.counts)
        .where(Decision.replaces_id.is_not(None))
    )
    # One statement for all that the council writes to a tenderer after the close.
    told = union_all(letters, anew, inquiries.for_provider(viewer)).subquery()
    rows = db.session.execute(select(told).order_by(told.c.at.desc())).mappings().all()
    recent = clock.now() - timedelta(days=CHALLENGE_DAYS)
    on_conditions = any(row["what"].startswith("letter on conditions") for row in rows)
    now, going_on = tasks_of(viewer) if on_conditions else ([], [])
    for row in rows:
        if not row["what"].startswith("letter"):
            task, line = inquiries.as_waiting(row)
            now += [task] if task else []
            going_on += [line] if line else []
            continue
        place = f"round {row['number']} of {row['title']}"
        values = {"application_id": row["id"]}
        detail = f"Sent on {uk_date(row['at'], weekday=True)}"
        again = row["what"].endswith("anew")
        if row["at"] > recent:
            sentence = f"{'A new decision on' if again else 'Your outcome letter for'} {place} has arrived"
            now.append(Task(sentence, "Read it", "release.letter", values, detail=detail))
        elif again:
            going_on.append(GoingOn(f"New decision on {place}", "decided", "release.letter", values, detail))
        else:
            going_on.append(GoingOn(f"Outcome of {place}", "decided", "release.letter", values, detail))
    return Waiting(tuple(now), tuple(going_on))
