-- Whether a price counts is decided while the round is marked, and stands from the decision on.
CREATE FUNCTION price_check_while_marking() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed price_check;
    stage text;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    SELECT round.state INTO stage
    FROM application JOIN round ON round.id = application.round_id
    WHERE application.id = changed.application_id;
    IF stage <> 'marking' THEN
        RAISE EXCEPTION 'price_check refuses %: the round is %', TG_OP, stage
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN changed;
END
$$;

CREATE TRIGGER price_check_while_marking BEFORE INSERT OR UPDATE OR DELETE ON price_check
    FOR EACH ROW EXECUTE FUNCTION price_check_while_marking();
