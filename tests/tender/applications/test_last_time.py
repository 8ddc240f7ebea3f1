"""What came of a question last time, in the sentence that stands beside it."""

from datetime import UTC, date, datetime

import pytest

from tender.applications.last_time import LastTime, Verdict, with_verdicts

SENT = datetime(2026, 3, 3, 12, tzinfo=UTC)
PASSED = Verdict(1, "curriculum", "Curriculum", None, True, "Well planned.")
FAILED = Verdict(1, "safeguarding", "Safeguarding", None, False, "Nobody is named.")
LOT = Verdict(1, None, "Construction", 7, False, "Below the minimum.")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"untouched": True}, "As in your application of 3 March 2026."),
        (
            {"untouched": True, "verdict": PASSED},
            "Passed in round 2. As in your application of 3 March 2026.",
        ),
        ({"untouched": False, "verdict": PASSED}, ""),
        ({"untouched": True, "verdict": FAILED}, "The council said in round 2: Nobody is named."),
        ({"untouched": False, "verdict": FAILED}, "The council said in round 2: Nobody is named."),
        (
            {"untouched": True, "ran_out_on": date(2026, 5, 1)},
            "A document of last time ran out on 1 May 2026. Give the new one.",
        ),
        (
            {"untouched": True, "asked_otherwise": True},
            "The question has other words than last time. Look whether your documents still fit.",
        ),
    ],
)
def test_the_sentence_says_what_matters_most(values, sentence):
    assert LastTime(2, SENT, **values).sentence == sentence


def test_only_what_is_untouched_and_was_not_faulted_stands():
    assert LastTime(2, SENT, True, verdict=PASSED).stands
    assert not LastTime(2, SENT, False, verdict=PASSED).stands
    assert not LastTime(2, SENT, True, verdict=FAILED).stands
    assert not LastTime(2, SENT, True, ran_out_on=date(2026, 5, 1)).stands


def test_what_failed_is_put_right_once_its_answer_changes():
    assert LastTime(2, SENT, True, verdict=FAILED).to_put_right
    assert LastTime(2, SENT, verdict=FAILED).to_put_right
    assert not LastTime(2, SENT, False, verdict=FAILED).to_put_right


def test_a_verdict_on_what_was_not_carried_is_told_too_and_one_on_a_lot_is_not():
    found = with_verdicts({("curriculum", None): LastTime(2, SENT, True)}, [PASSED, FAILED, LOT])
    assert set(found) == {("curriculum", None), ("safeguarding", None)}
    assert found["safeguarding", None] == LastTime(2, SENT, verdict=FAILED)
