"""The application: the only module that knows every room.

`create_app` puts settings, database, documents, mail, the web edge, the gate and all blueprints together,
lets higher nouns subscribe to lower ones' moves, and refuses to start on a route without declared access.
"""

from collections.abc import Iterable
from importlib import import_module
from urllib.parse import urlsplit

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import portal.children.models  # noqa: F401 - the table to which a choice (`portal.call_offs`) points
from config import Settings, load_settings
from evaluation.assignments.apart_queries import closed_to
from evaluation.assignments.declaration_queries import undeclared_to
from evaluation.assignments.reminders import DECLARATIONS
from evaluation.calibration.queries import must_practise
from evaluation.challenges.queries import dates_of as challenge_dates
from evaluation.challenges.services import when_held
from evaluation.conformity.services import when_box_opens, when_decided_late
from evaluation.exclusions.queries import on_round_page
from evaluation.exclusions.services import when_exclusion_moves, when_no_longer_clear
from evaluation.inquiries.services import when_round_ends as no_answer_is_needed
from evaluation.outcomes.effect_services import ADMISSIONS, when_admissions_are_held
from evaluation.outcomes.ending_services import when_round_ends as no_letter_goes
from evaluation.outcomes.last_time_queries import verdicts_for
from evaluation.outcomes.letter_services import when_summary_is_approved, when_summary_reopens
from evaluation.outcomes.price_queries import withheld_questions
from evaluation.outcomes.release_queries import dates_of as release_dates
from evaluation.outcomes.release_services import RELEASES
from evaluation.outcomes.services import reopen_admissions, when_condition_is_decided_late
from evaluation.records.building import BUILDING, SWEEPING
from evaluation.scoring.access import practise_first
from evaluation.summaries.lifecycle import SUMMARY
from portal.accounts.credentials import configure_passwords
from portal.accounts.gate import check_every_route, init_gate
from portal.accounts.lifecycle import ORGANISATION
from portal.accounts.sessions import COOKIE_FOR
from portal.agreements import block_places, free_places
from portal.agreements.change_services import when_choice_is_cancelled
from portal.agreements.last_days import agreed_choices, last_day_of_choice
from portal.agreements.lifecycle import AGREEMENT, VERSION
from portal.agreements.limits import propose_weeks_with, warn_with
from portal.agreements.provider_news import (
    WHEN_ORGANISATION_MOVES,
    WHEN_STANDING_MOVES,
    tell_of_exclusion,
    when_standing_lapses,
)
from portal.agreements.step_queries import steps_for
from portal.blocks.queries import bought_for
from portal.call_offs import steps
from portal.call_offs.bought import find_bought_with
from portal.call_offs.decided import decided_elsewhere_while
from portal.call_offs.lifecycle import CALL_OFF
from portal.call_offs.queries import choices_standing, own_steps
from portal.call_offs.services import check_choices_with
from portal.children.access import find_last_days_with
from portal.children.file_services import tell_of_virus
from portal.children.sealing import configure_sealing
from portal.children.steps import steps_about_child
from portal.commissioning.choices import find_agreed_with, find_choices_with
from portal.commissioning.fitting import say_also
from portal.commissioning.reminders import ANSWERS
from portal.commissioning.shortlist_queries import on_shortlist
from portal.commissioning.views import add_to_referral
from portal.competitions.queries import going_on
from portal.competitions.services import nothing_decides
from portal.competitions.views import on_referral
from portal.database import db, let_go
from portal.directory.finding_nothing import when_nothing_is_found
from portal.directory.lifecycle import STANDING
from portal.directory.queries import lots_held_by
from portal.directory.services import when_organisation_moves
from portal.engine import engine_options, keep_connections_well
from portal.evidence.reminders import REMINDERS
from portal.finding.services import ALERTS, FORGETTING, note_unmet_need
from portal.home.navigation import init_navigation
from portal.hours.queries import intensive_weeks
from portal.hours.services import WATCHING
from portal.hours.services import when_version_is_agreed as look_at_hours
from portal.hours.warnings import before_asking, before_signing
from portal.provision.reminders import ASKING_FOR_PLACES
from portal.shortlists.views import add_to_shortlist
from portal.sign_in.authenticator import configure_second_factors
from portal.sign_in.entering import init_sign_in
from portal.standings.lot_news import tell_admitted
from portal.standings.reminders import CLOSINGS, when_one_lapses
from portal.storage.bucket import configure as configure_documents
from portal.storage.scanning import configure as configure_scanning
from portal.storage.scanning import when_infected
from portal.web import handling
from portal.web.edge import init_edge
from portal.web.limits import init_limits
from portal.web.security import init_security_headers
from portal.web.templating import init_templating
from portal.worker import also
from tender.applications import infections, last_time
from tender.applications import queries as applications
from tender.applications.access import bar_readers_with, withhold_with
from tender.applications.certifying import void_for_lot, void_for_version
from tender.clarifications import queries as clarifications
from tender.conflicts.queries import before_publication
from tender.conflicts.services import copy_assessment, discard_assessments
from tender.deadline import queries as deadline
from tender.documents import queries as documents
from tender.documents.services import copy_papers, discard_papers
from tender.followers import queries as followers
from tender.followers.amendments import tell_of_version
from tender.followers.withdrawals import tell_of_withdrawal
from tender.frameworks import queries as frameworks
from tender.frameworks.discarding import when_draft_is_discarded
from tender.frameworks.earlier_packs import start_rounds_from
from tender.frameworks.framework_services import when_lot_changes, when_term_changes
from tender.frameworks.lifecycle import ROUND
from tender.frameworks.public_views import add_to_opportunity
from tender.frameworks.publication import check_before_publication
from tender.frameworks.round_views import add_to_round
from tender.frameworks.withdrawal_services import when_round_is_withdrawn
from tender.intakes import queries as intakes
from tender.intakes.services import copy_also, publish_following
from tender.lot_changes import queries as lot_changes
from tender.lot_changes.services import keep_and_tell, tell_of_term
from tender.packs import versions as pack_versions
from tender.packs.amendment_services import discard_staged, when_version_publishes
from tender.packs.copy_services import create_round_from
from tender.packs.queries import rounds_to_copy_from
from tender.reapplying import queries as reapplying
from tender.reminders.services import REMINDERS_OF_DRAFTS
from tender.timetable import queries as timetable
from tender.timetable.dates import also_dates
from tender.timetable.services import discard_plan

BLUEPRINTS = (
    "portal.home.views",
    "portal.sign_in.views",
    "portal.sign_in.letter_views",
    "portal.sign_in.factor_views",
    "portal.sign_in.your_views",
    "tender.frameworks.views",
    "tender.frameworks.round_views",
    "tender.frameworks.withdrawal_views",
    "tender.frameworks.public_views",
    "tender.packs.views",
    "tender.packs.question_views",
    "tender.packs.structure_views",
    "tender.intakes.views",
    "tender.timetable.views",
    "tender.conflicts.views",
    "tender.packs.version_views",
    "tender.packs.amendment_views",
    "tender.packs.transfer_views",
    "tender.applications.views",
    "tender.applications.answer_views",
    "tender.applications.preview_views",
    "tender.applications.vault_views",
    "tender.receipts.views",
    "tender.reminders.views",
    "tender.applications.upload_views",
    "tender.applications.promise_views",
    "tender.applications.version_views",
    "tender.reapplying.views",
    "tender.self_check.views",
    "tender.followers.views",
    "tender.documents.views",
    "tender.documents.upload_views",
    "tender.clarifications.views",
    "tender.deadline.views",
    "evaluation.conformity.views",
    "evaluation.exclusions.views",
    "evaluation.interests.views",
    "evaluation.inquiries.views",
    "evaluation.assignments.views",
    "evaluation.assignments.panel_views",
    "evaluation.assignments.waiver_views",
    "evaluation.assignments.declaration_views",
    "evaluation.assignments.apart_views",
    "evaluation.scoring.views",
    "evaluation.scoring.released_views",
    "evaluation.calibration.views",
    "evaluation.moderation.views",
    "evaluation.moderation.return_views",
    "evaluation.moderation.set_aside_views",
    "evaluation.moderation.identical_views",
    "evaluation.moderation.meeting_views",
    "evaluation.summaries.views",
    "evaluation.outcomes.views",
    "evaluation.challenges.views",
    "evaluation.reconsiderations.views",
    "evaluation.reports.views",
    "evaluation.outcomes.release_views",
    "evaluation.outcomes.condition_views",
    "evaluation.outcomes.price_views",
    "evaluation.outcomes.sensitivity_views",
    "evaluation.pictures.views",
    "evaluation.records.views",
    "portal.directory.views",
    "portal.directory.provider_views",
    "portal.provision.views",
    "portal.provision.check_views",
    "portal.finding.views",
    "portal.shortlists.views",
    "portal.standings.views",
    "portal.standings.evidence_views",
    "portal.standings.own_views",
    "portal.commissioning.views",
    "portal.commissioning.check_views",
    "portal.hours.views",
    "portal.call_offs.views",
    "portal.blocks.views",
    "portal.competitions.views",
    "portal.children.views",
    "portal.agreements.views",
    "portal.agreements.step_views",
    "portal.agreements.act_views",
    "portal.agreements.paper_views",
    "portal.agreements.placement_views",
    "portal.auditing.views",
    "portal.personal_data.views",
    "portal.organisations.joining_views",
    "portal.evidence.views",
    "portal.evidence.upload_views",
    "portal.profiles.views",
    "portal.profiles.exclusion_views",
    "portal.administration.views",
    "portal.administration.settings_views",
)

# Only where the council has its own sign-in: OpenID Connect.
ISSUER = ("portal.sign_in.issuer_views",)


def create_app(settings: Settings | None = None, further: Iterable[Blueprint] = ()) -> Flask:
    """Build the application from `settings` (the environment by default), with `further` blueprints.

    Raises `config.ConfigurationError` for an unsafe environment, `RuntimeError` for an undeclared route.
    """
    settings = settings or load_settings()
    app = Flask("portal", template_folder="../templates", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(),
        MAX_CONTENT_LENGTH=settings.largest_request,
        PERMANENT_SESSION_LIFETIME=COOKIE_FOR,
        TRUSTED_HOSTS=[urlsplit(settings.public_url).hostname] if settings.production else None,
        # Browsers take this prefix only with Secure, for the whole site and for this very host.
        SESSION_COOKIE_NAME="__Host-portal" if settings.production else "portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        # What is written every half minute of use (`sessions.touch`) keeps it fresh.
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        PROPAGATE_EXCEPTIONS=False,
        PORTAL=settings,
    )
    db.init_app(app)
    with app.app_context():
        keep_connections_well(db.engine)
    app.teardown_appcontext(let_go)  # called before its own, which would fail on a broken connection
    configure_documents(settings)
    configure_scanning(settings)
    configure_passwords(settings.password_memory_kib)
    configure_second_factors(settings.totp_key)
    configure_sealing(settings.child_data_keys)
    init_limits(app)
    CSRFProtect(app)
    handling.init_handling(app)
    init_security_headers(app)
    init_templating(app)
    init_gate(app)
    init_sign_in(app)
    init_navigation(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    for name in (*BLUEPRINTS, *(ISSUER if settings.oidc_issuer else ())):
        app.register_blueprint(import_module(name).bp)
    for blueprint in further:
        app.register_blueprint(blueprint)
    subscribe()
    check_every_route(app)
    init_edge(app)
    return app


def subscribe() -> None:
    """Let higher nouns hear of lower nouns' moves, and tell lower nouns what only they can count."""
    frameworks.count_applications_with(applications.counts)
    bar_readers_with(closed_to, undeclared_to)
    withhold_with(withheld_questions)
    practise_first(must_practise)
    check_before_publication(before_publication)
    last_time.tell_results_with(verdicts_for)
    last_time.hold_lots_with(lots_held_by)
    add_to_opportunity(
        intakes.on_opportunity,
        documents.on_opportunity,
        clarifications.on_opportunity,
        reapplying.on_opportunity,
        details=(
            timetable.ON_OPPORTUNITY,
            followers.ON_OPPORTUNITY,
            pack_versions.ON_OPPORTUNITY,
            lot_changes.ON_OPPORTUNITY,
            deadline.ON_OPPORTUNITY,
        ),
    )
    start_rounds_from(rounds_to_copy_from, create_round_from)
    ROUND.subscribe("publish", pack_versions.when_round_publishes)
    ROUND.subscribe("publish", publish_following)
    add_to_round(on_round_page)
    when_no_longer_clear(reopen_admissions)
    when_held(when_admissions_are_held)
    when_decided_late(when_condition_is_decided_late)
    copy_also(copy_papers, copy_assessment)
    when_version_publishes(void_for_version, tell_of_version)
    when_lot_changes(void_for_lot, keep_and_tell, tell_admitted)
    when_term_changes(tell_of_term)
    when_round_is_withdrawn(tell_of_withdrawal)
    when_draft_is_discarded(discard_papers, discard_assessments, discard_plan, discard_staged)
    ROUND.subscribe("open_box", when_box_opens)
    ROUND.subscribe("end", no_letter_goes)
    ROUND.subscribe("end", no_answer_is_needed)
    for step in ("check", "deactivate", "reactivate"):
        ORGANISATION.subscribe(step, when_organisation_moves)
    for step, tell_schools in WHEN_ORGANISATION_MOVES.items():
        ORGANISATION.subscribe(step, tell_schools)
    for step, tell_schools in WHEN_STANDING_MOVES.items():
        STANDING.subscribe(step, tell_schools)
    when_one_lapses(when_standing_lapses)
    when_exclusion_moves(tell_of_exclusion)
    CALL_OFF.subscribe("cancel", when_choice_is_cancelled)
    SUMMARY.subscribe("approve", when_summary_is_approved)
    SUMMARY.subscribe("reopen", when_summary_reopens)
    when_infected(infections.tell_provider)
    when_infected(tell_of_virus)
    also_dates(challenge_dates, release_dates)
    also(RELEASES)
    also(ADMISSIONS)
    also(REMINDERS)
    also(REMINDERS_OF_DRAFTS)
    also(DECLARATIONS)
    when_nothing_is_found(note_unmet_need)
    add_to_shortlist(on_shortlist)
    add_to_referral(on_referral)
    also(ASKING_FOR_PLACES)
    also(ALERTS)
    also(FORGETTING)
    also(CLOSINGS)
    also(ANSWERS)
    also(WATCHING)
    VERSION.subscribe("agree", look_at_hours)
    VERSION.subscribe("agree", block_places.when_version_is_agreed)
    AGREEMENT.subscribe("end", block_places.when_agreement_ends)
    AGREEMENT.subscribe("begin", free_places.when_agreement_begins)
    warn_with(before_signing)
    propose_weeks_with(intensive_weeks)
    say_also(before_asking)
    find_choices_with(choices_standing)
    find_agreed_with(agreed_choices)
    find_last_days_with(last_day_of_choice)
    check_choices_with(nothing_decides)
    decided_elsewhere_while(going_on)
    find_bought_with(bought_for)
    steps.subscribe(own_steps, steps_about_child, steps_for)
    also(BUILDING)
    also(SWEEPING)
