-- A round ends without an outcome by a proposal that somebody else approved: withdrawn while its box is shut, and then
-- never opened, or terminated between the opening and the letters. Either is for good.
CREATE OR REPLACE FUNCTION withdrawal_is_final() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('withdrawn', 'terminated')
        OR (NEW.state = 'withdrawn' AND OLD.state <> 'published')
        OR (NEW.state = 'terminated' AND OLD.state NOT IN ('opened', 'marking', 'decided'))
        OR (NEW.state IN ('withdrawn', 'terminated') AND NOT EXISTS (
            SELECT FROM round_withdrawal WHERE round_id = NEW.id AND approved
        ))
    THEN
        RAISE EXCEPTION 'round refuses %: round % is %, to be %', TG_OP, OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

-- What was marked and decided when a round ended stays as it was. Agreed marks, results, prices and summaries are kept
-- by their own triggers to the states in which they are made.
CREATE FUNCTION nothing_is_judged_after_the_end() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed jsonb := to_jsonb(NEW);
    of_application bigint := changed ->> 'application_id';
BEGIN
    IF of_application IS NULL THEN
        SELECT application_id INTO of_application FROM answer WHERE id = (changed ->> 'answer_id')::bigint;
    END IF;
    IF EXISTS (
        SELECT FROM application JOIN round ON round.id = application.round_id
        WHERE application.id = of_application AND round.state = 'terminated'
    ) THEN
        RAISE EXCEPTION '% refuses %: the round has ended', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER nothing_is_judged_after_the_end BEFORE INSERT OR UPDATE ON mark
    FOR EACH ROW EXECUTE FUNCTION nothing_is_judged_after_the_end();
CREATE TRIGGER nothing_is_judged_after_the_end BEFORE INSERT OR UPDATE ON decision
    FOR EACH ROW EXECUTE FUNCTION nothing_is_judged_after_the_end();
