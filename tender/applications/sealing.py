"""What an application takes along from the vault at the moment of its submission."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.evidence.queries import frozen_facts
from tender.applications.models import Answer, AnswerFile


def seal_facts(session: Session, application_id: int) -> None:
    """Write beside each document what the vault knows of it now. The database keeps it once it is sealed."""
    answers = select(Answer.id).where(Answer.application_id == application_id)
    session.execute(
        update(AnswerFile)
        .where(AnswerFile.answer_id.in_(answers))
        .values(facts=frozen_facts(AnswerFile.document_id))
        .execution_options(synchronize_session=False)
    )
