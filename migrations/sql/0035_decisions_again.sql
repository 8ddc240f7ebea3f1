-- What a provider has been told stands. An admission that waits may still take effect, and a new decision may
-- stand in the place of an old one, which is kept as it was.
DROP TRIGGER decision_is_final ON decision;
CREATE OR REPLACE FUNCTION decision_is_final() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (OLD.state, NEW.state) IN (('told', 'released'), ('told', 'superseded'), ('released', 'superseded'))
        AND to_jsonb(OLD) - 'state' = to_jsonb(NEW) - 'state' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'decision refuses %: it is %', TG_OP, OLD.state
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER decision_is_final BEFORE UPDATE OR DELETE ON decision
    FOR EACH ROW WHEN (OLD.state IN ('told', 'released', 'superseded')) EXECUTE FUNCTION decision_is_final();

-- A decision replaces one for the same tender and lot that does not count any more, and rests on a challenge of
-- that round, about that lot or all, which was found to be right.
CREATE FUNCTION decision_replaces() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM decision AS earlier
        JOIN application ON application.id = earlier.application_id
        JOIN challenge ON challenge.round_id = application.round_id
        WHERE earlier.id = NEW.replaces_id AND earlier.state = 'superseded'
          AND (earlier.application_id, earlier.lot_id) = (NEW.application_id, NEW.lot_id)
          AND challenge.id = NEW.challenge_id AND challenge.finding IN ('upheld', 'partly_upheld')
          AND (challenge.lot_id IS NULL OR challenge.lot_id = NEW.lot_id)
    ) THEN
        RAISE EXCEPTION 'decision refuses %: it replaces nothing, or no challenge is upheld', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER decision_replaces BEFORE INSERT OR UPDATE OF replaces_id, challenge_id ON decision
    FOR EACH ROW WHEN (NEW.replaces_id IS NOT NULL) EXECUTE FUNCTION decision_replaces();

-- What came, what was answered and what was found is written once.
CREATE OR REPLACE FUNCTION challenge_as_received() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.id, OLD.round_id, OLD.lot_id, OLD.kind, OLD.received_from, OLD.received_on, OLD.summary)
            IS DISTINCT FROM
            (NEW.id, NEW.round_id, NEW.lot_id, NEW.kind, NEW.received_from, NEW.received_on, NEW.summary)
        OR (OLD.state = 'answered' AND OLD.answer <> NEW.answer)
        OR (OLD.finding IS NOT NULL
            AND (OLD.finding, OLD.finding_reason, OLD.found_at, OLD.found_by_id)
                IS DISTINCT FROM (NEW.finding, NEW.finding_reason, NEW.found_at, NEW.found_by_id))
        OR (OLD.held_at IS NOT NULL AND OLD.held_at IS DISTINCT FROM NEW.held_at)
        OR (OLD.lifted_at IS NOT NULL AND OLD.lifted_at IS DISTINCT FROM NEW.lifted_at) THEN
        RAISE EXCEPTION 'challenge refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

-- What somebody proposed stays as they wrote it, and what was decided on it stands.
CREATE FUNCTION reconsideration_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.application_id, OLD.lot_id, OLD.challenge_id, OLD.replaces_id, OLD.outcome, OLD.reason, OLD.heard,
            OLD.conditions, OLD.proposed_at, OLD.proposed_by_id)
            IS DISTINCT FROM
            (NEW.application_id, NEW.lot_id, NEW.challenge_id, NEW.replaces_id, NEW.outcome, NEW.reason, NEW.heard,
             NEW.conditions, NEW.proposed_at, NEW.proposed_by_id)
        OR (OLD.state <> 'proposed'
            AND (OLD.state, OLD.decided_at, OLD.decided_by_id, OLD.return_reason)
                IS DISTINCT FROM (NEW.state, NEW.decided_at, NEW.decided_by_id, NEW.return_reason))
        OR (OLD.decision_id IS NOT NULL AND OLD.decision_id IS DISTINCT FROM NEW.decision_id) THEN
        RAISE EXCEPTION 'reconsideration refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER reconsideration_is_kept BEFORE UPDATE OR DELETE ON reconsideration
    FOR EACH ROW EXECUTE FUNCTION reconsideration_is_kept();
CREATE TRIGGER reconsideration_refuses_truncate BEFORE TRUNCATE ON reconsideration
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
