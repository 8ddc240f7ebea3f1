-- Whether evaluators mark without names is published with the round, and stands.
CREATE FUNCTION names_hidden_as_published() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'round refuses UPDATE: whether names are hidden is published'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER names_hidden_as_published BEFORE UPDATE ON round
    FOR EACH ROW WHEN (OLD.state <> 'draft' AND OLD.names_hidden <> NEW.names_hidden)
    EXECUTE FUNCTION names_hidden_as_published();

-- A tender keeps its code, and what an evaluator reported stays as it was written.
CREATE TRIGGER tender_code_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tender_code
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER identifying_answer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON identifying_answer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A declaration is made once, and once more where somebody finds a conflict later: that is never unsaid.
CREATE FUNCTION conflict_declaration_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.conflict_kind <> ''
        OR (OLD.id, OLD.application_id, OLD.person_id) <> (NEW.id, NEW.application_id, NEW.person_id) THEN
        RAISE EXCEPTION 'conflict_declaration refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER conflict_declaration_stands BEFORE UPDATE OR DELETE ON conflict_declaration
    FOR EACH ROW EXECUTE FUNCTION conflict_declaration_stands();

-- As before; a waiver is now of an assignment or of a declaration.
CREATE OR REPLACE FUNCTION waiver_is_a_record() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.decided_at IS NOT NULL
        OR (OLD.id, OLD.assignment_id, OLD.declaration_id, OLD.mitigation, OLD.proposed_at, OLD.proposed_by_id)
            IS DISTINCT FROM
            (NEW.id, NEW.assignment_id, NEW.declaration_id, NEW.mitigation, NEW.proposed_at, NEW.proposed_by_id)
    THEN
        RAISE EXCEPTION 'conflict_waiver refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
