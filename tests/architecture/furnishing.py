"""What the council of the page tests holds, and who walks through it."""

import io
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text

from evaluation.assignments.conflict_queries import conflicts_in
from evaluation.assignments.declaration_queries import tenderers_for
from evaluation.assignments.declaration_services import declare_conflict_on_list
from evaluation.assignments.services import declare_conflict
from evaluation.assignments.waiver_services import propose_mitigation
from evaluation.inquiries.services import show, withdraw
from evaluation.reconsiderations.services import approve, return_proposal
from evaluation.reconsiderations.services import withdraw as withdraw_proposal
from evaluation.summaries.services import draft_summaries
from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.member_services import deactivate_person, suspend_member
from portal.accounts.models import Membership, Organisation
from portal.accounts.organisation_services import deactivate, refuse
from portal.accounts.queries import actor_by_email, person_by_email
from portal.call_offs.services import cancel_call_off
from portal.children.queries import identity_for
from portal.clock import today
from portal.competitions.services import abandon, conclude_without_winner
from portal.database import db, transaction
from portal.development.second_steps import enrol_invented
from portal.directory.models import SearchRow, Service
from portal.directory.queries import service_named
from portal.directory.search import SearchCriteria
from portal.finding.services import save_search
from portal.hours.services import open_cases
from portal.mail.services import deliver_waiting
from portal.organisations.models import Invitation, hash_of
from portal.personal_data.services import place_hold
from portal.provision.facts import facts_of
from portal.provision.queries import page_of
from portal.provision.services import save_part, send_for_check
from portal.settings.services import keep_logo
from portal.sign_in.keeping import Kept, keep
from portal.sign_in.models import Passkey
from tender.applications.services import withdraw_application
from tender.clarifications.corrections import correct, publish_own
from tender.clarifications.services import leave
from tender.frameworks.models import Round
from tender.frameworks.opening_services import open_box
from tender.frameworks.withdrawal_services import decide_withdrawal, propose_withdrawal
from tender.packs.transfer import exported
from tender.packs.transfer_services import stage_import
from tests.architecture.places import INVITATION_TOKEN
from tests.architecture.world import ADMITTED, HALF_IN, World
from tests.factories.accounts import (
    a_person,
    a_provider_person,
    a_school_person,
    an_unchecked_organisation,
)
from tests.factories.agreements import agreements_in_every_state
from tests.factories.applications import a_complete_draft, a_submitted_application
from tests.factories.blocks import a_block, an_agreed_block
from tests.factories.call_offs import choose
from tests.factories.children import a_child_file, a_choice, a_named_choice, a_upn, cancel
from tests.factories.clarifications import a_published_question, a_question, a_round_with_questions
from tests.factories.commissioning import PORTAL_URL, a_referral, accept
from tests.factories.competitions import a_race, awarded, marked, opened
from tests.factories.documents import a_round_document
from tests.factories.evaluation import Evaluation, an_approver, an_opened_evaluation
from tests.factories.frameworks import (
    a_closed_round,
    a_draft_round,
    a_procurement_lead,
    a_published_round,
    lot_ids,
)
from tests.factories.hours import a_child, closed, hours_agreed
from tests.factories.inquiries import an_answered_inquiry, an_inquiry
from tests.factories.organisations import a_request, an_invitation, somebody_without_organisation
from tests.factories.outcomes import (
    a_computed_evaluation,
    a_decided_evaluation,
    a_recommended_evaluation,
    a_released_evaluation,
    confirm_drafts,
    offer_summaries,
)
from tests.factories.reconsiderations import a_challenge, a_proposal
from tests.factories.standings import a_document, a_stood, asks_for, changed
from tests.live_server import Site
from tests.storage import corpus


def furnish(site: Site, size: int) -> World:
    """Add to a demonstration what it lacks, with `size` tenders a round, and name somebody for every role."""
    with site.app.app_context():
        council = _one("SELECT id FROM organisation WHERE kind = 'council'")
        people = _demonstrations_people()
        a_round_document(a_draft_round())
        closed = a_closed_round()
        for _ in range(size):
            a_submitted_application(closed, lot_ids(closed)[:1])
        _withdraw_rounds(size)
        opened = an_opened_evaluation(tenders=size)
        _ask_tenderers(opened)
        _declare_conflicts(opened)
        # The first of several prices is so low that a person has to look at it.
        computed = a_computed_evaluation(({},) * size, prices=["30", *["100"] * (size - 1)])
        draft_summaries(round_id=computed.round_id, by=computed.lead)
        confirm_drafts(computed, tenders=1)
        declare_conflict(
            assignment_id=computed.assignment().id, conflict="I taught there.", by=computed.evaluators[0]
        )
        recommended = a_recommended_evaluation(({},) * size)
        offer_summaries(recommended)
        a_decided_evaluation(({},) * size)
        _decide_anew(size)
        _ask_for_records()
        _practise_and_release()
        _keep_pages_and_searches(people)
        _keep_a_standing()
        _add_up_hours(people)
        _choose_and_cancel(people)
        _compete(people)
        _buy_in_advance(people)
        _agree_on_placements(people)
        people |= _newcomers(council)
        people |= _organisations()
        _keep_a_form_and_a_passkey(new=people["new provider"])
        _name_children(people)
        _give_everything_to(council)
        _declare_before_reading()
        _put_a_document_into_a_scored_answer()
        _let_packs_wait()
        deliver_waiting(site.app.config["PORTAL"], by=THE_PORTAL, most=2)
    return World(site, people)


def _withdraw_rounds(size: int) -> None:
    """A round that was withdrawn with its tenders, one that was ended after its opening, one whose withdrawal
    waits, and what can be corrected."""
    lead = a_procurement_lead()
    gone, asked = a_published_round(lead=lead), a_round_with_questions(lead)
    ended = a_closed_round(lead=lead)
    for _ in range(size):
        a_submitted_application(gone, lot_ids(gone)[:1])
        a_submitted_application(ended, lot_ids(ended)[:1])
    open_box(by=lead, round_id=ended.id)
    approver = a_person(db.session.get_one(Organisation, lead.organisation_id), "approver")
    for subject in (gone, ended, asked):
        proposal = propose_withdrawal(by=lead, round_id=subject.id, reason="No money was found.")
        if subject is not asked:
            told = {"withdrawal_id": proposal, "approved": True, "portal_url": PORTAL_URL}
            decide_withdrawal(by=approver, round_id=subject.id, **told)
    corrected = a_published_question(asked, lead)
    words = {"text": "Is lunch part of the price?", "answer": "Yes, after all.", "reason": "We misread it."}
    correct(clarification_id=corrected, seen=1, portal_url=PORTAL_URL, by=lead, **words)
    publish_own(round_id=asked.id, text="Parking", answer="There is none.", portal_url=PORTAL_URL, by=lead)
    late = a_question(asked)
    with clock.staged_at(asked.closes_at + timedelta(hours=1)):
        leave(clarification_id=late, reason="It came too late.", portal_url=PORTAL_URL, by=lead)


def _demonstrations_people() -> dict[str, str]:
    """Who of the demonstration has which role."""
    provider = """
      SELECT email FROM person JOIN membership ON person_id = person.id
      JOIN application ON provider_id = organisation_id JOIN round ON round.id = round_id
      WHERE closes_at > now() AND round.state = 'published' AND application.state = '{}'
      ORDER BY person.id LIMIT 1
    """
    return {
        "provider with a draft": _one(provider.format("draft")),
        "provider admitted": ADMITTED,
        "another provider": _one(provider.format("submitted")),
        "procurement lead": "lead@council.example.org",
        "evaluator": "evaluator1@council.example.org",
        "evaluator with a conflict": "evaluator3@council.example.org",
        "moderator": "moderator@council.example.org",
        "approver": "approver@council.example.org",
        "auditor": "auditor@council.example.org",
        "council administrator": "admin@council.example.org",
        "quality officer": "quality@council.example.org",
        "waiting provider": "tramline-repair-shed@example.org",
        "safeguarding lead": "safeguarding@school.example.org",
        "trust": "ship-canal-learning@example.org",
        "school": _one(
            "SELECT email FROM person JOIN membership ON person_id = person.id "
            "JOIN referral ON school_id = organisation_id ORDER BY referral.id LIMIT 1"
        ),
    }


def _ask_for_records() -> None:
    """A file about the round that is decided, in every state; nothing is made."""
    with transaction() as session:
        session.execute(
            text(
                """
                INSERT INTO record_file
                  (round_id, kind, purpose, state, asked_at, asked_by_id, step, done, steps, key, size,
                   sha256, ready_at, failure)
                SELECT round.id, wanted.kind, 'A claim.', wanted.state, now(), round.decided_by_id,
                       'Individual marks', 2, 9,
                       CASE WHEN wanted.state = 'ready' THEN 'records/' || round.id END,
                       CASE WHEN wanted.made THEN 12345 END,
                       CASE WHEN wanted.made THEN repeat('0', 64) END,
                       CASE WHEN wanted.made THEN now() END,
                       CASE WHEN wanted.state = 'failed' THEN 'The store did not answer.' ELSE '' END
                FROM round CROSS JOIN LATERAL (
                  VALUES ('workbook', 'waiting', false), ('disclosure', 'building', false),
                         ('disclosure', 'ready', true), ('ledger', 'failed', false),
                         ('ledger', 'removed', true)
                ) AS wanted (kind, state, made)
                WHERE round.state = 'decided'
                """
            )
        )


def _practise_and_release() -> None:
    """Of what is decided the panel had practised on one question, and read the files that some looked at."""
    decided = "round.state IN ('decided', 'released')"
    anybody = "(SELECT min(id) FROM person)"
    with transaction() as session:
        for statement in (
            f"""
            INSERT INTO practice_answer (round_id, question_id, text, written_at, written_by_id)
            SELECT DISTINCT ON (round.id) round.id, question.id, 'We ring home.', now(), {anybody}
            FROM round JOIN question ON question.round_id = round.id
            WHERE {decided} AND judged_as = 'scored' ORDER BY round.id, question.position
            """,
            f"""
            INSERT INTO practice_lock (round_id, evaluator_id, locked_at)
            SELECT round.id, person_id, now() FROM round JOIN panel_member ON round_id = round.id
            WHERE {decided} AND role = 'evaluator'
            """,
            f"""
            INSERT INTO apart_section
              (round_id, section, set_at, set_by_id, released_at, released_by_id, release_reason)
            SELECT DISTINCT round.id, question.section, now(), {anybody}, now(), {anybody}, 'All have marked.'
            FROM round JOIN question ON question.round_id = round.id
            WHERE {decided} AND kind = 'file' AND judged_as <> 'scored'
            """,
        ):
            session.execute(text(statement))


def _keep_pages_and_searches(people: Mapping[str, str]) -> None:
    """Of the admitted provider one page waits for the council and another is changed, in its own words too;
    a school's search."""
    provider = actor_by_email(people["provider admitted"])
    wanted = {"price_per_day": Decimal(99), "price_half_day": None, "price_hour": None, "price_includes": []}
    mine = db.session.scalars(
        select(Service.id).where(Service.provider_id == provider.organisation_id).order_by(Service.id)
    ).all()
    for service_id in mine[:2]:
        seen = page_of(provider, service_id).seen
        save_part(service_id=service_id, part="prices", values=wanted, seen=seen, by=provider)
    about = facts_of(service_named(mine[0]), (), "about") | {"title": "Cookery for all"}
    seen = page_of(provider, mine[0]).seen
    save_part(service_id=mine[0], part="about", values=about, seen=seen, by=provider)
    send_for_check(service_id=mine[0], portal_url="https://portal.example.org", by=provider)
    save_search(
        name="Cookery nearby",
        address="words=cookery",
        criteria=SearchCriteria(today(), words="cookery"),
        alerts=True,
        by=actor_by_email(people["school"]),
    )


def _keep_a_standing() -> None:
    """A provider with a document to check, whose time to answer a proposed removal is over."""
    stood = a_stood()
    asks_for(stood, "public_liability")
    a_document(stood)
    with clock.staged_at(clock.now() - timedelta(days=20)):
        changed(stood, "remove")


def _add_up_hours(people: Mapping[str, str]) -> None:
    """Children whose hours meet the registration test at two providers: one case is open, one closed."""
    school = actor_by_email(people["school"])
    found = text(
        "SELECT DISTINCT ON (provider_id) id FROM service JOIN search_row ON service_id = service.id"
        " WHERE NOT registered_school ORDER BY provider_id, id LIMIT 2"
    )
    for service_id in db.session.scalars(found).all():
        child = a_child(school, has_ehcp=True)
        hours_agreed(db.session.get_one(Service, service_id), school, child=child)
    open_cases(by=THE_PORTAL)
    case_id = _one("SELECT max(id) FROM registration_case")
    officer = actor_by_email(people["quality officer"])
    closed(case_id, officer, note="The hours end in July.")


def _choose_and_cancel(people: Mapping[str, str]) -> None:
    """The school of the walk has chosen the admitted provider for one child, and chosen and let go for
    another; a third offer waits to be chosen or taken back."""
    school, provider = actor_by_email(people["school"]), actor_by_email(people["provider admitted"])
    service, _ = _own_place(provider)
    asked = [a_referral(service, school) for _ in range(3)]
    for referral in asked:
        accept(referral, provider)
    choose(asked[0], school)
    cancelled = choose(asked[1], school)
    cancel_call_off(
        call_off_id=cancelled.id, reason="The family has moved.", portal_url=PORTAL_URL, by=school
    )


def _compete(people: Mapping[str, str]) -> None:
    """A mini-competition in every state, of the school of the walk and with its admitted provider."""
    school, provider = actor_by_email(people["school"]), actor_by_email(people["provider admitted"])
    for number, step in enumerate(("run", "open", "award", "nobody", "abandon")):
        race = a_race(answers=number and 2, school=school, first=_own_place(provider))
        if step == "abandon":
            abandon(
                competition_id=race.competition.id,
                reason="The family has moved.",
                portal_url=PORTAL_URL,
                by=school,
            )
        elif number:
            opened(race)
        if step == "award":
            for place in (0, 1):
                marked(race, place)
            awarded(race)
        if step == "nobody":
            for place in (0, 1):
                marked(race, place, fit=1)
            conclude_without_winner(competition_id=race.competition.id, portal_url=PORTAL_URL, by=school)


def _buy_in_advance(people: Mapping[str, str]) -> None:
    """Of the admitted provider the school has bought places and proposes to buy more, as the council does."""
    school, provider = actor_by_email(people["school"]), actor_by_email(people["provider admitted"])
    service, _ = _own_place(provider)
    an_agreed_block(service, school, provider, places=9)
    for buyer in (school, actor_by_email(people["procurement lead"])):
        a_block(service, buyer)


def _own_place(provider: Actor) -> tuple[Service, Actor]:
    """A service of a provider that can be found, and who answers for it."""
    service = db.session.scalars(
        select(Service)
        .join(SearchRow, SearchRow.service_id == Service.id)
        .where(Service.provider_id == provider.organisation_id)
        .order_by(Service.id)
    ).first()
    assert service
    return service, provider


def _agree_on_placements(people: Mapping[str, str]) -> None:
    """Agreements in every state between the school and the admitted provider."""
    school, provider = actor_by_email(people["school"]), actor_by_email(people["provider admitted"])
    service, _ = _own_place(provider)
    agreements_in_every_state(service=service, provider=provider, school=school)


def _newcomers(council: int) -> dict[str, str]:
    """People before whom nothing lies yet, one whose tender lacks nothing, and their editor."""
    open_round = db.session.get_one(
        Round,
        _one("SELECT id FROM round WHERE state = 'published' AND closes_at > now() AND NOT always_open"),
    )
    ready, new, school = a_provider_person(), a_provider_person(), a_school_person()
    a_complete_draft(open_round, ready, lot_ids(open_round)[:1])
    admitted = actor_by_email(ADMITTED)
    withdrawn = a_submitted_application(open_round, lot_ids(open_round)[:1], admitted, certified=True)
    withdraw_application(application_id=withdrawn, by=admitted)
    editor = a_person(db.session.get_one(Organisation, ready.organisation_id), "editor")
    evaluator = a_person(db.session.get_one(Organisation, council), "evaluator")
    return {
        "provider ready to submit": ready.email,
        "provider's editor": editor.email,
        "new provider": new.email,
        "new school": school.email,
        "new evaluator": evaluator.email,
        HALF_IN: a_person(db.session.get_one(Organisation, council), "evaluator").email,
    }


def _organisations() -> dict[str, str]:
    """Organisations in every standing, their people on the way in and out, and a logo."""
    administrator, admitted = actor_by_email("admin@council.example.org"), actor_by_email(ADMITTED)
    refused = a_person(an_unchecked_organisation(), "administrator")
    refuse(organisation_id=refused.organisation_id or 0, reason="No such number.", by=administrator)
    closed = a_school_person()
    deactivate(organisation_id=closed.organisation_id or 0, reason="It has closed.", by=administrator)
    nobodys = somebody_without_organisation("nobodys.member@example.org")
    an_invitation(admitted, nobodys.email)
    invitation, _ = an_invitation(admitted, "invited.newcomer@example.org")
    a_request(nobodys, refused.organisation_id or 0)
    colleague = a_person(db.session.get_one(Organisation, admitted.organisation_id), "editor")
    gone = somebody_without_organisation("gone@example.org")
    deactivate_person(person_id=gone.person_id or 0, by=administrator)
    with transaction() as session:
        suspended = select(Membership).where(Membership.person_id == colleague.person_id)
        suspend_member(membership_id=session.scalars(suspended).one().id, by=admitted)
        session.get_one(Invitation, invitation.id).token_hash = hash_of(INVITATION_TOKEN)
    keep_logo(png=corpus.png(), by=administrator)
    place_hold(subject_type="person", named=gone.email, reason="A claim.", by=administrator)
    return {
        "refused provider": refused.email,
        "deactivated school": closed.email,
        "nobody's member": nobodys.email,
    }


def _ask_tenderers(opened: Evaluation) -> None:
    """Questions of the council to a tenderer in every state."""
    withdraw(inquiry_id=an_inquiry(opened), because="The plan says it.", by=opened.lead)
    show(inquiry_id=an_answered_inquiry(opened), by=opened.lead)
    an_answered_inquiry(opened)
    an_inquiry(opened)


def _declare_conflicts(opened: Evaluation) -> None:
    """Two approvers with a conflict each: about one of them a mitigation waits."""
    for proposed in (False, True):
        approver = opened.person("approver")
        listed = tenderers_for(approver, opened.round_id)
        declare_conflict_on_list(
            round_id=opened.round_id, place=0, kind="perceived", conflict="A neighbour works there.",
            seen=listed.seen, by=approver,
        )  # fmt: skip
        if proposed:
            newest = conflicts_in(opened.round_id)[0]["declaration_id"]
            propose_mitigation(declaration_id=newest, mitigation="Somebody reads along.", by=opened.lead)


def _declare_before_reading() -> None:
    """The demonstration's lead, moderator and approver have no conflict with any tenderer; the moderator has
    still to declare on those of the rounds whose box has just been opened."""
    declared = """
      INSERT INTO conflict_declaration (application_id, person_id, declared_at)
      SELECT application.id, person.id, now()
      FROM application JOIN round ON round.id = round_id
      JOIN person ON person.email IN
        ('lead@council.example.org', 'moderator@council.example.org', 'approver@council.example.org')
      WHERE application.state = 'submitted' AND round.state NOT IN ('draft', 'published', 'withdrawn')
        AND NOT (round.state = 'opened' AND person.email LIKE 'moderator%')
      ON CONFLICT DO NOTHING
    """
    with transaction() as session:
        session.execute(text(declared))


def _decide_anew(size: int) -> None:
    """A released round with a challenge that was upheld, and proposals of new decisions in every state; and a
    claim that was answered and of which nothing is found yet."""
    released = a_released_evaluation(({"safeguarding": 2}, *[{}] * (size - 1)))
    challenge_id = a_challenge(released)
    approver = an_approver(released)
    lost = {"challenge_id": challenge_id, "outcome": "not_admit"}
    approve(reconsideration_id=a_proposal(released, 0, challenge_id=challenge_id), by=approver)
    return_proposal(reconsideration_id=a_proposal(released, 1, **lost), reason="Say which mark.", by=approver)
    withdraw_proposal(reconsideration_id=a_proposal(released, 1, **lost), by=released.lead)
    a_proposal(released, 1, **lost)
    a_challenge(released, None, kind="claim", answer="Our solicitors have answered.")
    a_challenge(a_released_evaluation(({},)))


def _keep_a_form_and_a_passkey(*, new: str) -> None:
    """A form that was sent too late, and a passkey, of a provider who has nothing else yet."""
    with transaction() as session:
        person = person_by_email(new)
        assert person
        sent = Kept("/opportunities/1/apply", "/opportunities/1", [("note", "A sentence of some length.")])
        keep(uniquifier=person.fs_uniquifier, sent=sent)
        key = {"credential_id": b"1", "public_key": b"1", "sign_count": 0, "transports": [], "verifies": True}
        session.add(Passkey(person_id=person.id, name="A phone", added_at=clock.now(), **key))
    enrol_invented(actor_by_email(new))  # nothing here can hold a passkey, so they sign in by a code


def _one(statement: str) -> Any:
    return db.session.scalar(text(statement))


def _give_everything_to(council: int) -> None:
    """Put the factories' frameworks, and the people who work on them, under one council's roof."""
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in (
            "UPDATE membership SET organisation_id = :council FROM organisation AS other "
            "WHERE other.id = organisation_id AND other.kind = 'council'",
            "UPDATE framework SET council_id = :council",
        ):
            session.execute(text(statement), {"council": council})


def _let_packs_wait() -> None:
    """Beside every draft a pack that its lead has uploaded and not taken over yet."""
    lead = actor_by_email("lead@council.example.org")
    for draft_id in db.session.scalars(text("SELECT id FROM round WHERE state = 'draft'")).all():
        name, content = exported(lead, draft_id)
        stage_import(by=lead, round_id=draft_id, stream=io.BytesIO(content.encode()), filename=name)


def _name_children(people: Mapping[str, str]) -> None:
    """Choices of the school for the admitted provider: of one nobody has said who the child is, one stands,
    one is cancelled."""
    school, provider = actor_by_email(people["school"]), actor_by_email(people["provider admitted"])
    service = db.session.scalars(
        select(Service)
        .join(SearchRow, SearchRow.service_id == Service.id)
        .where(Service.provider_id == provider.organisation_id)
        .order_by(Service.id)
        .limit(1)
    ).one()
    offered = (service, provider)
    a_choice(school, offered)
    named, cancelled = a_named_choice(school, offered), a_named_choice(school, offered, upn=a_upn(2))
    for chosen in (named, cancelled):
        a_child_file(chosen)
        identity_for(provider, chosen.call_off_id)
    cancel(cancelled)


def _put_a_document_into_a_scored_answer() -> None:
    """Move a document of each tender being marked: the default pack scores none, a council's own pack may."""
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text(
                """
                UPDATE answer_file SET answer_id = chosen.scored_id FROM (
                  SELECT DISTINCT ON (scored.application_id)
                    scored.id AS scored_id, answer.id AS answer_id, document_id
                  FROM answer AS scored
                  JOIN question ON question.id = scored.question_id AND judged_as = 'scored'
                  JOIN answer ON answer.application_id = scored.application_id
                  JOIN answer_file ON answer_file.answer_id = answer.id
                  JOIN round ON round.id = question.round_id AND round.state = 'marking'
                  ORDER BY scored.application_id, scored.id, document_id
                ) AS chosen
                WHERE answer_file.answer_id = chosen.answer_id
                  AND answer_file.document_id = chosen.document_id
                """
            )
        )
