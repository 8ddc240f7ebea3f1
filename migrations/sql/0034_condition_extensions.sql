-- More time is given for a condition that its provider knows of and has not met, from the day that counts now.
CREATE FUNCTION condition_extension_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    asked record;
BEGIN
    SELECT decision.state, condition.met_at,
           coalesce(
               (SELECT max(earlier.due_on) FROM condition_extension AS earlier
                WHERE earlier.condition_id = condition.id),
               condition.due_on
           ) AS due_on
    INTO asked
    FROM admission_condition AS condition JOIN decision ON decision.id = condition.decision_id
    WHERE condition.id = NEW.condition_id
    FOR SHARE OF condition;
    IF asked.state IS DISTINCT FROM 'released' OR asked.met_at IS NOT NULL
       OR asked.due_on IS DISTINCT FROM NEW.was_due_on THEN
        RAISE EXCEPTION 'condition_extension refuses: the decision is %, the condition met at %, due on %',
            asked.state, asked.met_at, asked.due_on
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER condition_extension_follows BEFORE INSERT ON condition_extension
    FOR EACH ROW EXECUTE FUNCTION condition_extension_follows();
CREATE TRIGGER condition_extension_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON condition_extension
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
