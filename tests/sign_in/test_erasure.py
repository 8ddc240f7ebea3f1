"""What is left of how somebody signed in when it is taken away."""

from sqlalchemy import func, select

from portal.sign_in import keeping, mailed
from portal.sign_in.erasure import erase_person, remove_second_factors
from portal.sign_in.models import KeptForm, MailedToken
from portal.sign_in.queries import factors_of
from portal.sign_in.recovery import new_recovery_codes
from tests.sign_in.conftest import person_of
from tests.web_client import first_step, sign_in


def test_whoever_lost_their_phone_sets_up_another_second_step(app, client, officer):
    sign_in(client, officer.email)
    new_recovery_codes(person_id=officer.person_id, by=officer)
    remove_second_factors(person_id=officer.person_id, by=officer)
    factors = factors_of(officer.person_id)
    assert not factors.any and factors.recovery_codes == 0
    assert client.get("/frameworks").status_code == 302
    assert first_step(app.test_client(), officer.email).location == "/your-sign-in/second-step"


def test_nothing_of_signing_in_outlives_a_persons_data(session, officer):
    uniquifier = person_of(session, officer).fs_uniquifier
    keeping.keep(uniquifier=uniquifier, sent=keeping.Kept("/x", "/x", [("a", "b")]))
    mailed.issue(purpose="reset", person_id=officer.person_id, email=officer.email)
    erase_person(officer.person_id, by=officer)
    assert not factors_of(officer.person_id).any
    for table in (KeptForm, MailedToken):
        assert session.scalar(select(func.count()).where(table.person_id == officer.person_id)) == 0
