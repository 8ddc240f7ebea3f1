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

CREATE OR REPLACE FUNCTION refresh_agenda(applications bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- Two evaluators who lock at the same moment take turns, so that the second sees the first.
    PERFORM FROM application WHERE id = ANY (applications) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM agenda_item WHERE application_id = ANY (applications);
    INSERT INTO agenda_item
        (answer_id, round_id, application_id, question_id, lot_id, marks, lowest, highest, total, turn,
         agreed)
    SELECT answer.id, application.round_id, application.id, answer.question_id, answer.lot_id,
           count(*), min(mark.points), max(mark.points), sum(mark.points),
           (min(mark.points) - max(mark.points)) * question.weight,
           EXISTS (SELECT FROM agreed_mark WHERE agreed_mark.answer_id = answer.id)
    FROM application
    JOIN assignment ON assignment.application_id = application.id AND assignment.state = 'locked'
    JOIN answer ON answer.application_id = application.id
    JOIN question ON question.id = answer.question_id
    JOIN mark ON mark.answer_id = answer.id AND mark.evaluator_id = assignment.evaluator_id
    WHERE application.id = ANY (applications) AND application.id IN (
        SELECT application_id FROM assignment
        WHERE application_id = ANY (applications) AND state <> 'conflicted'
        GROUP BY application_id HAVING count(*) >= 2 AND bool_and(state = 'locked')
    )
    GROUP BY answer.id, application.id, question.id;
END
$$;

CREATE OR REPLACE FUNCTION assignment_refreshes_agenda() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    applications bigint[];
BEGIN
    -- An acceptance completes nothing; everything else can.
    SELECT array_agg(DISTINCT application_id) INTO applications FROM changed
    WHERE TG_OP <> 'UPDATE' OR state <> 'accepted';
    IF applications IS NOT NULL THEN
        PERFORM refresh_agenda(applications);
    END IF;
    RETURN NULL;
END
$$;

DROP FUNCTION covers;
