"""When an application's time is over: as its round's, or later where an extension names it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, exists

from portal import clock
from portal.web.filters import uk_datetime
from tender.applications.models import Application, ExtendedApplication
from tender.frameworks.closing import later_of
from tender.frameworks.models import Extension


def closing_time_of_application() -> ColumnElement[datetime]:
    """SQL for the moment at which `Application`'s time is over, beside its `Round`."""
    named = exists().where(
        ExtendedApplication.extension_id == Extension.id, ExtendedApplication.application_id == Application.id
    )
    return later_of(Extension.for_everyone | named.correlate_except(ExtendedApplication))


def closes_as_json(closes: Mapping[int, datetime]) -> dict[str, dict[str, str]]:
    """When the time of each application (id) is over, as pages that are open already take it (portal.js): the
    moment, the moment now by our clock, and how it reads."""
    now = clock.now().isoformat()
    return {
        str(application_id): {"at": moment.isoformat(), "now": now, "words": uk_datetime(moment)}
        for application_id, moment in closes.items()
    }
