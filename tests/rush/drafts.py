"""Many drafts that lack nothing but their documents: one made by the services, the others copied from it."""

from dataclasses import dataclass

from sqlalchemy import insert, literal, select, text

from portal import clock
from portal.accounts.access import Actor
from portal.database import transaction
from tender.applications.answer_services import save_answer
from tender.applications.models import Application
from tender.applications.queries import own_application_for, tender_of
from tender.frameworks.models import Round
from tests.factories.accounts import a_person, a_provider_person, an_organisation
from tests.factories.applications import a_draft, an_answer
from tests.factories.frameworks import lot_ids, while_open
from tests.rush.applicants import Place


def a_team(*, with_colleague: bool) -> list[Actor]:
    """The people of a new provider: its administrator, who submits, and perhaps an editor."""
    provider = an_organisation("provider")
    return [a_person(provider, role) for role in ("administrator", "editor")[: 1 + with_colleague]]


@dataclass(frozen=True)
class Template:
    """A draft to be copied, and where its texts and its documents go."""

    application_id: int
    texts: list[Place]
    files: list[Place]


def a_draft_without_files(subject: Round) -> Template:
    """A draft in which everything is answered but what wants a document."""
    by = a_provider_person()
    application_id = a_draft(subject, by, lot_ids(subject)[:1])
    with clock.staged_at(while_open(subject)):
        done: set[str] = set()
        while items := [
            item
            for item in tender_of(own_application_for(by, application_id)).items
            if item.anchor not in done and item.asked.kind != "file"
        ]:
            for item in items:
                place = {"application_id": application_id, "code": item.asked.code, "lot_id": item.lot_id}
                save_answer(**place, value=an_answer(item), version=item.version, by=by)
                done.add(item.anchor)
    items = tender_of(own_application_for(by, application_id)).items

    def places(kind: str) -> list[Place]:
        return [Place(item.asked.code, item.lot_id) for item in items if item.asked.kind == kind]

    return Template(application_id, places("long_text"), places("file"))


def a_copy(template: Template, by: Actor) -> int:
    """The same draft for another provider, by copying its rows: a thousand are there in seconds."""
    with transaction() as session:
        copied = select(
            Application.round_id,
            literal(by.organisation_id),
            Application.started_at,
            literal(by.person_id),
        ).where(Application.id == template.application_id)
        columns = ["round_id", "provider_id", "started_at", "started_by_id"]
        application_id = session.scalars(
            insert(Application).from_select(columns, copied).returning(Application.id)
        ).one()
        facts = {"new": application_id, "old": template.application_id, "by": by.person_id}
        session.execute(
            text(
                "INSERT INTO application_lot (application_id, lot_id)"
                " SELECT :new, lot_id FROM application_lot WHERE application_id = :old"
            ),
            facts,
        )
        session.execute(
            text(
                "INSERT INTO answer (application_id, question_id, lot_id, value, saved_at, saved_by_id)"
                " SELECT :new, question_id, lot_id, value, saved_at, :by"
                " FROM answer WHERE application_id = :old"
            ),
            facts,
        )
    return application_id
