"""Packs: drafted and amended by the council whose round it is, read by everybody once published."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import council_round, published
from tests.architecture.access.things import COUNCIL, PHASE, ROUND_STATES, ROUNDS, thing

NOUN = Noun(
    things=(
        thing(
            "version of a pack",
            f"{ROUNDS} JOIN pack_version ON pack_version.round_id = round.id",
            ("open",),
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            number="pack_version.number",
        ),
        thing(
            "question of a pack",
            f"{ROUNDS} JOIN question ON question.round_id = round.id",
            ROUND_STATES,
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            code="question.code",
        ),
        thing(
            "section of a pack",
            f"{ROUNDS} CROSS JOIN LATERAL jsonb_array_elements(round.sections) AS part",
            ROUND_STATES,
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            section="part ->> 'code'",
        ),
        thing(
            "kind of question",
            f"{ROUNDS} CROSS JOIN LATERAL jsonb_array_elements(round.sections) AS part",
            ROUND_STATES,
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            section="part ->> 'code'",
            kind="'number'::text",
        ),
        thing(
            "scale of a pack",
            f"{ROUNDS} JOIN scale ON scale.round_id = round.id",
            ROUND_STATES,
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            scale_id="scale.id",
        ),
    ),
    of_things={
        "question of a pack": council_round,
        "section of a pack": council_round,
        "kind of question": council_round,
        "scale of a pack": council_round,
    },
    shared={
        "pack_versions.show": (
            published,
            "A tender notice is for everybody (Procurement Act 2023, section 21).",
        )
    },
    drawn_while={
        **dict.fromkeys(
            (
                "packs.weights",
                "packs.copy",
                "pack_files.choose",
                "pack_files.check",
                "pack_questions.choose",
                "pack_questions.add",
                "pack_questions.show",
                "pack_questions.remove",
                "pack_structure.add_section",
                "pack_structure.section",
                "pack_structure.add_scale",
                "pack_structure.scale",
            ),
            frozenset({"draft"}),
        ),
        **dict.fromkeys(
            (
                "amendments.show",
                "amendments.question",
                "amendments.choose",
                "amendments.add",
                "amendments.publish",
                "amendments.terms",
            ),
            frozenset({"open"}),
        ),
    },
    only_while={
        **dict.fromkeys(
            ("amendments.withdraw", "amendments.restore", "amendments.discard"), frozenset({"open"})
        ),
        **dict.fromkeys(
            (
                "pack_files.discard",
                "pack_questions.move",
                "pack_questions.duplicate",
                "pack_structure.move_section",
                "pack_structure.remove_section",
                "pack_structure.remove_scale",
            ),
            frozenset({"draft"}),
        ),
    },
)
