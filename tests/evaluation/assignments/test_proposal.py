"""The even spread: by load, by skill, around conflicts, within what each evaluator may mark."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.assignments.proposal import Held, Marker, Part, Proposal, spread

SECTIONS = ("safeguarding", "quality", "finance")


def parts(tenders: int = 4, lot: int | None = None) -> list[Part]:
    return [
        Part(tender, section, lot, 2, frozenset({5, 10}), f"{section} of the tender")
        for tender in range(tenders)
        for section in SECTIONS
    ]


def markers(*skills: str) -> list[Marker]:
    return [Marker(n, f"Evaluator {n}", skills=frozenset({skill} - {""})) for n, skill in enumerate(skills)]


def spread_over(
    markers: list[Marker],
    *,
    each: int = 2,
    of: list[Part] | None = None,
    held: dict[int, list[Held]] | None = None,
    barred: frozenset[tuple[int, int]] = frozenset(),
) -> Proposal:
    return spread(of or parts(), markers, each=each, held=held or {}, barred=barred)


def evaluators_of(proposal: Proposal, tender: int, section: str) -> set[int]:
    return {person for (t, person), given in proposal.given.items() if t == tender and section in given}


@given(st.integers(2, 7), st.integers(1, 30), st.integers(2, 3))
@settings(max_examples=60, deadline=None)
def test_nobody_has_more_than_one_part_above_another(people: int, tenders: int, each: int) -> None:
    proposal = spread_over(markers(*[""] * people), each=min(each, people), of=parts(tenders))
    assert max(proposal.load.values()) - min(proposal.load.values()) <= 2
    assert not proposal.short


def test_every_part_goes_to_so_many_different_evaluators() -> None:
    proposal = spread_over(markers("", "", ""))
    counts = {len(evaluators_of(proposal, part.application_id, part.section)) for part in parts()}
    assert counts == {2}


def test_a_skill_that_the_section_names_goes_first() -> None:
    proposal = spread_over(markers("finance", "", "Finance", ""))
    assert all(evaluators_of(proposal, tender, "finance") == {0, 2} for tender in range(4))


def test_a_conflicted_pair_is_left_out() -> None:
    proposal = spread_over(markers("", "", ""), barred=frozenset({(1, 0), (1, 1)}))
    assert (1, 0) not in proposal.given and (1, 1) not in proposal.given
    assert Counter(part.application_id for part in proposal.short) == {1: 3}


def test_what_is_handed_out_already_counts_and_stays() -> None:
    whole = {0: [Held(0, frozenset(), frozenset()), Held(1, frozenset(), frozenset())]}
    proposal = spread_over(markers("", "", ""), held=whole)
    assert not any(tender == 0 for tender, _ in proposal.given)
    assert proposal.load[2] > proposal.load[0] - 2


def test_an_evaluator_of_one_lot_gets_no_answer_of_another() -> None:
    limited = [Marker(0, "A", lots=frozenset({5})), Marker(1, "B"), Marker(2, "C")]
    proposal = spread_over(limited, of=parts(lot=10))
    assert proposal.load[0] == 0


def test_who_marks_a_section_for_one_lot_marks_it_for_the_other() -> None:
    both = [part for lot in (5, 10) for part in parts(1, lot)]
    proposal = spread_over(markers("", ""), of=both)
    assert proposal.given == {(0, 0): list(SECTIONS), (0, 1): list(SECTIONS)}
    assert proposal.load == {0: 12, 1: 12}


def test_the_same_panel_gets_the_same_proposal() -> None:
    assert spread_over(markers("", "", "")) == spread_over(markers("", "", ""))
