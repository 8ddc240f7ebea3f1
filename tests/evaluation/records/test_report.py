"""The evaluation on paper: made whatever people have typed, and tagged for screen readers."""

import io

import pikepdf
from sqlalchemy import text
from sqlalchemy.orm import Session

from evaluation.records import report
from evaluation.records.report import STEPS, report_pdf, shown
from tests.factories.evaluation import Evaluation


def test_it_is_made_of_tagged_pages_step_by_step(session: Session, decided: Evaluation) -> None:
    said: list[str] = []
    with pikepdf.open(io.BytesIO(report_pdf(decided.lead, decided.round_id, said.append))) as document:
        assert document.Root.MarkInfo.Marked
        assert "Evaluation: Round" in str(document.docinfo["/Title"])
    assert tuple(said) == STEPS


def test_welsh_stays_and_what_no_font_shows_is_named() -> None:
    assert shown("Mae’r ŵyn yn dda – ẁ £5 ½") == "Mae’r ŵyn yn dda – ẁ £5 ½"
    assert shown("🐑 👩🏽\u200d🏫") == "[sheep] [woman][emoji modifier fitzpatrick type-4][school]"


def test_an_emoji_or_another_script_does_not_stop_it(session: Session, decided: Evaluation) -> None:
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text("UPDATE agreed_mark SET reason = :words"), {"words": "ŵyn 🐑 日本 \u202e العربية #let <x> _y_"}
    )
    assert report_pdf(decided.lead, decided.round_id, lambda title: None).startswith(b"%PDF")


def test_a_round_of_many_tenders_says_where_the_reasons_are(
    session: Session, decided: Evaluation, monkeypatch
) -> None:
    whole = report_pdf(decided.lead, decided.round_id, lambda title: None)
    monkeypatch.setattr(report, "MOST_WITH_REASONS", 1)
    assert len(report_pdf(decided.lead, decided.round_id, lambda title: None)) < len(whole)
