-- A correction is the next version of what everyone reads, and stays as it was published.
CREATE FUNCTION correction_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    standing text;
    newest smallint;
BEGIN
    SELECT state INTO standing FROM clarification WHERE id = NEW.clarification_id FOR SHARE;
    SELECT coalesce(max(number), 1) INTO newest
    FROM clarification_correction WHERE clarification_id = NEW.clarification_id;
    IF standing IS DISTINCT FROM 'published' OR NEW.number <> newest + 1 THEN
        RAISE EXCEPTION 'clarification_correction refuses %: clarification % is %, its newest version is %',
            NEW.number, NEW.clarification_id, standing, newest
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER correction_follows BEFORE INSERT ON clarification_correction
    FOR EACH ROW EXECUTE FUNCTION correction_follows();
CREATE TRIGGER clarification_correction_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON clarification_correction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
