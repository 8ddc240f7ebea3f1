"""Tables of frameworks, lots, rounds and packs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base
from tender.frameworks.default_pack import JudgedAs, QuestionKind, Rule
from tender.frameworks.kinds import PRICE_FORMULAS
from tender.frameworks.lifecycle import ROUND

LEGAL_REGIMES = {"PA2023": "Procurement Act 2023", "PCR2015": "Public Contracts Regulations 2015"}
FRAMEWORK_KINDS = {
    "light_touch_reopenable": "Light touch framework, opened again in rounds",
    "open_framework": "Open framework",
    "dynamic_market": "Dynamic market",
    "pseudo_dps": "Flexible purchasing system",
    "closed": "Closed framework",
}
CALL_OFF_ROUTES = {
    "direct_award": "Direct award, with the reason",
    "mini_competition": "Mini-competition among providers that were asked",
    "user_choice": "The child's or the parents' choice",
    "block": "A place that was bought before",
}
"""How one provider is chosen for one child. Award without and with competition under a framework: Procurement
Act 2023, section 45(4) and 46; user choice: Schedule 5, paragraph 15."""
ROUTES_AT_FIRST = ("direct_award", "mini_competition", "user_choice")
KEY_STAGES = {
    "KS1": "Key stage 1",
    "KS2": "Key stage 2",
    "KS3": "Key stage 3",
    "KS4": "Key stage 4",
    "KS5": "Post-16",
}
QUESTION_KINDS: tuple[str, ...] = get_args(QuestionKind)
RULES: tuple[str, ...] = get_args(Rule)
JUDGED_AS: tuple[str, ...] = get_args(JudgedAs)


def _one_of(column: str, values: tuple[str, ...] | dict[str, str]) -> str:
    return f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")"


PRICE_UNITS = {"day": "a day", "half_day": "half a day", "hour": "an hour"}
"""What a price is for, by the code under which rate cards and ceilings have it."""


class Framework(Base):
    """A flexible procurement solution as its notice describes it."""

    __tablename__ = "framework"
    __table_args__ = (
        CheckConstraint(_one_of("legal_regime", LEGAL_REGIMES), name="legal_regime"),
        CheckConstraint(_one_of("kind", FRAMEWORK_KINDS), name="kind"),
        CheckConstraint("value_amount > 0", name="value_amount"),
        CheckConstraint("ends_on > starts_on", name="term"),
        CheckConstraint("extendable_until >= ends_on", name="extendable_until"),
        CheckConstraint(
            "call_off_routes <@ ARRAY[" + ", ".join(f"'{route}'" for route in CALL_OFF_ROUTES) + "]"
            " AND cardinality(call_off_routes) > 0",
            name="call_off_routes",
        ),
        UniqueConstraint("council_id", "reference"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reference: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    buyer_name: Mapped[str] = mapped_column(Text)
    legal_regime: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    value_amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    # From here the law counts the term of an open framework; the start of the term until it is known.
    first_awarded_on: Mapped[date | None]
    cpv_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"))
    ocid: Mapped[str | None] = mapped_column(Text)
    # The latest day to which its documents let it be extended; null where they say nothing of it.
    extendable_until: Mapped[date | None]
    notice_identifier: Mapped[str | None] = mapped_column(Text)
    notice: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    opened_by_two: Mapped[bool] = mapped_column(server_default=sql("true"), default=True)
    # Whether a named person certifies each application before it is submitted.
    needs_certificate: Mapped[bool] = mapped_column(server_default=sql("true"), default=True)
    # Whether a condition that was passed in an earlier round need not be decided anew for the same answer.
    passed_conditions_stand: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    # By which routes schools choose under it; blocks want places that were bought before.
    call_off_routes: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        server_default=sql("'{direct_award,mini_competition,user_choice}'"),
        default=lambda: list(ROUTES_AT_FIRST),
    )
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    lots: Mapped[list["Lot"]] = relationship(
        lazy="raise", order_by="Lot.position", back_populates="framework"
    )


class Lot(Base):
    """A division of a framework, with what it asks of whoever joins it.

    `number` is the notice's own ('1', '6a'); `position` orders lots. The three insurances are the least cover
    in pounds. `price_ceiling` (pounds, for one `price_unit`) is what a new round starts from; a round has its
    own.
    """

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("framework_id", "number"),
        CheckConstraint("minimum_hours_a_week > 0", name="minimum_hours_a_week"),
        CheckConstraint(
            "maximum_hours_a_week >= minimum_hours_a_week AND maximum_hours_a_week > 0",
            name="maximum_hours_a_week",
        ),
        CheckConstraint(
            "key_stages <@ ARRAY[" + ", ".join(f"'{code}'" for code in KEY_STAGES) + "]", name="key_stages"
        ),
        CheckConstraint("largest_group > 0", name="largest_group"),
        CheckConstraint(
            "public_liability > 0 AND employers_liability > 0 AND professional_indemnity > 0",
            name="insurance",
        ),
        CheckConstraint("price_ceiling > 0", name="price_ceiling"),
        CheckConstraint(_one_of("price_unit", PRICE_UNITS), name="price_unit"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))
    number: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str] = mapped_column(Text)
    registered_only: Mapped[bool] = mapped_column(server_default=sql("false"))
    minimum_hours_a_week: Mapped[int | None] = mapped_column(SmallInteger)
    maximum_hours_a_week: Mapped[int | None] = mapped_column(SmallInteger)
    key_stages: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    largest_group: Mapped[int | None] = mapped_column(SmallInteger)
    public_liability: Mapped[Decimal | None] = mapped_column(Numeric(10, 0))
    employers_liability: Mapped[Decimal | None] = mapped_column(Numeric(10, 0))
    professional_indemnity: Mapped[Decimal | None] = mapped_column(Numeric(10, 0))
    price_ceiling: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    price_unit: Mapped[str] = mapped_column(Text, server_default=sql("'day'"), default="day")
    framework: Mapped[Framework] = relationship(lazy="raise", back_populates="lots")


class Round(Base):
    """A dated window in which providers apply. Times are UTC; pages show them in UK time.

    A framework that is `always_open` has a round for each intake, published together: each opens at the
    cut-off at which the one before it closes, or once its further time is over (`closing`).
    `later_cut_offs` are those that were planned with this one.
    Applicants are promised their answer `answer_within` so many working days after the close, or
    `answer_at_most`, once the council has said why it needs longer.
    """

    __tablename__ = "round"
    __table_args__ = (
        CheckConstraint(ROUND.check_constraint(), name="state"),
        CheckConstraint("closes_at > opens_at", name="closes_after_it_opens"),
        CheckConstraint(
            "state = 'draft'"
            " OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND published_at IS NOT NULL)",
            name="published_with_dates",
        ),
        CheckConstraint(
            "(state IN ('draft', 'published', 'withdrawn')) = (opened_at IS NULL)", name="opened_at"
        ),
        CheckConstraint("opened_at >= closes_at", name="opened_after_the_close"),
        CheckConstraint("(questions_until IS NULL) = (answers_by IS NULL)", name="question_dates"),
        CheckConstraint("late_upload_hours BETWEEN 1 AND 24", name="late_upload_hours"),
        CheckConstraint(
            "questions_until <= answers_by AND answers_by <= closes_at", name="questions_before_the_close"
        ),
        CheckConstraint("answer_within > 0", name="answer_within"),
        CheckConstraint(
            "answer_at_most IS NULL OR coalesce(answer_at_most > answer_within, false)", name="answer_at_most"
        ),
        CheckConstraint("answer_later_because = '' OR answer_at_most IS NOT NULL", name="answer_later"),
        CheckConstraint("NOT always_open OR answer_within IS NOT NULL", name="promise"),
        CheckConstraint("always_open OR later_cut_offs = '{}'", name="cut_offs"),
        UniqueConstraint("framework_id", "number"),
        Index("ix_round_state_closes_at", "state", "closes_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'draft'"), default="draft")
    opens_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    closes_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    # Both or neither: until when a provider may ask, and by when the council answers.
    questions_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    answers_by: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    always_open: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    later_cut_offs: Mapped[list[datetime]] = mapped_column(
        ARRAY(TIMESTAMP(timezone=True)), server_default=sql("'{}'"), default=list
    )
    answer_within: Mapped[int | None] = mapped_column(SmallInteger)
    answer_at_most: Mapped[int | None] = mapped_column(SmallInteger)
    answer_later_because: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    # For so many hours after the close, files may follow whose SHA-256 was given before it; none where null.
    late_upload_hours: Mapped[int | None] = mapped_column(SmallInteger)
    # Whether evaluators read codes instead of the tenderers' names until they have locked their marks.
    names_hidden: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    how_to_apply: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    # The pack's parts in order: code, title and introduction. A question names its part by the code.
    sections: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default=sql("'[]'"))
    published_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    marking_started_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    marking_started_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    framework: Mapped[Framework] = relationship(lazy="raise")


class RoundWithdrawal(Base):
    """One person's proposal to end a published round without an outcome, with the reason, and what another
    decided on it.

    Everyone reads the reason of the one that was approved.
    """

    __tablename__ = "round_withdrawal"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(decided_at IS NULL) = (approved IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by"),
        CheckConstraint("NOT approved OR decided_by_id <> proposed_by_id", name="two_people"),
        Index(
            "uq_round_withdrawal_waiting",
            "round_id",
            unique=True,
            postgresql_where=sql("approved IS NOT FALSE"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved: Mapped[bool | None]


class Extension(Base):
    """A later closing time of a published round, with its reason: for everyone, or for applications that the
    applications' noun names. A round's own `closes_at` never changes; see `closing`. One for everyone may
    move the times for questions too, or the one of them that has not passed: null is one that stays."""

    __tablename__ = "extension"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("for_everyone OR fairness <> ''", name="fairness"),
        CheckConstraint(
            "for_everyone OR (questions_until IS NULL AND answers_by IS NULL)", name="questions_of_everyone"
        ),
        CheckConstraint(
            "questions_until <= answers_by AND answers_by <= closes_at AND questions_until <= closes_at",
            name="questions_before_the_close",
        ),
        Index("ix_extension_round_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    closes_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    questions_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    answers_by: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    for_everyone: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    # Why more time for some treats everybody equally.
    fairness: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    extended_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    extended_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class BoxOpening(Base):
    """One person's beginning to open a tender box, and the other's confirmation where it came in time."""

    __tablename__ = "box_opening"
    __table_args__ = (
        CheckConstraint("confirmed_by_id <> begun_by_id", name="two_people"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed"),
        CheckConstraint(
            "confirmed_at >= begun_at AND confirmed_at < begun_at + interval '30 minutes'", name="in_time"
        ),
        Index("ix_box_opening_round_id", "round_id"),
        Index(
            "uq_box_opening_confirmed",
            "round_id",
            unique=True,
            postgresql_where=sql("confirmed_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    begun_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class RoundLot(Base):
    """A lot that a round offers, with the highest price (pounds, for one `price_unit`) that the council will
    accept, null where it accepts any; and the total out of 100 that a tender has to reach, where one is asked
    for."""

    __tablename__ = "round_lot"
    __table_args__ = (
        CheckConstraint("price_ceiling > 0", name="price_ceiling"),
        CheckConstraint(_one_of("price_unit", PRICE_UNITS), name="price_unit"),
        CheckConstraint("minimum_total > 0 AND minimum_total <= 100", name="minimum_total"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, index=True)
    price_ceiling: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    price_unit: Mapped[str] = mapped_column(Text, server_default=sql("'day'"), default="day")
    minimum_total: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))


class Scale(Base):
    """A scale of a round's pack. `highest` is the points of its best band."""

    __tablename__ = "scale"
    __table_args__ = (
        UniqueConstraint("round_id", "name"),
        CheckConstraint("highest > 0", name="highest"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    name: Mapped[str] = mapped_column(Text)
    highest: Mapped[int] = mapped_column(SmallInteger)


class ScaleBand(Base):
    """A band: the points, their label and the written descriptor that a mark must match."""

    __tablename__ = "scale_band"

    scale_id: Mapped[int] = mapped_column(ForeignKey("scale.id"), primary_key=True)
    points: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    descriptor: Mapped[str] = mapped_column(Text)


class Question(Base):
    """A question of a round's pack. `per_lot` questions are answered once for each lot applied for.

    A condition has a rule, and so has a price that is scored: its formula. `shape` is what the kind itself
    needs (`pack.SHAPES`), `rule_value` what the rule compares with (`pack.RULE_VALUES`). `ask_if` names an
    earlier question and the answers after which this one is asked; `lots` are the lots whose applicants are
    asked, all when empty. `changed_in` is the pack's version that gave the question its present words,
    `withdrawn_in` the one that took it out.
    """

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("round_id", "code"),
        UniqueConstraint("round_id", "position"),
        # Target of a mark's composite foreign key: a mark can only be on the question's own scale.
        UniqueConstraint("id", "scale_id"),
        CheckConstraint(_one_of("kind", QUESTION_KINDS), name="kind"),
        CheckConstraint(_one_of("judged_as", JUDGED_AS), name="judged_as"),
        CheckConstraint(_one_of("rule", RULES), name="rule"),
        CheckConstraint(
            "(judged_as IN ('condition', 'priced')) = (rule IS NOT NULL)", name="condition_has_rule"
        ),
        CheckConstraint(
            "judged_as <> 'priced' OR (weight IS NOT NULL AND per_lot AND "
            + _one_of("rule", tuple(PRICE_FORMULAS))
            + ")",
            name="priced_has_formula",
        ),
        CheckConstraint(
            "(judged_as = 'scored') = (weight IS NOT NULL AND scale_id IS NOT NULL AND minimum IS NOT NULL)",
            name="scored_has_weight",
        ),
        CheckConstraint("weight > 0 AND weight <= 100", name="weight"),
        CheckConstraint("NOT breaks_ties OR judged_as = 'scored'", name="breaks_ties"),
        CheckConstraint("word_limit > 0", name="word_limit"),
        CheckConstraint("max_bytes > 0", name="max_bytes"),
        CheckConstraint("withdrawn_in >= changed_in", name="withdrawn_in"),
        ForeignKeyConstraint(["scale_id", "minimum"], ["scale_band.scale_id", "scale_band.points"]),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    section: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    how_judged: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    kind: Mapped[str] = mapped_column(Text)
    required: Mapped[bool]
    per_lot: Mapped[bool]
    word_limit: Mapped[int | None] = mapped_column(SmallInteger)
    accepted: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"))
    max_bytes: Mapped[int | None] = mapped_column(BigInteger)
    options: Mapped[list[list[str]]] = mapped_column(JSONB, server_default=sql("'[]'"))
    standard: Mapped[str | None] = mapped_column(Text)
    judged_as: Mapped[str] = mapped_column(Text)
    rule: Mapped[str | None] = mapped_column(Text)
    scale_id: Mapped[int | None] = mapped_column(ForeignKey("scale.id"))
    weight: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    minimum: Mapped[int | None] = mapped_column(SmallInteger)
    # Whether its mark decides between equal totals.
    breaks_ties: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    shape: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=sql("'{}'"), default=dict)
    rule_value: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    ask_if: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    lots: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=sql("'{}'"), default=list)
    # What earlier versions offered and this one does not: how answers read that were given from it.
    former_options: Mapped[list[list[str]]] = mapped_column(JSONB, server_default=sql("'[]'"), default=list)
    changed_in: Mapped[int] = mapped_column(SmallInteger, server_default=sql("1"), default=1)
    withdrawn_in: Mapped[int | None] = mapped_column(SmallInteger)
