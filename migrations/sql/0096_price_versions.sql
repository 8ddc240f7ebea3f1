-- Whoever decides on a price anew replaces what was decided, and the database keeps that as it stood.
CREATE FUNCTION price_check_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> OLD.version + 1
        OR (NEW.application_id, NEW.lot_id) <> (OLD.application_id, OLD.lot_id) THEN
        RAISE EXCEPTION 'price_check refuses UPDATE: every decision is a version of its own'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO former_price_check (application_id, lot_id, version, counts, reason, decided_at, decided_by_id)
    VALUES (OLD.application_id, OLD.lot_id, OLD.version, OLD.counts, OLD.reason, OLD.decided_at, OLD.decided_by_id);
    RETURN NEW;
END
$$;

CREATE TRIGGER price_check_kept BEFORE UPDATE ON price_check
    FOR EACH ROW EXECUTE FUNCTION price_check_kept();
CREATE TRIGGER former_price_check_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON former_price_check
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
