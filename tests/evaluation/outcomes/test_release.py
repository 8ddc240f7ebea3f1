"""Releasing a round: letters, decisions, admissions, all or nothing and once."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.outcomes.letter_queries import letters_of
from evaluation.outcomes.release_services import FrameworkOver, NotDecided, release_outcomes
from portal import clock
from portal.audit.models import AuditLine
from portal.directory.models import Service, Standing
from portal.errors import NotFound
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation
from tests.factories.frameworks import a_procurement_lead, lot_ids
from tests.factories.outcomes import a_decided_evaluation, a_recommended_evaluation, decisions_of, provider_of

GOOD, WEAK = range(2)


@pytest.fixture(scope="module")
def decided(build: Build) -> Evaluation:
    """Two lots and two tenders, of which one is admitted to both lots."""
    return build(lambda: a_decided_evaluation([{}, {"safeguarding": 2}], lots=2))


def release(decided: Evaluation) -> int:
    return release_outcomes(round_id=decided.round_id, by=decided.lead)


def test_all_letters_go_together(session: Session, decided: Evaluation) -> None:
    assert release(decided) == 2
    assert {row["state"] for row in letters_of(decided.round_id)} == {"queued"}
    session.expire_all()
    assert decided.round.state == "released"


def test_the_admitted_enter_the_register_and_nobody_else(session: Session, decided: Evaluation) -> None:
    release(decided)
    standings = session.scalars(select(Standing).order_by(Standing.lot_id)).all()
    assert [standing.lot_id for standing in standings] == list(lot_ids(decided.round))
    assert {standing.provider_id for standing in standings} == {provider_of(decided, GOOD).organisation_id}
    assert {standing.application_id for standing in standings} == {decided.applications[GOOD]}


def test_a_standing_lasts_for_the_rest_of_the_framework(session: Session, decided: Evaluation) -> None:
    release(decided)
    standing = session.scalars(select(Standing)).first()
    assert standing.starts_on == max(clock.today(), date(2026, 6, 1))
    assert standing.ends_on == date(2032, 5, 31)


def test_the_service_is_what_the_tender_says(session: Session, decided: Evaluation) -> None:
    release(decided)
    service = session.scalars(select(Service).order_by(Service.id)).first()
    assert (service.key_stages, service.needs) == (["KS1", "KS2"], ["SPLD", "MLD"])
    assert (service.postcode, service.places, service.price_per_day) == ("M1 1AE", 12, Decimal("95.50"))
    assert (service.title, service.registered_school) == ("Full-time provision", True)


def test_decisions_are_final_in_the_database_too(session: Session, decided: Evaluation) -> None:
    release(decided)
    assert {decision.state for decision in decisions_of(decided)} == {"released"}
    with pytest.raises(IntegrityError, match="decision refuses UPDATE"):
        session.execute(text("UPDATE decision SET outcome = 'admit'"))


def test_releasing_twice_releases_once(session: Session, decided: Evaluation) -> None:
    assert release(decided) == 2
    assert release(decided) == 0
    assert session.scalar(select(func.count()).select_from(Standing)) == 2
    lines = select(func.count()).where(AuditLine.action == "round.release_outcomes")
    assert session.scalar(lines) == 1


def test_nothing_is_released_before_everything_is_approved(session: Session) -> None:
    recommended = a_recommended_evaluation()
    with pytest.raises(NotDecided):
        release(recommended)


def test_another_council_releases_nothing(session: Session, decided: Evaluation) -> None:
    with pytest.raises(NotFound):
        release_outcomes(round_id=decided.round_id, by=a_procurement_lead())


def test_when_one_step_fails_nothing_has_happened(session: Session, decided: Evaluation) -> None:
    with clock.staged_at(clock.now().replace(year=2040)), pytest.raises(FrameworkOver):
        release(decided)
    session.expire_all()
    assert decided.round.state == "decided"
    assert {row["state"] for row in letters_of(decided.round_id)} == {"held"}
    assert session.scalar(select(func.count()).select_from(Standing)) == 0
