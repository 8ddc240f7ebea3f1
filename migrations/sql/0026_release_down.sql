DROP TRIGGER decision_is_final ON decision;
CREATE OR REPLACE FUNCTION decision_is_final() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'decision refuses %: it is released', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
UPDATE decision SET state = 'released' WHERE state = 'told';
CREATE TRIGGER decision_is_final BEFORE UPDATE OR DELETE ON decision
    FOR EACH ROW WHEN (OLD.state = 'released') EXECUTE FUNCTION decision_is_final();
DROP FUNCTION release_is_a_record CASCADE;
DROP FUNCTION challenge_as_received CASCADE;
