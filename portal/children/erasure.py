"""Taking away who a child is, when its period is over and no hold keeps it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.audit.services import Doer, record
from portal.call_offs.models import CallOff
from portal.children.file_services import erase_file
from portal.children.models import Child, ChildFile
from portal.database import transaction
from portal.errors import NotFound

ERASED = "Erased at the end of its period."


def erase_child(child_id: int, *, by: Doer) -> None:
    """Leave of a child only that there was one: no name, no date of birth, no number, no file, and of its
    choices no word that was said of it.

    The choices and agreements that name its row stay. Raises `NotFound`.
    """
    with transaction() as session:
        child = session.get(Child, child_id, with_for_update=True, populate_existing=True)
        if child is None or child.erased_at is not None:
            raise NotFound()
        for call_off in session.scalars(select(CallOff).where(CallOff.child_id == child_id)).all():
            _erase_files(session, call_off.id)
            call_off.reason, call_off.pupil_preference, call_off.parent_preference = ERASED, "", ""
            call_off.cancel_reason = ERASED if call_off.cancel_reason else ""
        child.name_sealed = child.born_on_sealed = child.upn_sealed = child.upn_digest = None
        child.no_upn_reason, child.has_ehcp, child.looked_after = "", False, False
        child.erased_at = clock.now()
        record("child.erase", "child", child_id, by=by)


def erase_child_files(call_off_id: int, *, by: Doer) -> None:
    """Erase every file that was given with a choice. Raises `NotFound`."""
    with transaction() as session:
        call_off = session.get(CallOff, call_off_id, with_for_update=True, populate_existing=True)
        if call_off is None:
            raise NotFound()
        _erase_files(session, call_off_id)
        record("child.erase_files", "child", call_off.child_id, by=by, call_off=call_off_id)


def _erase_files(session: Session, call_off_id: int) -> None:
    for file in session.scalars(select(ChildFile).where(ChildFile.call_off_id == call_off_id)).all():
        erase_file(session, file)
