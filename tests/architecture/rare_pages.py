"""Pages that no address alone leads to: answers to a form, and states that last a moment."""

import io
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib.resources import files
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from evaluation.assignments.queries import assignment_for
from evaluation.scoring.queries import answers_to_mark
from evaluation.scoring.services import record_mark
from portal import clock
from portal.accounts.queries import actor_by_email
from portal.clock import today
from portal.database import db, transaction
from tender.applications.answer_services import save_answer
from tender.applications.promise_services import promise_file
from tender.applications.queries import own_item_for
from tender.frameworks.models import BoxOpening, Round, Scale, ScaleBand
from tests.architecture.world import World, token_in
from tests.factories.documents import a_round_document

NOTICE = "manchester-tc1108-round-4.json"
NEED = "Finds large groups hard, and works well beside one adult whom they know."


def _address(world: World, role: str, endpoint: str, label: str) -> str:
    return next(
        visit.address
        for visit in world.visits
        if (visit.role, visit.endpoint) == (role, endpoint) and visit.label.startswith(label)
    )


def _now(world: World, *statements: str) -> None:
    with world.app.app_context(), transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            session.execute(text(statement))
        session.execute(text("SET LOCAL session_replication_role = origin"))


def notice_to_confirm(world: World, client: FlaskClient) -> str:
    """What was read from an uploaded notice."""
    token = token_in(client.get("/frameworks/new").get_data(as_text=True))
    notice = files("portal.development").joinpath("notices", NOTICE).read_bytes()
    file = (io.BytesIO(notice), NOTICE)
    return client.post("/frameworks/new", data={"csrf_token": token, "file": file}).get_data(as_text=True)


def referral_to_check(world: World, client: FlaskClient) -> str:
    """What a provider will see of a referral."""
    address = _address(world, "school", "commissioning.refer", "other admitted")
    start = today() + timedelta(days=14)
    typed: dict[str, Any] = {
        "year_group": "9",
        "days_a_week": "2",
        "ehc_plan": "no",
        "need_summary": NEED,
        "strengths": NEED,
    }
    typed |= {f"start_wanted_on-{part}": getattr(start, part) for part in ("day", "month", "year")}
    token = token_in(client.get(address).get_data(as_text=True))
    return client.post(address, data={**typed, "csrf_token": token}).get_data(as_text=True)


def purchase_to_check(world: World, client: FlaskClient) -> str:
    """What a block purchase costs altogether."""
    address = _address(world, "school", "blocks.new", "other admitted")
    typed: dict[str, Any] = {
        "places": "2",
        "sessions": ["mon_am"],
        "price": "80",
        "unit": "day",
        "reason": NEED,
    }
    for name, day in (("starts_on", today()), ("ends_on", today() + timedelta(days=60))):
        typed |= {f"{name}-{part}": getattr(day, part) for part in ("day", "month", "year")}
    token = token_in(client.get(address).get_data(as_text=True))
    return client.post(address, data={**typed, "csrf_token": token}).get_data(as_text=True)


def results_to_compute(world: World, client: FlaskClient) -> str:
    """The results of a round that has none yet."""
    _now(world, "DELETE FROM result", "DELETE FROM evaluator_total", "DELETE FROM computation")
    address = _address(world, "procurement lead", "outcomes.results", "computed")
    return client.get(address).get_data(as_text=True)


def letters_to_write(world: World, client: FlaskClient) -> str:
    """The letters of a round in which one could not be written."""
    address = _address(world, "procurement lead", "release.letters", "decided")
    _now(world, "DELETE FROM letter WHERE id = (SELECT max(id) FROM letter WHERE state = 'held')")
    return client.get(address).get_data(as_text=True)


def letters_about_to_go(world: World, client: FlaskClient) -> str:
    """The letters of a round while the window runs in which their release can be cancelled."""
    address = _address(world, "procurement lead", "release.letters", "decided")
    round_id = address.split("/")[2]
    _now(
        world,
        "INSERT INTO outcome_release"
        " (round_id, state, window_minutes, standstill_days, staged_at, staged_by_id, goes_at)"
        f" SELECT id, 'waiting', 30, 8, now(), decided_by_id, now() + interval '30 minutes' FROM round"
        f" WHERE id = {round_id}",
    )
    return client.get(address).get_data(as_text=True)


def notice_to_note(world: World, client: FlaskClient) -> str:
    """The letters of a released round whose standstill begins with an award notice that nobody has noted."""
    address = _address(world, "procurement lead", "release.letters", "released")
    round_id = address.split("/")[2]
    _now(
        world,
        "UPDATE outcome_release SET standstill_days = 8, admits_after = NULL"
        f" WHERE round_id = {round_id} AND state = 'sent'",
    )
    return client.get(address).get_data(as_text=True)


def checks_all_decided(world: World, client: FlaskClient) -> str:
    """The conditions of a round whose box is open, every one of them decided."""
    _now(world, "UPDATE conformity_check SET result = 'pass', rule_result = 'pass' WHERE result = 'refer'")
    address = _address(world, "procurement lead", "conformity.show", "opened")
    return client.get(address).get_data(as_text=True)


def conflict_to_mitigate(world: World, client: FlaskClient) -> str:
    """A declared conflict against which nothing is proposed yet."""
    _now(world, "DELETE FROM conflict_waiver")
    address = _address(world, "procurement lead", "waivers.show", "marking conflicted")
    return client.get(address).get_data(as_text=True)


def tenders_to_hand_out(world: World, client: FlaskClient) -> str:
    """A proposal that gives an evaluator something."""
    _now(world, "DELETE FROM assignment WHERE state = 'declined'")
    address = _address(world, "procurement lead", "panels.proposal", "marking")
    return client.get(address).get_data(as_text=True)


def section_to_release(world: World, client: FlaskClient) -> str:
    """A section that is marked apart and withheld."""
    address = _address(world, "procurement lead", "apart.show", "marking")
    _now(
        world,
        "INSERT INTO apart_section (round_id, section, set_at, set_by_id) "
        f"VALUES ({_number_in(address)}, 'safety', now(), (SELECT min(id) FROM person))",
    )
    return client.get(address).get_data(as_text=True)


def competition_to_open(world: World, client: FlaskClient) -> str:
    """A mini-competition after its close."""
    address = _address(world, "school", "competitions.show", "own running")
    _now(
        world,
        "UPDATE competition SET started_at = now() - interval '50 hours',"
        " closes_at = now() - interval '1 hour'"
        f" WHERE id = {_number_in(address)}",
    )
    return client.get(address).get_data(as_text=True)


def competition_to_conclude(world: World, client: FlaskClient) -> str:
    """A mini-competition whose answers are all marked."""
    address = _address(world, "school", "competitions.show", "own opened")
    _now(
        world,
        "INSERT INTO competition_mark (entry_id, criterion, points, reason, marked_at, marked_by_id)"
        " SELECT entry.id, criterion, 4, 'It says how.', now(), (SELECT min(id) FROM person)"
        " FROM competition_entry AS entry CROSS JOIN unnest(ARRAY['fit', 'travel']) AS criterion"
        f" WHERE competition_id = {_number_in(address)} ON CONFLICT DO NOTHING",
    )
    return client.get(address).get_data(as_text=True)


def competition_that_nobody_won(world: World, client: FlaskClient) -> str:
    """A mini-competition whose answers are all marked, below the minimum."""
    competition_to_conclude(world, client)
    address = _address(world, "school", "competitions.show", "own opened")
    _now(
        world,
        "UPDATE competition_mark SET points = 1 FROM competition_entry AS entry"
        f" WHERE entry.id = entry_id AND competition_id = {_number_in(address)}",
    )
    return client.get(address).get_data(as_text=True)


def practice_to_write(world: World, client: FlaskClient) -> str:
    """The practice answer to a scored question, before a tender is handed out."""
    address = _address(world, "procurement lead", "practice.show", "opened")
    return client.get(f"{address}/safeguarding").get_data(as_text=True)


def practice_to_mark(world: World, client: FlaskClient) -> str:
    """A practice answer beside the scale."""
    return client.get(f"{_practice(world)}/safeguarding").get_data(as_text=True)


def practice_to_lock(world: World, client: FlaskClient) -> str:
    """An evaluator's practice, all of it marked."""
    address = _practice(world)
    _now(
        world,
        "INSERT INTO practice_mark"
        " (practice_answer_id, evaluator_id, question_id, scale_id, points, reason, marked_at)"
        " SELECT practice_answer.id, person.id, question.id, question.scale_id, 3, 'It rings home.', now()"
        " FROM practice_answer JOIN question ON question.id = question_id CROSS JOIN person"
        f" WHERE email = '{world.people['evaluator']}' AND practice_answer.round_id = {_number_in(address)}",
    )
    return client.get(address).get_data(as_text=True)


def _practice(world: World) -> str:
    """The address of an evaluator's practice, of which there is some from now on."""
    panel = _address(world, "procurement lead", "practice.show", "marking")
    _now(
        world,
        "INSERT INTO practice_answer (round_id, question_id, text, written_at, written_by_id) "
        "SELECT round_id, id, 'We ring home.', now(), (SELECT min(id) FROM person) FROM question "
        f"WHERE round_id = {_number_in(panel)} AND code = 'safeguarding'",
    )
    return f"/marking/practice/{_number_in(panel)}"


def _number_in(address: str) -> str:
    return re.findall(r"\d+", address)[0]


def answer_to_report(world: World, client: FlaskClient) -> str:
    """An answer to mark in a round whose names are hidden."""
    address = _address(world, "evaluator", "scoring.show", "marking accepted own")
    own = address.rpartition("/")[2]
    of_round = (
        "(SELECT round_id FROM application JOIN assignment ON application_id = application.id"
        f" WHERE assignment.id = {own})"
    )
    _now(
        world,
        f"UPDATE round SET names_hidden = true WHERE id = {of_round}",
        "INSERT INTO tender_code (application_id, round_id, code)"
        f" SELECT id, round_id, 'K' || (id % 1000 + 1) FROM application WHERE round_id = {of_round}",
    )
    shown = client.get(address).get_data(as_text=True)
    answer = re.findall(rf'href="({address}/answers/\d+)"', shown)[0]
    return client.get(answer).get_data(as_text=True)


def marks_to_lock(world: World, client: FlaskClient) -> str:
    """A tender of which everything is marked."""
    address = _address(world, "evaluator", "scoring.show", "marking accepted own")
    with world.app.app_context():
        evaluator = actor_by_email(world.people["evaluator"])
        assignment = assignment_for(evaluator, int(address.rpartition("/")[2]))
        for answer in answers_to_mark(assignment):
            if answer["points"] is None:
                record_mark(
                    assignment_id=assignment["id"],
                    answer_id=answer["answer_id"],
                    points=3,
                    reason="It names who does it, how often, and what came of it.",
                    version=0,
                    by=evaluator,
                )
        db.session.remove()
    return client.get(address).get_data(as_text=True)


def _page_of_a_letters_link(world: World, client: FlaskClient, form_at: str, person: str) -> str:
    """Ask at `form_at` for a letter to this person, and follow the link in it."""
    token = token_in(client.get(form_at).get_data(as_text=True))
    client.post(form_at, data={"email": world.people[person], "csrf_token": token})
    with world.app.app_context():
        body = db.session.execute(text("SELECT body FROM letter ORDER BY id DESC LIMIT 1")).scalar_one()
        db.session.remove()
    link = re.search(r"https?://[^/]+(/\S+)", body)
    assert link, body
    return client.get(link[1]).get_data(as_text=True)


def password_to_choose(world: World, client: FlaskClient) -> str:
    """Where the link of the letter about a lost password leads."""
    return _page_of_a_letters_link(world, client, "/reset-password", "school")


def address_to_confirm(world: World, client: FlaskClient) -> str:
    """Where the link of the letter to a new address leads."""
    _now(world, f"UPDATE person SET confirmed_at = NULL WHERE email = '{world.people['school']}'")
    return _page_of_a_letters_link(world, client, "/confirm-email/again", "school")


def opening_to_confirm(world: World, client: FlaskClient) -> str:
    """A closed round whose tender box somebody else has just begun to open."""
    address = _address(world, "approver", "rounds.show", "closed")
    with world.app.app_context():
        lead = actor_by_email(world.people["procurement lead"])
        opening = BoxOpening(
            round_id=int(address.rpartition("/")[2]), begun_at=clock.now(), begun_by_id=lead.person_id
        )
        with transaction() as session:
            session.add(opening)
        db.session.remove()
    return client.get(address).get_data(as_text=True)


def document_to_remove(world: World, client: FlaskClient) -> str:
    """A draft round with a document, which may still go."""
    address = _address(world, "procurement lead", "rounds.show", "draft")
    with world.app.app_context():
        lead = actor_by_email(world.people["procurement lead"])
        draft = db.session.get_one(Round, int(address.rpartition("/")[2]))
        a_round_document(draft, lead)
        db.session.remove()
    return client.get(f"{address}/documents").get_data(as_text=True)


def _draft_round(world: World) -> str:
    """The address of the lead's draft round."""
    return _address(world, "procurement lead", "rounds.show", "draft")


def withdrawal_to_decide(world: World, client: FlaskClient) -> str:
    """An open round whose withdrawal is proposed."""
    address = _address(world, "procurement lead", "rounds.show", "open")
    _now(
        world,
        "INSERT INTO round_withdrawal (round_id, reason, proposed_at, proposed_by_id)"
        " SELECT id, 'No money was found.', now(), published_by_id FROM round"
        f" WHERE id = {_number_in(address)}",
    )
    return client.get(f"{address}/withdrawal").get_data(as_text=True)


def question_without_an_answer(world: World, client: FlaskClient) -> str:
    """A question to a closed round that nobody answered in time."""
    closed = _number_in(_address(world, "procurement lead", "rounds.show", "closed"))
    _now(
        world,
        "INSERT INTO clarification (round_id, organisation_id, asked_by_id, asked_at, text, state)"
        " SELECT round.id, organisation.id, membership.person_id, round.closes_at, 'Too late?', 'waiting'"
        " FROM round, membership JOIN organisation ON organisation.id = membership.organisation_id"
        f" WHERE round.id = {closed} AND organisation.kind = 'provider' LIMIT 1",
    )
    listed = client.get(f"/rounds/{closed}/questions").get_data(as_text=True)
    asked = re.search(r"/clarifications/\d+", listed)
    assert asked, listed
    return client.get(asked.group()).get_data(as_text=True)


def section_to_remove(world: World, client: FlaskClient) -> str:
    """A draft's pack with a section in which nothing is asked yet."""
    address = _draft_round(world)
    empty = '[{"code": "more", "title": "More", "introduction": ""}]'
    _now(world, f"UPDATE round SET sections = sections || '{empty}' WHERE id = {address.rpartition('/')[2]}")
    return client.get(f"{address}/pack").get_data(as_text=True)


def scale_to_remove(world: World, client: FlaskClient) -> str:
    """A scale of a draft's pack on which nothing is marked."""
    address = _draft_round(world)
    round_id = int(address.rpartition("/")[2])
    with world.app.app_context(), transaction() as session:
        scale = Scale(round_id=round_id, name="Unused", highest=1)
        session.add(scale)
        session.flush()
        session.add_all(
            ScaleBand(scale_id=scale.id, points=points, label=f"{points}", descriptor="As it is.")
            for points in (0, 1)
        )
        shown = f"{address}/pack/scales/{scale.id}"
    return client.get(shown).get_data(as_text=True)


def _own_answer(world: World, kind: str) -> tuple[str, int, str]:
    """A question of this kind of the draft's provider: its page, the application's id and its code."""
    address = next(
        visit.address
        for visit in world.visits
        if (visit.role, visit.endpoint) == ("provider with a draft", "answers.show")
        and visit.label == f"own t {kind}"
        and visit.is_page
        and "/lots/" not in visit.address
    )
    return address, int(address.split("/")[2]), address.rpartition("/")[2]


def promise_to_take_back(world: World, client: FlaskClient) -> str:
    """A file question for which a file is promised."""
    address, application_id, code = _own_answer(world, "file")
    with world.app.app_context():
        promise_file(
            application_id=application_id,
            code=code,
            filename="policy.pdf",
            size=1000,
            sha256="0" * 64,
            by=actor_by_email(world.people["provider with a draft"]),
        )
        db.session.remove()
    return client.get(address).get_data(as_text=True)


def meeting_that_runs(world: World, client: FlaskClient) -> str:
    """A moderation meeting that has begun and not ended."""
    address = _address(world, "moderator", "meetings.index", "marking")
    page = client.get(address).get_data(as_text=True)
    present = re.findall(r'name="present" type="checkbox" value="(\d+)"', page)
    typed = {"present": present, "csrf_token": token_in(page)}
    return client.post(address, data=typed, follow_redirects=True).get_data(as_text=True)


def version_to_put_back(world: World, client: FlaskClient) -> str:
    """An answer of which an earlier version is read."""
    address, application_id, code = _own_answer(world, "long_text")
    with world.app.app_context():
        provider = actor_by_email(world.people["provider with a draft"])
        version = own_item_for(provider, application_id, code, None).version
        for value in ("A first sentence.", "Another one altogether."):
            saved = save_answer(
                application_id=application_id, code=code, value=value, version=version, by=provider
            )
            version = saved.version
        db.session.remove()
    return client.get(f"{address}/versions?version={version - 1}").get_data(as_text=True)


def standing_to_answer_for(world: World, client: FlaskClient) -> str:
    """A provider whose removal is proposed, and who has not answered."""
    provider = (
        "(SELECT organisation_id FROM membership JOIN person ON person.id = person_id"
        f" WHERE email = '{world.people['provider admitted']}')"
    )
    _now(
        world,
        "INSERT INTO standing_change (standing_id, step, state, cause, reason, proposed_at, proposed_by_id,"
        " representations_by) SELECT min(id), 'remove', 'proposed', 'quality', 'Two visits in a row.', now(),"
        " (SELECT min(id) FROM person), CURRENT_DATE + 9 FROM standing"
        f" WHERE provider_id = {provider}",
    )
    waiting = re.findall(r'href="(/your-standing/changes/\d+)"', client.get("/").get_data(as_text=True))
    return client.get(waiting[0]).get_data(as_text=True)


def shortlist_to_sign(world: World, client: FlaskClient) -> str:
    """A shortlist in which everything is decided."""
    address = _address(world, "school", "shortlists.sign", "own draft")
    _now(world, "UPDATE shortlist_choice SET verdict = 'kept' WHERE verdict IS NULL")
    return client.get(address).get_data(as_text=True)


RARE: Mapping[str, tuple[str, Callable[[World, FlaskClient], str]]] = {
    "frameworks.create": ("procurement lead", notice_to_confirm),
    "commissioning.send": ("school", referral_to_check),
    "commissioning.change": ("school", referral_to_check),
    "blocks.propose": ("school", purchase_to_check),
    "blocks.change": ("school", purchase_to_check),
    "competitions.open_answers": ("school", competition_to_open),
    "competitions.award": ("school", competition_to_conclude),
    "competitions.conclude": ("school", competition_that_nobody_won),
    "shortlists.close": ("school", shortlist_to_sign),
    "conformity.start_marking": ("procurement lead", checks_all_decided),
    "rounds.confirm_opening": ("approver", opening_to_confirm),
    "withdrawals.decide": ("procurement lead", withdrawal_to_decide),
    "clarifications.leave": ("procurement lead", question_without_an_answer),
    "round_documents.remove": ("procurement lead", document_to_remove),
    "panels.apply": ("procurement lead", tenders_to_hand_out),
    "apart.release": ("procurement lead", section_to_release),
    "practice.write": ("procurement lead", practice_to_write),
    "practice.mark": ("evaluator", practice_to_mark),
    "practice.lock": ("evaluator", practice_to_lock),
    "waivers.propose": ("procurement lead", conflict_to_mitigate),
    "outcomes.compute": ("procurement lead", results_to_compute),
    "release.cancel": ("procurement lead", letters_about_to_go),
    "release.note_notice": ("procurement lead", notice_to_note),
    "release.write_missing": ("procurement lead", letters_to_write),
    "scoring.lock": ("evaluator", marks_to_lock),
    "scoring.report": ("evaluator", answer_to_report),
    "letters.reset": ("anyone", password_to_choose),
    "letters.confirm_link": ("anyone", address_to_confirm),
    "pack_structure.remove_section": ("procurement lead", section_to_remove),
    "pack_structure.remove_scale": ("procurement lead", scale_to_remove),
    "own_standing.answer": ("provider admitted", standing_to_answer_for),
    "promises.take_back": ("provider with a draft", promise_to_take_back),
    "meetings.save": ("moderator", meeting_that_runs),
    "answer_versions.save": ("provider with a draft", version_to_put_back),
}
"""By the endpoint to which the page's form goes: who sees the page, and how it comes about."""
