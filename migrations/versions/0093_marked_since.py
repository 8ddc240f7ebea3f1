"""An assignment that is opened again takes marks of answers that had none when it was locked."""

from alembic import op

revision = "0093_marked_since"
down_revision = "0092_award_notices"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE OR REPLACE FUNCTION mark_while_returned() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed mark;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    IF EXISTS (
        SELECT FROM assignment JOIN answer ON answer.application_id = assignment.application_id
        WHERE answer.id = changed.answer_id AND assignment.evaluator_id = changed.evaluator_id
            AND assignment.returned_at IS NOT NULL{since} AND NOT EXISTS (
                SELECT FROM returned_mark
                WHERE returned_mark.answer_id = changed.answer_id
                    AND returned_mark.evaluator_id = changed.evaluator_id
                    AND returned_mark.returned_at >= assignment.returned_at
            )
    ) THEN
        RAISE EXCEPTION 'mark refuses %: it was locked, and is not returned', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN changed;
END
$$;
"""


def upgrade() -> None:
    """Refuse to change a mark that was locked and is not returned, and no other."""
    op.execute(FUNCTION.replace("{since}", " AND OLD.marked_at < assignment.returned_at"))


def downgrade() -> None:
    """As before: nothing but what was returned."""
    op.execute(FUNCTION.replace("{since}", ""))
