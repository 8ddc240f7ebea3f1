"""When an application's time is over: as its round's, or later where an extension names it."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists

from tender.applications.models import Application, ExtendedApplication
from tender.frameworks.closing import later_of
from tender.frameworks.models import Extension


def closing_time_of_application() -> ColumnElement[datetime]:
    """SQL for the moment at which `Application`'s time is over, beside its `Round`."""
    named = exists().where(
        ExtendedApplication.extension_id == Extension.id, ExtendedApplication.application_id == Application.id
    )
    return later_of(Extension.for_everyone | named.correlate_except(ExtendedApplication))
