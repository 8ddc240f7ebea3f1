-- Whether an assignment of these sections and lots (all where empty) covers an answer of this section and lot.
CREATE FUNCTION covers(sections text[], lots bigint[], section text, lot bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT (sections = '{}' OR section = ANY (sections)) AND (lots = '{}' OR lot IS NULL OR lot = ANY (lots))
$$;

-- An individual mark may be written only while its evaluator's own assignment is accepted and covers the answer:
-- after the declaration that there is no conflict, or after a declared one was waived; before the lock. The share
-- lock makes a lock under way wait its turn.
CREATE OR REPLACE FUNCTION mark_while_accepted() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed mark;
    standing text;
    waived boolean;
    covered boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    SELECT assignment.state,
           covers(assignment.sections, assignment.lots, question.section, answer.lot_id),
           assignment.conflict_kind = '' OR EXISTS (
               SELECT FROM conflict_waiver WHERE assignment_id = assignment.id AND granted
                   AND proposed_at >= assignment.declared_at
           )
    INTO standing, covered, waived
    FROM assignment
    JOIN answer ON answer.application_id = assignment.application_id
    JOIN question ON question.id = answer.question_id
    WHERE answer.id = changed.answer_id AND assignment.evaluator_id = changed.evaluator_id
    FOR SHARE OF assignment;
    IF standing IS DISTINCT FROM 'accepted' THEN
        RAISE EXCEPTION 'mark refuses %: the assignment is %', TG_OP, coalesce(standing, 'missing')
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF NOT covered THEN
        RAISE EXCEPTION 'mark refuses %: the answer is somebody else''s to mark', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF NOT waived THEN
        RAISE EXCEPTION 'mark refuses %: a conflict was declared and not waived', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN changed;
END
$$;

-- An agreed mark needs two evaluators who have this answer to mark and have locked, nobody of the tender who has
-- still to lock, and a round being marked.
CREATE OR REPLACE FUNCTION agreed_mark_after_locks() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed agreed_mark;
    locked_count integer;
    waiting_count integer;
    stage text;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    SELECT count(*) FILTER (WHERE assignment.state = 'locked'
               AND covers(assignment.sections, assignment.lots, question.section, answer.lot_id)),
           count(*) FILTER (WHERE assignment.state IN ('assigned', 'accepted')),
           min(round.state)
    INTO locked_count, waiting_count, stage
    FROM answer
    JOIN question ON question.id = answer.question_id
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

-- What was proposed against a conflict, and what was decided, is a record: it is decided once.
CREATE FUNCTION waiver_is_a_record() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.decided_at IS NOT NULL
        OR (OLD.id, OLD.assignment_id, OLD.mitigation, OLD.proposed_at, OLD.proposed_by_id)
            <> (NEW.id, NEW.assignment_id, NEW.mitigation, NEW.proposed_at, NEW.proposed_by_id) THEN
        RAISE EXCEPTION 'conflict_waiver refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER waiver_is_a_record BEFORE UPDATE OR DELETE ON conflict_waiver
    FOR EACH ROW EXECUTE FUNCTION waiver_is_a_record();

-- What a panel can agree on, as before, but for complete applications as they are now: all that is to be marked has
-- two evaluators who have locked, and nobody has still to lock.
CREATE OR REPLACE FUNCTION refresh_agenda(applications bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    complete bigint[];
BEGIN
    -- Two evaluators who lock at the same moment take turns, so that the second sees the first.
    PERFORM FROM application WHERE id = ANY (applications) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM agenda_item WHERE application_id = ANY (applications);
    -- In steps, because most changes complete nothing, and the planner would begin anywhere.
    SELECT array_agg(application_id) INTO complete FROM (
        SELECT application_id FROM assignment
        WHERE application_id = ANY (applications) AND state IN ('assigned', 'accepted', 'locked')
        GROUP BY application_id HAVING count(*) >= 2 AND bool_and(state = 'locked')
    ) AS locked;
    IF complete IS NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(application_id) INTO complete FROM unnest(complete) AS locked (application_id)
    WHERE NOT EXISTS (
        -- An answer that counts and that fewer than two evaluators have to mark.
        SELECT FROM answer AS counted JOIN question AS asked ON asked.id = counted.question_id
        WHERE counted.application_id = locked.application_id AND asked.judged_as = 'scored'
            AND asked.withdrawn_in IS NULL
            AND NOT EXISTS (
                SELECT FROM conformity_check AS failed
                WHERE failed.application_id = locked.application_id AND failed.result = 'fail'
                    AND (failed.lot_id IS NULL OR failed.lot_id = counted.lot_id)
            )
            AND (
                SELECT count(*) FROM assignment AS given
                WHERE given.application_id = locked.application_id AND given.state = 'locked'
                    AND covers(given.sections, given.lots, asked.section, counted.lot_id)
            ) < 2
    );
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
    WHERE application.id = ANY (complete)
    GROUP BY answer.id, application.id, question.id;
END
$$;

CREATE OR REPLACE FUNCTION assignment_refreshes_agenda() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    applications bigint[];
BEGIN
    -- An acceptance can undo what was complete: of a tender handed back, of a waived conflict, of a returned mark.
    SELECT array_agg(DISTINCT application_id) INTO applications FROM changed;
    IF applications IS NOT NULL THEN
        PERFORM refresh_agenda(applications);
    END IF;
    RETURN NULL;
END
$$;
