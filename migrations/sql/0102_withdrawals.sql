-- A round is withdrawn while its box is shut, by a withdrawal that somebody else approved, and stays withdrawn: its
-- applications are never opened.
CREATE FUNCTION withdrawal_is_final() RETURNS trigger
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

CREATE TRIGGER withdrawal_is_final BEFORE UPDATE ON round
    FOR EACH ROW EXECUTE FUNCTION withdrawal_is_final();

-- A proposal is a record: the one thing that may happen to it is to be decided, once.
CREATE FUNCTION withdrawal_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.decided_at IS NOT NULL
        OR (NEW.id, NEW.round_id, NEW.reason, NEW.proposed_at, NEW.proposed_by_id)
           IS DISTINCT FROM (OLD.id, OLD.round_id, OLD.reason, OLD.proposed_at, OLD.proposed_by_id)
    THEN
        RAISE EXCEPTION 'round_withdrawal refuses %: % is a record', TG_OP, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER withdrawal_is_kept BEFORE UPDATE OR DELETE ON round_withdrawal
    FOR EACH ROW EXECUTE FUNCTION withdrawal_is_kept();
CREATE TRIGGER round_withdrawal_refuses_truncate BEFORE TRUNCATE ON round_withdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An assessment stands as it was made; with a draft that is discarded it goes.
DROP TRIGGER conflicts_assessment_append_only ON conflicts_assessment;
CREATE TRIGGER conflicts_assessment_append_only BEFORE UPDATE OR TRUNCATE ON conflicts_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER conflicts_assessment_goes_with_its_draft BEFORE DELETE ON conflicts_assessment
    FOR EACH ROW EXECUTE FUNCTION pack_is_frozen();
