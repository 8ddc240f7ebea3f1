DROP FUNCTION names_hidden_as_published CASCADE;
DROP FUNCTION conflict_declaration_stands CASCADE;
ALTER TABLE conflict_waiver DISABLE TRIGGER waiver_is_a_record;
DELETE FROM conflict_waiver WHERE declaration_id IS NOT NULL;
ALTER TABLE conflict_waiver ENABLE TRIGGER waiver_is_a_record;
CREATE OR REPLACE FUNCTION waiver_is_a_record() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.decided_at IS NOT NULL
        OR (OLD.id, OLD.assignment_id, OLD.mitigation, OLD.proposed_at, OLD.proposed_by_id)
            <> (NEW.id, NEW.assignment_id, NEW.mitigation, NEW.proposed_at, NEW.proposed_by_id) THEN
        RAISE EXCEPTION 'conflict_waiver refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
