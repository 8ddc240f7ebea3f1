"""Exclusion grounds, and the dated declaration of a named person."""

from dataclasses import replace
from datetime import date

import pytest

from portal.errors import NotFound, Refusal
from portal.evidence.queries import versions_for
from portal.evidence.services import InUse, remove_evidence
from portal.profiles.exclusion_services import (
    Ground,
    GroundsChanged,
    change_ground,
    declare,
    fingerprint,
    record_ground,
    remove_ground,
)
from portal.profiles.queries import declarations_of, grounds_of, in_words, standing_declaration
from portal.profiles.words import CONVICTIONS, DISCRETIONARY, GROUNDS, LAW_OF, PENALTIES
from tests.factories.accounts import a_provider_person
from tests.factories.directory import a_colleague
from tests.factories.evidence import an_evidence
from tests.web_client import sign_in

GROUND = Ground(
    ground="poor_performance",
    applies_to="connected_person",
    applies_to_name="Ada Invented",
    detail="A contract ended early.",
    managed="New management, checked each term.",
    happened_on=date(2024, 3, 6),
)


@pytest.fixture
def provider(session):
    return a_provider_person()


def say(by, law="PA2023", confirmed=True):
    seen = fingerprint(grounds_of(by.organisation_id), law)
    declare(law=law, confirmed=confirmed, seen=seen, by=by)


def declared(by, law="PA2023"):
    return declarations_of(by.organisation_id).get(law)


def test_the_grounds_of_the_act_are_those_of_the_platform():
    headings = (PENALTIES, CONVICTIONS, DISCRETIONARY)
    assert [len(GROUNDS["PA2023"][heading]) for heading in headings] == [7, 8, 10]
    assert len(LAW_OF) == sum(len(each) for law in GROUNDS.values() for each in law.values())


def test_that_none_applies_is_declared_by_somebody_on_a_day(provider):
    assert declared(provider) is None
    say(provider)
    assert (declared(provider)["grounds"], declared(provider)["declared_by"]) == ([], provider.name)


def test_what_another_provider_declared_is_not_shown_as_ones_own(provider):
    other = a_provider_person()
    say(other)
    assert standing_declaration(other, "PA2023") and standing_declaration(provider, "PA2023") is None


def test_a_declared_ground_is_told_with_every_field_that_the_platform_names(provider):
    document_id = versions_for(provider, an_evidence(provider))[0].document_id
    whole = replace(
        GROUND, in_uk=False, jurisdiction="Ireland", decided_on=date(2024, 5, 1), ended_on=date(2025, 2, 3),
        contact_email="ada@example.org", published_at="https://www.example.gov.uk/register",
        document_id=document_id,
    )  # fmt: skip
    record_ground(said=whole, by=provider)
    say(provider)
    (said,) = declared(provider)["grounds"]
    assert in_words(said) == (
        "Breach of contract and poor performance: A connected person (Ada Invented), 6 March 2024, Ireland. "
        "A contract ended early. How it is managed: New management, checked each term. "
        "Decided on 1 May 2024. The circumstances ended on 3 February 2025. "
        "A public authority records it at https://www.example.gov.uk/register "
        "A document shows it: certificate.pdf. Who can say more: ada@example.org"
    )


def test_what_was_not_said_of_a_ground_is_not_told(provider):
    record_ground(said=replace(GROUND, happened_on=None), by=provider)
    say(provider)
    (said,) = declared(provider)["grounds"]
    assert in_words(said).endswith(
        "(Ada Invented), in the United Kingdom. A contract ended early. How it is managed: New management, "
        "checked each term. The circumstances have not ended."
    )
    assert in_words({**said, "document_id": "x"}).endswith("A document shows it: in the vault.")


def test_each_law_is_declared_by_itself(provider):
    say(provider, "PCR2015")
    assert declared(provider) is None and declared(provider, "PCR2015")


def test_a_new_ground_ends_what_was_declared(provider):
    say(provider)
    say(provider, "PCR2015")
    record_ground(said=GROUND, by=provider)
    assert declared(provider) is None and declared(provider, "PCR2015")


def test_what_is_declared_is_what_stood_then(provider):
    ground_id = record_ground(said=GROUND, by=provider)
    say(provider)
    (said,) = declared(provider)["grounds"]
    assert "Breach of contract and poor performance: A connected person (Ada Invented), " in in_words(said)
    change_ground(ground_id=ground_id, said=replace(GROUND, detail="Other."), by=provider)
    assert declared(provider) is None
    assert said["detail"] == "A contract ended early."


def test_a_ground_moved_to_another_law_ends_both_declarations(provider):
    ground_id = record_ground(said=GROUND, by=provider)
    for law in GROUNDS:
        say(provider, law)
    change_ground(ground_id=ground_id, said=replace(GROUND, ground="pcr_performance"), by=provider)
    assert declarations_of(provider.organisation_id) == {}


def test_a_ground_is_taken_back(provider):
    ground_id = record_ground(said=GROUND, by=provider)
    for _ in range(2):
        remove_ground(ground_id=ground_id, by=provider)
    assert grounds_of(provider.organisation_id) == []
    with pytest.raises(NotFound):
        remove_ground(ground_id=ground_id, by=a_provider_person())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ground": "rudeness"}, "ground"),
        ({"applies_to": "nobody"}, "applies_to"),
        ({"applies_to_name": ""}, "applies_to_name"),
        ({"in_uk": False}, "jurisdiction"),
        ({"detail": " "}, "detail"),
        ({"managed": ""}, "managed"),
    ],
)
def test_a_ground_without_what_must_be_said_is_refused(provider, change, field):
    with pytest.raises(Refusal) as refused:
        record_ground(said=replace(GROUND, **change), by=provider)
    assert refused.value.field == field


def test_an_editor_records_and_does_not_declare(provider):
    editor = a_colleague(provider, "editor")
    record_ground(said=GROUND, by=editor)
    with pytest.raises(Refusal, match="administrator or certifier"):
        say(editor)


def test_what_a_colleague_recorded_meanwhile_is_not_declared_unseen(provider):
    seen = fingerprint([], "PA2023")
    record_ground(said=GROUND, by=provider)
    with pytest.raises(GroundsChanged):
        declare(law="PA2023", confirmed=True, seen=seen, by=provider)


def test_nothing_is_declared_without_the_tick(provider):
    with pytest.raises(Refusal) as refused:
        say(provider, confirmed=False)
    assert refused.value.field == "confirmed"


def test_a_document_that_a_ground_names_stays_in_the_vault(provider):
    evidence_id = an_evidence(provider)
    document_id = versions_for(provider, evidence_id)[0].document_id
    record_ground(said=replace(GROUND, document_id=document_id), by=provider)
    with pytest.raises(InUse):
        remove_evidence(evidence_id=evidence_id, by=provider)


def test_another_providers_ground_and_document_are_not_found(provider):
    stranger, evidence_id = a_provider_person(), an_evidence(provider)
    ground_id = record_ground(said=GROUND, by=provider)
    document_id = versions_for(provider, evidence_id)[0].document_id
    for tried in (
        lambda: change_ground(ground_id=ground_id, said=GROUND, by=stranger),
        lambda: remove_ground(ground_id=ground_id, by=stranger),
        lambda: record_ground(said=replace(GROUND, document_id=document_id), by=stranger),
    ):
        with pytest.raises(NotFound):
            tried()


def test_the_pages_record_and_declare(provider, client):
    browser = sign_in(client, provider.email)
    typed = {
        "ground": "insolvency", "applies_to": "supplier", "in_uk": "yes", "document": "",
        "detail": "An arrangement with creditors.", "managed": "Paid in full.",
    }  # fmt: skip
    assert browser.post("/organisation/profile/exclusion/add", data=typed).status_code == 303
    seen = fingerprint(grounds_of(provider.organisation_id), "PA2023")
    ticked = {"law": "PA2023", "confirmed": "y", "seen": seen}
    sent = browser.post("/organisation/profile/exclusion", data=ticked)
    assert sent.status_code == 303
    page = browser.get("/organisation/profile/exclusion").get_data(as_text=True)
    assert "Insolvency or bankruptcy" in page and "that 1 ground applies" in page
    unticked = browser.post("/organisation/profile/exclusion", data={"law": "PA2023"})
    assert unticked.status_code == 422 and "Tick the box" in unticked.get_data(as_text=True)
