DROP FUNCTION waiver_is_a_record CASCADE;

CREATE OR REPLACE FUNCTION mark_while_accepted() RETURNS trigger
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

CREATE OR REPLACE FUNCTION agreed_mark_after_locks() RETURNS trigger
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

DROP FUNCTION covers;
