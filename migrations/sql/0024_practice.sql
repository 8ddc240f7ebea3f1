-- A practice mark is written until its evaluator has locked the practice of the round.
CREATE FUNCTION practice_mark_until_locked() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed practice_mark;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    IF EXISTS (
        SELECT FROM practice_lock JOIN practice_answer ON practice_answer.round_id = practice_lock.round_id
        WHERE practice_answer.id = changed.practice_answer_id
            AND practice_lock.evaluator_id = changed.evaluator_id
    ) THEN
        RAISE EXCEPTION 'practice_mark refuses %: it is locked', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN changed;
END
$$;

CREATE TRIGGER practice_mark_until_locked BEFORE INSERT OR UPDATE OR DELETE ON practice_mark
    FOR EACH ROW EXECUTE FUNCTION practice_mark_until_locked();

-- All mark the same practice answers: none is added, changed or taken away once the round has a practice mark.
CREATE FUNCTION practice_answer_until_marked() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed practice_answer;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    IF EXISTS (
        SELECT FROM practice_mark JOIN practice_answer ON practice_answer.id = practice_answer_id
        WHERE round_id = changed.round_id
    ) THEN
        RAISE EXCEPTION 'practice_answer refuses %: practice has begun', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN changed;
END
$$;

CREATE TRIGGER practice_answer_until_marked BEFORE INSERT OR UPDATE OR DELETE ON practice_answer
    FOR EACH ROW EXECUTE FUNCTION practice_answer_until_marked();

-- Where there is practice, no tender is marked before its evaluator has locked theirs.
CREATE FUNCTION mark_after_practice() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM question JOIN practice_answer ON practice_answer.round_id = question.round_id
        WHERE question.id = NEW.question_id
    ) AND NOT EXISTS (
        SELECT FROM question JOIN practice_lock ON practice_lock.round_id = question.round_id
        WHERE question.id = NEW.question_id AND practice_lock.evaluator_id = NEW.evaluator_id
    ) THEN
        RAISE EXCEPTION 'mark refuses INSERT: the practice is not locked'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER mark_after_practice BEFORE INSERT ON mark
    FOR EACH ROW EXECUTE FUNCTION mark_after_practice();
