"""What waits for a person, from every noun, in order of urgency."""

from datetime import UTC, datetime

from evaluation.assignments import queries as assignments
from evaluation.calibration import queries as calibration
from evaluation.conformity import queries as conformity
from evaluation.moderation import queries as moderation
from evaluation.outcomes import waiting_queries as outcomes
from evaluation.reconsiderations import waiting_queries as reconsiderations
from evaluation.scoring import queries as scoring
from evaluation.summaries import queries as summaries
from portal.accounts.access import Actor
from portal.agreements import waiting_queries as agreements
from portal.call_offs import check_waiting as own_checks
from portal.evidence import queries as evidence
from portal.hours import queries as hours
from portal.organisations import queries as organisations
from portal.provision import waiting_queries as provision
from portal.shortlists import queries as shortlists
from portal.standings import waiting_queries as standings
from portal.tasks import Task, Waiting
from tender.applications import home_queries as applications
from tender.applications import infections
from tender.clarifications import queries as clarifications
from tender.frameworks import home_queries as frameworks
from tender.reapplying import queries as reapplying

NOUNS = (
    organisations,
    infections,
    evidence,
    applications,
    reapplying,
    clarifications,
    frameworks,
    conformity,
    assignments,
    calibration,
    scoring,
    moderation,
    summaries,
    outcomes,
    reconsiderations,
    agreements,
    shortlists,
    provision,
    own_checks,
    standings,
    hours,
)
_NO_DATE = datetime.max.replace(tzinfo=UTC)


def waiting_for(viewer: Actor) -> Waiting:
    """Every noun's tasks for this person, those with the nearest date first and undated ones after them."""
    answers = [noun.waiting_for(viewer) for noun in NOUNS]
    tasks = [task for answer in answers for task in answer.now]
    return Waiting(
        now=tuple(sorted(tasks, key=_urgency)),
        going_on=tuple(line for answer in answers for line in answer.going_on),
    )


def _urgency(task: Task) -> datetime:
    return task.due_at or _NO_DATE
