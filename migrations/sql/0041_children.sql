-- The child of a choice is one of the choosing school's, and once it is said it never becomes another.
CREATE FUNCTION call_off_child() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.child_id IS NOT NULL AND NEW.child_id IS DISTINCT FROM OLD.child_id THEN
        RAISE EXCEPTION 'call_off refuses another child than the one that was named'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.child_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM child WHERE id = NEW.child_id AND school_id = NEW.school_id) THEN
        RAISE EXCEPTION 'call_off refuses a child of another school'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER call_off_child BEFORE INSERT OR UPDATE OF child_id ON call_off
    FOR EACH ROW EXECUTE FUNCTION call_off_child();
