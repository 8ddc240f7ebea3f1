-- What a provider has been told stands. An admission that waits may still take effect, and nothing else.
DROP TRIGGER decision_is_final ON decision;
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

-- A release that was cancelled, stopped or sent is a record.
CREATE FUNCTION release_is_a_record() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'outcome_release refuses %: it is %', TG_OP, OLD.state
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER release_is_a_record BEFORE UPDATE OR DELETE ON outcome_release
    FOR EACH ROW WHEN (OLD.state <> 'waiting') EXECUTE FUNCTION release_is_a_record();

-- What came, and what was answered, is written once.
CREATE FUNCTION challenge_as_received() RETURNS trigger
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
CREATE TRIGGER challenge_as_received BEFORE UPDATE OR DELETE ON challenge
    FOR EACH ROW EXECUTE FUNCTION challenge_as_received();
