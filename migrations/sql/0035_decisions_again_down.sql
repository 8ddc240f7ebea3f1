DROP TRIGGER decision_is_final ON decision;
DROP TRIGGER reconsideration_is_kept ON reconsideration;
DROP TRIGGER standing_change_is_kept ON standing_change;
DROP FUNCTION decision_replaces CASCADE;
ALTER TABLE admission_condition DISABLE TRIGGER USER;
ALTER TABLE condition_extension DISABLE TRIGGER USER;
UPDATE reconsideration SET decision_id = NULL;
DELETE FROM reconsideration;
DELETE FROM condition_extension USING admission_condition AS asked, decision
WHERE asked.id = condition_id AND decision.id = asked.decision_id AND decision.state = 'superseded';
DELETE FROM admission_condition USING decision
WHERE decision.id = decision_id AND decision.state = 'superseded';
UPDATE decision SET replaces_id = NULL, challenge_id = NULL WHERE replaces_id IS NOT NULL;
DELETE FROM decision WHERE state = 'superseded';
ALTER TABLE condition_extension ENABLE TRIGGER USER;
ALTER TABLE admission_condition ENABLE TRIGGER USER;
DELETE FROM standing_change WHERE step = 'admit';
UPDATE standing_change SET cause = 'other' WHERE cause = 'new_decision';
CREATE TRIGGER standing_change_is_kept BEFORE UPDATE OR DELETE ON standing_change
    FOR EACH ROW EXECUTE FUNCTION standing_change_is_kept();

CREATE OR REPLACE FUNCTION decision_is_final() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'told' AND NEW.state = 'released'
        AND to_jsonb(OLD) - 'state' = to_jsonb(NEW) - 'state' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'decision refuses %: it is %', TG_OP, OLD.state
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER decision_is_final BEFORE UPDATE OR DELETE ON decision
    FOR EACH ROW WHEN (OLD.state IN ('told', 'released')) EXECUTE FUNCTION decision_is_final();

CREATE OR REPLACE FUNCTION challenge_as_received() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.id, OLD.round_id, OLD.lot_id, OLD.kind, OLD.received_from, OLD.received_on, OLD.summary)
            IS DISTINCT FROM
            (NEW.id, NEW.round_id, NEW.lot_id, NEW.kind, NEW.received_from, NEW.received_on, NEW.summary)
        OR (OLD.state = 'answered' AND OLD.answer <> NEW.answer)
        OR (OLD.held_at IS NOT NULL AND OLD.held_at IS DISTINCT FROM NEW.held_at)
        OR (OLD.lifted_at IS NOT NULL AND OLD.lifted_at IS DISTINCT FROM NEW.lifted_at) THEN
        RAISE EXCEPTION 'challenge refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
