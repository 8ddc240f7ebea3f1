DROP TRIGGER nothing_is_judged_after_the_end ON decision;
DROP TRIGGER nothing_is_judged_after_the_end ON mark;
DROP FUNCTION nothing_is_judged_after_the_end();

CREATE OR REPLACE FUNCTION withdrawal_is_final() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'withdrawn' OR (NEW.state = 'withdrawn' AND (OLD.state <> 'published' OR NOT EXISTS (
        SELECT FROM round_withdrawal WHERE round_id = NEW.id AND approved
    ))) THEN
        RAISE EXCEPTION 'round refuses %: round % is %, to be %', TG_OP, OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
