-- Marks: whoever writes them, by whatever road, they are made between the declaration and the lock.

-- An individual mark may be written only while its evaluator's own assignment is accepted: after the
-- declaration that there is no conflict, before the lock. The share lock makes a lock under way wait its turn.
CREATE FUNCTION mark_while_accepted() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed mark;
    standing text;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    SELECT assignment.state INTO standing
    FROM assignment JOIN answer ON answer.application_id = assignment.application_id
    WHERE answer.id = changed.answer_id AND assignment.evaluator_id = changed.evaluator_id
    FOR SHARE OF assignment;
    IF standing IS DISTINCT FROM 'accepted' THEN
        RAISE EXCEPTION 'mark refuses %: the assignment is %', TG_OP, coalesce(standing, 'missing')
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN changed;
END
$$;

CREATE TRIGGER mark_while_accepted BEFORE INSERT OR UPDATE OR DELETE ON mark
    FOR EACH ROW EXECUTE FUNCTION mark_while_accepted();

-- A mark stays with its answer and its evaluator: moving it would carry it round the check above.
CREATE FUNCTION mark_stays() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'mark refuses to move to another answer or evaluator'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER mark_stays BEFORE UPDATE OF answer_id, evaluator_id ON mark
    FOR EACH ROW WHEN (OLD.answer_id <> NEW.answer_id OR OLD.evaluator_id <> NEW.evaluator_id)
    EXECUTE FUNCTION mark_stays();

-- A locked assignment is the record of who marked what, and until when.
CREATE FUNCTION assignment_stays_locked() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'assignment refuses %: it is locked', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER assignment_stays_locked BEFORE UPDATE OR DELETE ON assignment
    FOR EACH ROW WHEN (OLD.state = 'locked') EXECUTE FUNCTION assignment_stays_locked();

-- An agreed mark needs at least two evaluators without a conflict, all of them locked, in a round being marked.
CREATE FUNCTION agreed_mark_after_locks() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed agreed_mark;
    locked_count integer;
    waiting_count integer;
    stage text;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    SELECT count(*) FILTER (WHERE assignment.state = 'locked'),
           count(*) FILTER (WHERE assignment.state IN ('assigned', 'accepted')),
           min(round.state)
    INTO locked_count, waiting_count, stage
    FROM answer
    JOIN application ON application.id = answer.application_id
    JOIN round ON round.id = application.round_id
    LEFT JOIN assignment ON assignment.application_id = application.id
    WHERE answer.id = changed.answer_id;
    IF locked_count < 2 OR waiting_count > 0 THEN
        RAISE EXCEPTION 'agreed_mark refuses %: % locked, % still to lock', TG_OP, locked_count, waiting_count
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF stage <> 'marking' THEN
        RAISE EXCEPTION 'agreed_mark refuses %: the round is %', TG_OP, stage
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN changed;
END
$$;

CREATE TRIGGER agreed_mark_after_locks BEFORE INSERT OR UPDATE OR DELETE ON agreed_mark
    FOR EACH ROW EXECUTE FUNCTION agreed_mark_after_locks();

-- Results are computed while the round is marked, and stand from the decision on.
CREATE FUNCTION result_while_marking() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed result;
    stage text;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    SELECT round.state INTO stage
    FROM application JOIN round ON round.id = application.round_id
    WHERE application.id = changed.application_id;
    IF stage <> 'marking' THEN
        RAISE EXCEPTION 'result refuses %: the round is %', TG_OP, stage
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN changed;
END
$$;

CREATE TRIGGER result_while_marking BEFORE INSERT OR UPDATE OR DELETE ON result
    FOR EACH ROW EXECUTE FUNCTION result_while_marking();

-- A released decision has been told to the provider.
CREATE FUNCTION decision_is_final() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'decision refuses %: it is released', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER decision_is_final BEFORE UPDATE OR DELETE ON decision
    FOR EACH ROW WHEN (OLD.state = 'released') EXECUTE FUNCTION decision_is_final();
