"""What the table needs and the world lacks: things in states that last a moment, and some of every kind."""

from sqlalchemy import text

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.queries import actor_by_email
from portal.commissioning.services import withdraw_referral
from portal.database import db, transaction
from portal.directory.models import Service
from portal.directory.search import SearchCriteria
from portal.finding.services import save_search
from portal.organisations.queries import JOINABLE
from portal.provision.models import Proposal
from portal.provision.services import publish
from tender.applications.promise_services import promise_file
from tender.applications.upload_services import begin
from tender.frameworks.models import BoxOpening
from tests.factories.accounts import a_person, an_organisation
from tests.factories.agreements import agreements_in_every_state
from tests.factories.commissioning import PORTAL_URL, a_referral
from tests.factories.directory import a_service, a_service_and_its_person
from tests.factories.organisations import a_request, an_invitation, somebody_without_organisation
from tests.factories.provision import a_checker, a_page_sent, save

SHA256 = "0" * 64


def set_up() -> None:
    """Put all of it into the database. Inside an application context."""
    for kind in ("provider", "school", "school_group", "council"):
        _an_organisation_with_people(kind)
    _a_service_and_referrals()
    _an_opening_that_waits()
    _a_meeting_that_runs()
    _a_condition_that_is_met()
    _a_file_that_failed_elsewhere()
    _a_conflict_in_every_round()
    _a_file_for_each_lot()
    _files_that_may_follow()
    _files_on_their_way()
    _files_that_wait_for_a_form()


def _unchecked(*statements: str) -> None:
    """Put into the database what no service of today would put there."""
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            session.execute(text(statement))
        session.execute(text("SET LOCAL session_replication_role = origin"))


def _an_organisation_with_people(kind: str) -> None:
    """One with an invitation, a request to join, and a member who is suspended."""
    home = an_organisation(kind)
    administrator, suspended = a_person(home, "administrator"), a_person(home, "administrator")
    an_invitation(administrator, f"invited-to-{kind}@example.org", "administrator")
    if kind in JOINABLE:
        a_request(somebody_without_organisation(f"asks-{kind}@example.org"), home.id)
    with transaction() as session:
        statement = text("UPDATE membership SET active = false WHERE person_id = :person")
        session.execute(statement, {"person": suspended.person_id})


def _a_service_and_referrals() -> None:
    school = a_person(an_organisation("school"), "commissioner")
    service = a_service()
    withdrawn = a_referral(service, school)
    withdraw_referral(referral_id=withdrawn.id, portal_url=PORTAL_URL, by=school)
    agreements_in_every_state()
    _pages_and_a_search(school)
    gone = a_service()
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        statement = text("UPDATE standing SET state = 'suspended' WHERE id = :standing")
        session.execute(statement, {"standing": session.get_one(Service, gone.id).standing_id})
        session.execute(text("DELETE FROM search_row WHERE service_id = :service"), {"service": gone.id})
        session.execute(text("SET LOCAL session_replication_role = origin"))


def _pages_and_a_search(school: Actor) -> None:
    """Pages in every state of another council's providers, and somebody's saved search."""
    a_page_sent()
    service, _, published = a_page_sent()
    publish(
        proposal_id=published,
        version=db.session.get_one(Proposal, published).version,
        how="Seen.",
        portal_url=PORTAL_URL,
        by=a_checker(service),
    )
    draft, person = a_service_and_its_person()
    save(person, draft, "prices")
    save_search(name="Mine", address="", criteria=SearchCriteria(clock.today()), alerts=False, by=school)


def _an_opening_that_waits() -> None:
    """Somebody has begun to open the box of a round that has closed."""
    round_id = db.session.scalar(
        text("SELECT min(id) FROM round WHERE state = 'published' AND closes_at <= now()")
    )
    lead = actor_by_email("lead@council.example.org")
    with transaction() as session:
        session.add(BoxOpening(round_id=round_id, begun_at=clock.now(), begun_by_id=lead.person_id))


def _a_meeting_that_runs() -> None:
    """The last meeting of a panel has not ended yet."""
    _unchecked(
        "UPDATE moderation_meeting SET ended_at = NULL, ended_by_id = NULL "
        "WHERE id = (SELECT max(id) FROM moderation_meeting)"
    )


def _a_condition_that_is_met() -> None:
    """A second condition of the first admission on conditions."""
    _unchecked(
        "INSERT INTO admission_condition (decision_id, position, text, due_on, met_at, met_by_id, met_how) "
        "SELECT decision_id, 1000, text, due_on, now(), (SELECT min(id) FROM person), 'Seen.' "
        "FROM admission_condition JOIN decision ON decision.id = decision_id "
        "WHERE decision.state = 'released' ORDER BY admission_condition.id LIMIT 1"
    )


def _a_file_that_failed_elsewhere() -> None:
    """Of the files that failed, one more is about another round."""
    _unchecked(
        "INSERT INTO record_file (round_id, kind, asked_at, asked_by_id, state, failure) "
        "SELECT other.id, kind, asked_at, asked_by_id, record_file.state, failure "
        "FROM record_file JOIN round AS other ON other.id <> round_id "
        "AND other.state IN ('decided', 'released') "
        "WHERE record_file.state = 'failed' ORDER BY record_file.id, other.id DESC LIMIT 1"
    )


def _a_conflict_in_every_round() -> None:
    """A conflict with a tenderer of every round whose box is open, another council's rounds too."""
    _unchecked(
        "INSERT INTO conflict_declaration (application_id, person_id, conflict_kind, conflict, declared_at) "
        "SELECT DISTINCT ON (round_id) application.id, (SELECT min(id) FROM person), 'actual', 'A cousin.', "
        "now() FROM application JOIN round ON round.id = round_id WHERE application.state = 'submitted' "
        "AND round.state IN ('opened', 'marking') ORDER BY round_id, application.id ON CONFLICT DO NOTHING"
    )


def _a_file_for_each_lot() -> None:
    """The last file that a pack asks for is one of each lot, and what was given for it is of the first."""
    _unchecked(
        "UPDATE question SET per_lot = true WHERE id IN (SELECT DISTINCT ON (round_id) id FROM question "
        "WHERE kind = 'file' ORDER BY round_id, position DESC)",
        "UPDATE answer SET lot_id = (SELECT min(lot_id) FROM application_lot "
        "WHERE application_lot.application_id = answer.application_id) FROM question "
        "WHERE question.id = question_id AND per_lot AND kind = 'file'",
    )


def _files_that_may_follow() -> None:
    """Every round lets files follow, and one is on its way to each sealed application."""
    _unchecked(
        "UPDATE round SET late_upload_hours = 24",
        "INSERT INTO upload "
        "(id, organisation_id, place, key, parts_id, filename, size, sha256, started_at, started_by_id) "
        "SELECT gen_random_uuid(), provider_id, concat('application ', application.id, ', promised'), "
        "concat('promised/', application.id), 'none', 'policy.pdf', 1000, repeat('0', 64), now(), "
        "(SELECT min(person_id) FROM membership WHERE organisation_id = provider_id) "
        "FROM application JOIN round ON round.id = round_id "
        "WHERE application.state = 'submitted' AND round.state = 'published'",
    )


def _files_that_wait_for_a_form() -> None:
    """One is on its way to the vault of every provider, and to the papers of every round."""
    columns = "id, organisation_id, place, key, parts_id, filename, size, sha256, started_at, started_by_id"
    file = "'none', 'policy.pdf', 1000, repeat('0', 64), now(), (SELECT min(id) FROM person)"
    _unchecked(
        f"INSERT INTO upload ({columns}) SELECT gen_random_uuid(), id, 'vault', concat('vault/', id), {file} "
        "FROM organisation WHERE kind = 'provider'",
        f"INSERT INTO upload ({columns}) SELECT gen_random_uuid(), council_id, "
        f"concat('papers of round ', round.id), concat('papers/', round.id), {file} "
        "FROM round JOIN framework ON framework.id = framework_id",
    )


def _files_on_their_way() -> None:
    """A file in parts, and a promised one, for the same questions of two providers' drafts."""
    drafts = db.session.execute(
        text(
            "SELECT DISTINCT ON (application.id, per_lot) application.id, email, question.code, "
            "CASE WHEN per_lot THEN lot_id END "
            "FROM application JOIN application_lot ON application_id = application.id "
            "JOIN question ON question.round_id = application.round_id AND question.kind = 'file' "
            "JOIN round ON round.id = application.round_id AND round.state = 'published' "
            "AND closes_at > now() "
            "JOIN membership ON organisation_id = provider_id JOIN person ON person.id = person_id "
            "WHERE application.state = 'draft' AND 'administrator' = ANY(roles) "
            "ORDER BY application.id, per_lot, question.position"
        )
    ).all()
    for application_id, email, code, lot_id in drafts:
        asked = {"application_id": application_id, "code": code, "lot_id": lot_id}
        file = {"filename": "policy.pdf", "size": 1000, "sha256": SHA256}
        begin(**asked, **file, by=actor_by_email(email))
        promise_file(**asked, **file, by=actor_by_email(email))
