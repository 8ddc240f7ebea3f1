"""The tables of a record: what they say, and that they say it nowhere else but where it may be said."""

import csv
import io
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from evaluation.outcomes.assessment import two_places
from evaluation.outcomes.queries import outcomes_of
from evaluation.records.disclosure_tables import DISCLOSURE
from evaluation.records.tables import AGREED, EVALUATORS, MARKS, RECIPE, TOTALS, WORKBOOK
from tender.frameworks.queries import pack_of
from tender.frameworks.recipe import how_totals_are_made
from tests.factories.evaluation import Evaluation
from tests.web_client import sign_in


def test_every_table_gives_as_many_cells_as_its_head(session: Session, decided: Evaluation) -> None:
    filled = set()
    for table in (*WORKBOOK, *DISCLOSURE):
        for row in table.read(decided.round_id):
            assert len(row) == len(table.head), table.name
            filled.add(table.name)
    evaluation = {"totals", "evaluators", "marks", "agreed-marks", "conformity", "decisions"}
    assert filled >= evaluation | {"opening", "received", "panel", "declarations", "trail"}


def test_totals_are_those_of_the_results_page(session: Session, decided: Evaluation) -> None:
    rows = list(TOTALS.read(decided.round_id))
    outcomes = outcomes_of(decided.round_id)[0]
    assert [row[4] for row in rows] == [two_places(outcome.total) for outcome in outcomes]
    assert "minimum" in str(rows[-1][8])


def test_the_recipe_is_the_first_sheet_and_stands_in_the_first_row_of_the_totals(
    session: Session, decided: Evaluation
) -> None:
    steps = how_totals_are_made(pack_of(decided.round_id), {})
    assert WORKBOOK[0] is RECIPE and [step for (step,) in RECIPE.read(decided.round_id)] == steps
    for table in (TOTALS, EVALUATORS):
        first, *others = (
            row[table.head.index("How totals are made")] for row in table.read(decided.round_id)
        )
        assert str(first).splitlines() == steps and set(others) == {""}


def test_agreed_marks_stand_beside_the_individual_ones(session: Session, decided: Evaluation) -> None:
    marks, agreed = list(MARKS.read(decided.round_id)), list(AGREED.read(decided.round_id))
    assert len(marks) == 2 * len(agreed)
    first = dict(zip(AGREED.head, agreed[0], strict=True))
    own = [int(points) for points in str(first["Individual marks"]).split("; ")]
    assert first["Spread"] == max(own) - min(own)
    assert first["Above the lowest by"] == first["Agreed mark"] - min(own)


def test_a_tender_whose_evaluators_have_not_all_locked_has_no_marks_in_any_table(
    session: Session, decided: Evaluation
) -> None:
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text(
            "UPDATE assignment SET state = 'accepted', locked_at = NULL, locked_by_id = NULL WHERE id = :id"
        ),
        {"id": decided.assignment(0, 0).id},
    )
    others = {row[1] for row in MARKS.read(decided.round_id)}
    assert len(others) == 2
    assert {row[1] for row in AGREED.read(decided.round_id)} == others


@pytest.fixture
def nasty(session: Session, decided: Evaluation) -> Iterator[str]:
    """A reason that a spreadsheet program would run, in Welsh, with an emoji."""
    words = '=HYPERLINK("http://x.example.org") Mae’r ŵyn yn dda 🐑'
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE mark SET reason = :words"), {"words": words})
    session.execute(text("SET LOCAL session_replication_role = origin"))
    yield words


def test_a_csv_file_runs_nothing_and_loses_no_letter(
    client: FlaskClient, decided: Evaluation, nasty: str
) -> None:
    answer = sign_in(client, decided.lead.email).get(f"/rounds/{decided.round_id}/records/marks.csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert {row["Reason"] for row in rows} == {f"'{nasty}"}
    assert len(rows) == 2 * len(decided.answers(0)) * 3


def test_a_download_is_recorded_with_the_name_of_whoever_took_it(
    client: FlaskClient, session: Session, decided: Evaluation
) -> None:
    sign_in(client, decided.lead.email).get(f"/rounds/{decided.round_id}/records/totals.csv")
    said = session.execute(
        text("SELECT actor_id, details ->> 'table' FROM audit_line WHERE action = 'record.read'")
    ).all()
    assert said == [(decided.lead.person_id, "totals")]
