-- A mark that was locked and is returned to its evaluator is kept as it stood, with the reason why.
CREATE FUNCTION returned_mark_as_it_stood() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM mark
        WHERE (answer_id, evaluator_id, version, points, reason, marked_at)
            = (NEW.answer_id, NEW.evaluator_id, NEW.version, NEW.points, NEW.reason, NEW.marked_at)
    ) THEN
        RAISE EXCEPTION 'returned_mark refuses INSERT: no such mark stands'
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF EXISTS (SELECT FROM agreed_mark WHERE answer_id = NEW.answer_id) THEN
        RAISE EXCEPTION 'returned_mark refuses INSERT: the answer has its agreed mark'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER returned_mark_as_it_stood BEFORE INSERT ON returned_mark
    FOR EACH ROW EXECUTE FUNCTION returned_mark_as_it_stood();
CREATE TRIGGER returned_mark_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON returned_mark
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A locked assignment is the record of who marked what, and until when. It opens again in one way alone: when
-- something of it is returned, and nothing else of it changes. Then the marks that were returned can be written.
CREATE OR REPLACE FUNCTION assignment_stays_locked() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.state = 'accepted' AND NEW.returned_at >= OLD.locked_at
        AND (NEW.id, NEW.application_id, NEW.evaluator_id, NEW.sections, NEW.lots, NEW.conflict_kind,
             NEW.declared_at)
          = (OLD.id, OLD.application_id, OLD.evaluator_id, OLD.sections, OLD.lots, OLD.conflict_kind,
             OLD.declared_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'assignment refuses %: it is locked', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION mark_while_returned() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed mark;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    IF EXISTS (
        SELECT FROM assignment JOIN answer ON answer.application_id = assignment.application_id
        WHERE answer.id = changed.answer_id AND assignment.evaluator_id = changed.evaluator_id
            AND assignment.returned_at IS NOT NULL AND NOT EXISTS (
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

CREATE TRIGGER mark_while_returned BEFORE INSERT OR UPDATE OR DELETE ON mark
    FOR EACH ROW EXECUTE FUNCTION mark_while_returned();
