"""What the first school has kept of its searches: one shortlist that is signed, and one that it works on."""

from datetime import timedelta
from uuid import UUID

from portal.accounts.access import Actor
from portal.clock import now, staged_at, today
from portal.development.demonstration.people import Company
from portal.directory.postcodes import locate
from portal.directory.search import SearchCriteria
from portal.shortlists.models import Shortlist
from portal.shortlists.queries import shortlist_for
from portal.shortlists.services import Choice, close_shortlist, decide, freeze_search

_KEPT = (
    "Near enough to travel to alone, and open on the days that are wanted.",
    "Takes this year group and can begin at once. A visit is arranged.",
)
_FURTHER = "Further than the child can travel each day, or no place on the days that are wanted."


def keep_shortlists(company: Company) -> None:
    """A shortlist of last week, decided and signed; and one of this morning, of which little is decided."""
    school = company.schools[0]
    with staged_at(now() - timedelta(days=6, hours=3)):
        signed = _freeze(
            school,
            1,
            "Year 9, two days a week, autumn term",
            SearchCriteria(today(), key_stages=("KS3",), needs=("SEMH",), near=locate("M14"), within_miles=5),
            "key_stages=KS3&needs=SEMH&postcode=M14&within=5",
        )
        _decide(school, signed, _KEPT, _FURTHER)
        with staged_at(now() + timedelta(hours=2)):
            close_shortlist(shortlist_id=signed.id, version=1, by=school)
    with staged_at(now() - timedelta(hours=2)):
        draft = _freeze(
            school,
            2,
            "Construction for year 10",
            SearchCriteria(today(), words="construction", key_stages=("KS4",)),
            "words=construction&key_stages=KS4",
        )
        _decide(school, draft, _KEPT[:1], "")


def _freeze(school: Actor, number: int, label: str, criteria: SearchCriteria, address: str) -> Shortlist:
    return freeze_search(criteria=criteria, address=address, label=label, token=UUID(int=number), by=school)


def _decide(school: Actor, shortlist: Shortlist, reasons: tuple[str, ...], others: str) -> None:
    """Keep the first for these reasons; with a reason for the others, leave those out."""
    listed = shortlist_for(school, shortlist.id).listed
    decide(
        shortlist_id=shortlist.id,
        version=0,
        choices=[
            Choice(each.place, "kept", reasons[each.place - 1])
            if each.place <= len(reasons)
            else Choice(each.place)
            for each in listed
        ],
        reason_for_all=others,
        leave_out_rest=bool(others),
        by=school,
    )
