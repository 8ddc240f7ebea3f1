"""Who the invented child of a choice is: said by its school, read by the provider, in the access log."""

import io
from datetime import date

from sqlalchemy import select

from portal.call_offs.models import CallOff
from portal.children.file_services import add_file, open_file
from portal.children.queries import identity_for
from portal.children.services import identify_child
from portal.children.upn import check_letter
from portal.clock import today
from portal.database import db
from portal.development.demonstration.papers import paper
from portal.development.demonstration.people import Company

NUMBER = "999999980017"  # of an authority and a school that are not there


def name_children(company: Company, portal_url: str) -> None:
    """Of the first choice that stands, its school says who the child is; the others wait for it."""
    chosen = db.session.scalars(
        select(CallOff)
        .where(CallOff.state == "chosen", CallOff.child_id.is_(None))
        .order_by(CallOff.id)
        .limit(1)
    ).one_or_none()
    if chosen is None:
        return
    school = next(person for person in company.schools if person.organisation_id == chosen.school_id)
    provider = next(person for _, person in company.providers if person.organisation_id == chosen.provider_id)
    identify_child(
        call_off_id=chosen.id,
        name="Robin Made-Up",
        born_on=date(today().year - 14, 2, 11),
        upn=check_letter(NUMBER) + NUMBER,
        no_upn_reason="",
        has_ehcp=True,
        looked_after=False,
        portal_url=portal_url,
        by=school,
    )
    for kind, title in (("ehc_plan", "Education, health and care plan"), ("risk_assessment", "Risks")):
        file = add_file(
            call_off_id=chosen.id,
            kind=kind,
            stream=io.BytesIO(paper("pdf", title)),
            filename=f"{title}.pdf",
            portal_url=portal_url,
            by=school,
        )
    identity_for(provider, chosen.id)
    open_file(call_off_id=chosen.id, file_id=file, by=provider)
