"""Alembic's environment: `portal.schema` hands over the connection."""

from importlib import import_module

from alembic import context

from portal.database import Base

NOUNS_WITH_TABLES = (
    "portal.audit",
    "portal.storage",
    "portal.mail",
    "portal.accounts",
    "portal.sign_in",
    "portal.organisations",
    "portal.evidence",
    "portal.profiles",
    "portal.settings",
    "tender.frameworks",
    "tender.timetable",
    "tender.conflicts",
    "tender.packs",
    "tender.applications",
    "tender.certificates",
    "tender.reminders",
    "tender.lot_changes",
    "evaluation.conformity",
    "evaluation.exclusions",
    "evaluation.inquiries",
    "evaluation.interests",
    "evaluation.assignments",
    "evaluation.scoring",
    "evaluation.calibration",
    "evaluation.moderation",
    "evaluation.outcomes",
    "evaluation.records",
    "portal.directory",
    "portal.provision",
    "portal.finding",
    "portal.commissioning",
    "portal.call_offs",
    "portal.competitions",
    "portal.blocks",
    "portal.children",
    "portal.agreements",
    "portal.hours",
    "portal.personal_data",
)
for noun in NOUNS_WITH_TABLES:
    import_module(f"{noun}.models")

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
