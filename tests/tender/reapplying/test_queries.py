"""Who has a chance in an open round, and how much of the earlier application comes along."""

from sqlalchemy import select, text

from portal.database import transaction
from tender.applications.carrying_services import carry_over
from tender.applications.erasure import erase_application
from tender.applications.models import Answer
from tender.applications.queries import own_application_for
from tender.applications.services import start_application
from tender.frameworks.queries import published_round
from tender.reapplying.queries import chance_for, chances, on_opportunity, start_of, waiting_for
from tests.factories.accounts import a_provider_person
from tests.factories.frameworks import a_published_round, lot_ids
from tests.factories.outcomes import a_decided_evaluation, a_released_evaluation, provider_of
from tests.tender.reapplying.conftest import BELOW, the_next_round


def held_by(viewer, following):
    (chance,) = chances(viewer)
    facts = own_application_for(viewer, chance.application_id)
    return chance, start_of(viewer, facts, chance)


def test_a_refused_provider_applies_again_for_the_same_lots(refused, before, following):
    chance, start = held_by(refused, following)
    assert (chance.name, chance.application_id, chance.into_id) == ("Apply again", before, following.id)
    assert [lot.id for lot in start.again] == lot_ids(following)[:1] and not start.held


def test_what_is_counted_is_what_is_carried(refused, before, following, session):
    (chance,) = chances(refused)
    draft = carry_over(application_id=before, into_round_id=following.id, by=refused)
    carried = session.scalars(select(Answer.id).where(Answer.application_id == draft)).all()
    assert 0 < chance.carried == len(carried) < chance.asked


def test_a_provider_admitted_to_every_lot_it_tried_adds_lots(session):
    evaluation = a_released_evaluation()
    admitted = provider_of(evaluation)
    chance, start = held_by(admitted, the_next_round(evaluation))
    assert chance.name == "Apply for more lots" and not start.again and not start.not_passed
    assert [lot.id for lot in start.held] == lot_ids(evaluation.round)[:1]


def test_nothing_is_told_before_the_letters_are_released(session):
    evaluation = a_decided_evaluation([BELOW])
    the_next_round(evaluation)
    assert chances(provider_of(evaluation)) == []


def test_another_provider_has_no_chance_from_it(before, following):
    assert chances(a_provider_person()) == []


def test_what_did_not_pass_is_told_with_its_reason_and_without_its_mark(refused, following):
    _, start = held_by(refused, following)
    assert [verdict.code for verdict in start.not_passed] == ["safeguarding"]
    assert start.not_passed[0].reason and not hasattr(start.not_passed[0], "points")


def test_a_round_of_another_framework_is_no_chance(refused, judged):
    a_published_round()
    assert chances(refused) == []


def test_only_the_newest_decided_application_is_taken_along(refused, before, judged, session):
    later = a_released_evaluation([BELOW])
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        move = "UPDATE round SET framework_id = :framework, number = 2 WHERE id = :round"
        session.execute(text(move), {"framework": judged.round.framework_id, "round": later.round_id})
        session.execute(
            text("UPDATE application SET provider_id = :own WHERE id = :id"),
            {"own": refused.organisation_id, "id": later.applications[0]},
        )
        session.execute(text("SET LOCAL session_replication_role = origin"))
    the_next_round(judged)
    assert [chance.application_id for chance in chances(refused)] == later.applications


def test_an_erased_application_gives_no_chance(refused, before, following):
    erase_application(before, by=refused)
    assert chances(refused) == []


def test_once_a_draft_is_there_neither_home_nor_opportunity_speaks_of_it(refused, before, following):
    facts = published_round(following.id)
    assert on_opportunity(facts, refused)["chance"].application_id == before
    assert len(waiting_for(refused).going_on) == 1
    draft = start_application(round_id=following.id, by=refused)
    assert on_opportunity(facts, refused)["chance"] is None and not waiting_for(refused).going_on
    assert chance_for(refused, own_application_for(refused, before)).draft_id == draft
