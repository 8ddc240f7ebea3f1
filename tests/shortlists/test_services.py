"""A search that is kept as it was, the decisions on it, and the signature that ends all change."""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.models import Organisation
from portal.audit.queries import trail_of
from portal.directory.models import Service
from portal.directory.postcodes import locate
from portal.directory.search import SearchCriteria
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.personal_data import services as retention
from portal.shortlists import evidence, services
from portal.shortlists.models import Shortlist, ShortlistChoice
from portal.shortlists.queries import shortlist_for, shortlists_of, signed_for, waiting_for
from portal.shortlists.services import (
    Choice,
    ChoicesRefused,
    close_shortlist,
    decide,
    freeze_search,
    remove_draft,
)
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.factories.directory import a_service, offers, services_in, some_lots, suspend_standing
from tests.factories.shortlists import a_shortlist, a_signed_shortlist, decided


@pytest.fixture
def school(session: Session) -> Actor:
    return a_school_person()


@pytest.fixture
def found(session: Session) -> Sequence[Service]:
    return services_in(some_lots(1)[0], 3, summary="Engines.")


def saving(shortlist: Shortlist, by: Actor, *choices: Choice, **said: object) -> None:
    decide(shortlist_id=shortlist.id, version=shortlist.version, choices=choices, by=by, **said)  # type: ignore[arg-type]


def test_a_list_stays_as_it_was_whatever_becomes_of_its_services(school: Actor) -> None:
    service = a_service(title="Motor workshop")
    shortlist = a_shortlist(school, key_stages=("KS3", "KS5"))
    before = shortlist_for(school, shortlist.id).found
    offers(service, title="Another name", price_per_day=400)
    suspend_standing(standing_id=service.standing_id)
    (listed,) = shortlist_for(school, shortlist.id).listed
    facts = dict(listed.found["facts"])
    assert shortlist_for(school, shortlist.id).found == before and not listed.live
    assert (listed.found["title"], facts["Price"]) == ("Motor workshop", "£95 a day")
    assert "not verified since" in facts["Checked"] and "to lot 1" in facts["Admitted"]
    assert listed.found["fits"] == ["Takes key stage 3"]
    assert listed.found["misfits"] == ["Does not take post-16"]


def test_it_says_what_was_looked_for_and_of_a_home_only_the_area(school: Actor) -> None:
    shortlist = a_shortlist(
        school,
        address="words=engines&postcode=M14+5RQ&within=5&page=3&view=map",
        words="engines",
        near=locate("M14 5RQ"),
        within_miles=5,
    )
    assert shortlist.found["looked_for"] == ["“engines”", "Within 5 miles of M14"]
    assert shortlist.address == "words=engines&postcode=M14&within=5"
    assert "5RQ" not in json.dumps(shortlist.found)


def test_only_the_first_fifty_are_kept_and_the_others_are_counted(
    school: Actor, found: Sequence[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_KEPT", 2)
    facts = shortlist_for(school, a_shortlist(school).id)
    assert evidence.MOST_KEPT == 50
    assert (len(facts.listed), facts.found["total"], facts.not_listed) == (2, 3, 1)


def test_a_second_click_keeps_no_second_list(school: Actor, session: Session) -> None:
    first = a_shortlist(school)
    again = freeze_search(
        criteria=SearchCriteria(clock.today()), address="", label="", token=first.token, by=school
    )
    assert again.id == first.id and session.scalar(select(func.count()).select_from(Shortlist)) == 1


@pytest.mark.parametrize("said", [{"label": "Sam, born 4 March 2012"}, {"words": "near M14 5RQ"}])
def test_what_could_say_who_the_child_is_is_not_kept(school: Actor, said: dict[str, str]) -> None:
    with pytest.raises(Refusal, match="must not say who a child is"):
        a_shortlist(school, **said)  # type: ignore[arg-type]


def test_every_service_that_is_left_out_needs_a_reason(school: Actor, found: Sequence[Service]) -> None:
    shortlist = a_shortlist(school)
    with pytest.raises(ChoicesRefused) as refused:
        saving(shortlist, school, Choice(1, "kept"), Choice(2, "left_out"), Choice(3, "left_out", "Full."))
    assert refused.value.problems == {2: "Say why it is left out."}
    assert len(shortlist_for(school, shortlist.id).undecided) == 3


def test_one_reason_does_for_several_and_for_all_the_rest(school: Actor, found: Sequence[Service]) -> None:
    shortlist = a_shortlist(school)
    saving(
        shortlist,
        school,
        *(Choice(1, "left_out", "Full."), Choice(2, "left_out"), Choice(3)),
        reason_for_all="Too far.",
    )
    facts = shortlist_for(school, shortlist.id)
    assert [each.reason for each in facts.left_out] == ["Full.", "Too far."]
    saving(shortlist, school, Choice(3), reason_for_all="Too dear.", leave_out_rest=True)
    assert [each.reason for each in shortlist_for(school, shortlist.id).left_out][2] == "Too dear."


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(1, "left_out", "word " * 61), {}),
        (Choice(1, "left_out", "His UPN is A123456789012."), {}),
        (Choice(1, "perhaps"), {}),
        (Choice(1), {"leave_out_rest": True}),
    ],
)
def test_a_reason_is_short_and_names_no_child(
    school: Actor, found: Sequence[Service], choice: Choice, said: dict[str, bool]
) -> None:
    with pytest.raises(Refusal):
        saving(a_shortlist(school), school, choice, **said)


def test_what_a_colleague_saved_meanwhile_is_not_overwritten(school: Actor, found: Sequence[Service]) -> None:
    shortlist = a_shortlist(school)
    saving(shortlist, school, Choice(1, "kept"))
    with pytest.raises(Conflict):
        decide(shortlist_id=shortlist.id, version=0, choices=[Choice(1)], by=school)
    with pytest.raises(Conflict):
        close_shortlist(shortlist_id=shortlist.id, version=0, by=school)


def test_nothing_is_signed_while_a_service_waits(school: Actor, found: Sequence[Service]) -> None:
    shortlist = a_shortlist(school)
    with pytest.raises(Refusal, match="Decide on every service"):
        close_shortlist(shortlist_id=shortlist.id, version=0, by=school)


def test_a_list_of_nothing_can_be_signed(school: Actor) -> None:
    shortlist = a_shortlist(school, words="zzzzzz")
    close_shortlist(shortlist_id=shortlist.id, version=0, by=school)
    assert signed_for(school, shortlist.id).found["total"] == 0


def test_the_record_file_has_the_sha256_that_was_signed(school: Actor, found: Sequence[Service]) -> None:
    shortlist = a_signed_shortlist(school)
    facts = signed_for(school, shortlist.id)
    record = json.loads(facts.record())
    assert hashlib.sha256(facts.record()).hexdigest() == facts.closed_sha256
    assert (record["signed_by"], record["choices"][1]["reason"]) == (school.name, "Too far.")
    assert evidence.digest_of(record["list"]) == record["list_sha256"] == facts.sha256
    assert [line["action"] for line in trail_of("shortlist", shortlist.id)] == [
        "shortlist.close",
        "shortlist.decide",
        "shortlist.freeze",
    ]


def test_signing_twice_signs_once_and_a_colleague_is_told(school: Actor, session: Session) -> None:
    shortlist = a_signed_shortlist(school)
    close_shortlist(shortlist_id=shortlist.id, version=0, by=school)
    colleague = a_person(session.get_one(Organisation, school.organisation_id), "safeguarding_lead")
    for change in (
        lambda: close_shortlist(shortlist_id=shortlist.id, version=shortlist.version, by=colleague),
        lambda: saving(shortlist, colleague, Choice(1)),
        lambda: remove_draft(shortlist_id=shortlist.id, by=colleague),
    ):
        with pytest.raises(MoveRefused):
            change()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE shortlist SET found = '{}'",
        "UPDATE shortlist SET label = 'Another'",
        "UPDATE shortlist SET state = 'closed', closed_at = now(), closed_by_id = frozen_by_id, "
        "closed_by_name = 'x', closed_sha256 = 'x'",
        "UPDATE shortlist_choice SET service_id = service_id + 1",
        "DELETE FROM shortlist_choice",
        "TRUNCATE shortlist CASCADE",
    ],
)
def test_the_database_keeps_what_a_draft_holds(
    school: Actor, found: Sequence[Service], session: Session, change: str
) -> None:
    a_shortlist(school)
    with pytest.raises(DBAPIError, match="refuses|cannot be signed"), session.begin_nested():
        session.execute(text(change))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE shortlist SET version = version + 1",
        "UPDATE shortlist_choice SET reason = 'Better.'",
        "INSERT INTO shortlist_choice (shortlist_id, place, service_id) "
        "SELECT shortlist_id, 50, service_id FROM shortlist_choice WHERE place = 1",
        "DELETE FROM shortlist",
    ],
)
def test_the_database_keeps_all_of_what_is_signed(
    school: Actor, found: Sequence[Service], session: Session, change: str
) -> None:
    a_signed_shortlist(school)
    with pytest.raises(DBAPIError, match="refuses"), session.begin_nested():
        session.execute(text(change))


def test_a_draft_is_removed_with_its_decisions(
    school: Actor, found: Sequence[Service], session: Session
) -> None:
    shortlist = a_shortlist(school)
    decided(shortlist, school)
    remove_draft(shortlist_id=shortlist.id, by=school)
    assert session.scalar(select(func.count()).select_from(ShortlistChoice)) == 0
    assert trail_of("shortlist", shortlist.id)[0]["action"] == "shortlist.remove"


def test_a_shortlist_is_its_own_schools_alone(
    school: Actor, found: Sequence[Service], session: Session
) -> None:
    shortlist = a_shortlist(school)
    strangers = [a_school_person(), a_provider_person()]
    strangers += [a_person(a_council(), role) for role in ("procurement_lead", "quality_officer", "auditor")]
    for stranger in strangers:
        with pytest.raises(NotFound):
            shortlist_for(stranger, shortlist.id)
        for change in (
            lambda by=stranger: saving(shortlist, by, Choice(1, "kept")),
            lambda by=stranger: close_shortlist(shortlist_id=shortlist.id, version=0, by=by),
            lambda by=stranger: remove_draft(shortlist_id=shortlist.id, by=by),
        ):
            with pytest.raises(NotFound):
                change()
        assert shortlists_of(stranger, 1) == ([], 0) or shortlists_of(stranger, 1) == ((), 0)


def test_the_administrator_of_a_school_reads_and_decides_nothing(
    school: Actor, found: Sequence[Service], session: Session
) -> None:
    shortlist = a_shortlist(school)
    administrator = a_person(session.get_one(Organisation, school.organisation_id), "administrator")
    assert len(shortlist_for(administrator, shortlist.id).listed) == 3
    with pytest.raises(NotFound):
        saving(shortlist, administrator, Choice(1, "kept"))
    with pytest.raises(NotFound):
        a_shortlist(administrator)


def test_home_names_what_is_not_signed(school: Actor, found: Sequence[Service]) -> None:
    shortlist = a_shortlist(school)
    assert waiting_for(school).going_on[0].detail == "3 services to decide on."
    decided(shortlist, school)
    assert "you can sign it" in waiting_for(school).going_on[0].detail
    close_shortlist(shortlist_id=shortlist.id, version=shortlist.version, by=school)
    assert waiting_for(school).going_on == ()


def test_lists_count_what_is_decided_drafts_first(school: Actor, found: Sequence[Service]) -> None:
    a_shortlist(school, label="Open")
    a_signed_shortlist(school, keep=2)
    lines, total = shortlists_of(school, 1)
    assert [(line.state, line.listed, line.kept, line.left_out) for line in lines] == [
        ("draft", 3, 0, 0),
        ("closed", 3, 2, 1),
    ]
    assert total == 2 and shortlists_of(school, 2) == ([], 2)


def test_a_signed_shortlist_goes_when_its_period_is_over(
    school: Actor, found: Sequence[Service], session: Session
) -> None:
    shortlist = a_signed_shortlist(school)
    with clock.staged_at(clock.now() + timedelta(days=35 * 30)):
        retention.run(by=THE_PORTAL)
    assert session.get(Shortlist, shortlist.id) is not None
    with clock.staged_at(clock.now() + timedelta(days=37 * 31)):
        retention.run(by=THE_PORTAL)
    session.expire_all()
    assert session.get(Shortlist, shortlist.id) is None
    assert {line["action"] for line in trail_of("shortlist", shortlist.id)} >= {
        "shortlist.erase",
        "retention.erase",
        "shortlist.close",
    }
