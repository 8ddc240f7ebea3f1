-- What a panel can agree on: the locked marks of each answer in short. Rows exist for complete applications
-- alone, those whose evaluators, two or more, have all locked: who reads these rows reads no mark too early.
CREATE FUNCTION refresh_agenda(applications bigint[]) RETURNS void
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

CREATE FUNCTION assignment_refreshes_agenda() RETURNS trigger
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

CREATE TRIGGER assignment_inserted AFTER INSERT ON assignment REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION assignment_refreshes_agenda();
CREATE TRIGGER assignment_updated AFTER UPDATE ON assignment REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION assignment_refreshes_agenda();
CREATE TRIGGER assignment_deleted AFTER DELETE ON assignment REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION assignment_refreshes_agenda();

CREATE FUNCTION agreed_mark_on_agenda() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE agenda_item SET agreed = true WHERE answer_id = NEW.answer_id;
    ELSE
        UPDATE agenda_item SET agreed = false WHERE answer_id = OLD.answer_id;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER agreed_mark_on_agenda AFTER INSERT OR DELETE ON agreed_mark
    FOR EACH ROW EXECUTE FUNCTION agreed_mark_on_agenda();

SELECT refresh_agenda(array_agg(id)) FROM application WHERE state = 'submitted';
