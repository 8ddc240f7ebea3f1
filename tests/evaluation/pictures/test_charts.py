"""Where bars and lines stand in a drawing, and what its words say."""

from fractions import Fraction

from evaluation.pictures.charts import LONGEST, MARGIN, TRACK, Row, chart_of
from evaluation.pictures.drawing import Marking, board_chart, severity_chart, signed, spread_chart


def bar_of(begins: str, ends: str, line: str | None = None) -> tuple[float, float, float | None]:
    row = Row("A", "1", Fraction(begins), Fraction(ends), Fraction(line) if line else None)
    (drawn,) = chart_of("A chart", "Of one bar.", [row]).rows
    return drawn.left, drawn.length, drawn.line


def test_a_bar_is_its_part_of_the_track() -> None:
    assert bar_of("0", "1/2") == (MARGIN, TRACK / 2, None)
    assert bar_of("0", "1", "1/4") == (MARGIN, TRACK, MARGIN + TRACK / 4)


def test_a_bar_to_the_left_begins_where_it_ends() -> None:
    assert bar_of("1/2", "1/4") == (MARGIN + TRACK / 4, TRACK / 4, None)


def test_nothing_is_a_hair_wide_and_nothing_leaves_the_track() -> None:
    assert bar_of("0", "0")[1] == 1
    assert bar_of("0", "1", "3/2")[2] == MARGIN + TRACK


def test_rows_stand_under_each_other_and_long_labels_are_cut() -> None:
    rows = [Row("Very " * 20, "1", Fraction(0), Fraction(1))] * 3
    chart = chart_of("A chart", "Of three bars.", rows)
    assert [row.top for row in chart.rows] == [8, 56, 104]
    assert chart.height > chart.rows[-1].top + 37
    assert len(chart.rows[0].label) <= LONGEST and chart.rows[0].label.endswith("…")


def test_differences_have_a_sign() -> None:
    assert [signed(Fraction(each)) for each in ("1/4", "-1/2", "0", "-1/1000")] == ["+0.25", "−0.5", "0", "0"]


def test_the_description_says_what_to_see() -> None:
    board = board_chart([Marking("Ada", 3, 4), Marking("Ben", 0, 4)])
    assert "together 3 of 8 answers" in board.description
    questions = [
        {"title": title, "mean": Fraction(mean), "widest": 2, "highest": 5}
        for title, mean in (("Safety", "1/2"), ("Lessons", "3/2"))
    ]
    assert "Furthest apart: Lessons, 1.5 points" in spread_chart(questions).description


def test_the_edges_of_severity_are_the_largest_difference_or_a_point() -> None:
    small = [{"name": "Ada", "difference": Fraction("-1/2")}, {"name": "Ben", "difference": Fraction("1/2")}]
    assert [row.length for row in severity_chart(small, 5).rows] == [TRACK / 4] * 2
    large = [{"name": "Ada", "difference": Fraction(-2)}, {"name": "Ben", "difference": Fraction(1)}]
    assert [row.length for row in severity_chart(large, 5).rows] == [TRACK / 2, TRACK / 4]
