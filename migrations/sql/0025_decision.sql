-- What a condition asks is decided with the decision: it changes only while that waits for its approval. How it
-- was met is written once, after the provider was told.
CREATE FUNCTION admission_condition_as_decided() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    standing text;
    changed admission_condition;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    SELECT state INTO standing FROM decision WHERE id = changed.decision_id FOR SHARE;
    IF standing IN ('recommended', 'returned') AND changed.met_at IS NULL THEN
        RETURN changed;
    END IF;
    IF TG_OP = 'UPDATE' AND standing = 'released' AND OLD.met_at IS NULL
        AND (OLD.id, OLD.decision_id, OLD.position, OLD.text, OLD.evidence_type, OLD.due_on) IS NOT DISTINCT FROM
            (NEW.id, NEW.decision_id, NEW.position, NEW.text, NEW.evidence_type, NEW.due_on) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'admission_condition refuses %: the decision is %', TG_OP, standing
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER admission_condition_as_decided BEFORE INSERT OR UPDATE OR DELETE ON admission_condition
    FOR EACH ROW EXECUTE FUNCTION admission_condition_as_decided();

-- Nobody is admitted on conditions that nobody has written down.
CREATE FUNCTION conditions_are_named() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM admission_condition WHERE decision_id = NEW.id) THEN
        RAISE EXCEPTION 'decision refuses approval: it names no condition'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER conditions_are_named BEFORE UPDATE ON decision
    FOR EACH ROW WHEN (NEW.outcome = 'admit_conditionally' AND NEW.state = 'approved')
    EXECUTE FUNCTION conditions_are_named();
