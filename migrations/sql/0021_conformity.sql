-- A person's decision is never overwritten by a rule, and a colleague's does not wipe it out: what stands on a
-- check as decided is kept word for word under its version, and versions only grow.
CREATE FUNCTION decision_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.decided_by_id IS NOT NULL
        AND (NEW.decided_by_id IS NULL OR NEW.version < OLD.version) THEN
        RAISE EXCEPTION 'conformity_check refuses UPDATE: a person has decided'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.decided_by_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM conformity_decision
        WHERE (check_id, version, result, reason, decided_at, decided_by_id)
            = (NEW.id, NEW.version, NEW.result, NEW.reason, NEW.decided_at, NEW.decided_by_id)
    ) THEN
        RAISE EXCEPTION 'conformity_check refuses %: no such decision is kept', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER decision_stands BEFORE INSERT OR UPDATE ON conformity_check
    FOR EACH ROW EXECUTE FUNCTION decision_stands();
CREATE TRIGGER conformity_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON conformity_decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was found is never unsaid: who looks again adds a finding.
CREATE TRIGGER exclusion_finding_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON exclusion_finding
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was asked, of whom and until when stays as it was sent. An answer or a withdrawal is given once; after
-- it the lead may only show the answer to the evaluators. The words of an answer, and the file with them, may
-- go when the application itself is erased (by the same word as its answers, see 0008).
CREATE FUNCTION inquiry_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('portal.erasing', true) = OLD.application_id::text THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE'
        OR (OLD.application_id, OLD.question_id, OLD.lot_id, OLD.text, OLD.asked_at, OLD.asked_by_id, OLD.due_at)
            IS DISTINCT FROM
            (NEW.application_id, NEW.question_id, NEW.lot_id, NEW.text, NEW.asked_at, NEW.asked_by_id, NEW.due_at)
        OR OLD.state <> 'asked'
            AND (OLD.state, OLD.answer, OLD.answered_at, OLD.answered_by_id, OLD.withdrawn_because)
                IS DISTINCT FROM
                (NEW.state, NEW.answer, NEW.answered_at, NEW.answered_by_id, NEW.withdrawn_because)
        OR OLD.shown_at IS NOT NULL AND (OLD.shown_at, OLD.shown_by_id) IS DISTINCT FROM (NEW.shown_at, NEW.shown_by_id)
    THEN
        RAISE EXCEPTION 'inquiry refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER inquiry_stands BEFORE UPDATE OR DELETE ON inquiry
    FOR EACH ROW EXECUTE FUNCTION inquiry_stands();

-- A file comes with the answer and never after it.
CREATE FUNCTION inquiry_file_with_its_answer() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    of_inquiry inquiry;
BEGIN
    SELECT * INTO of_inquiry FROM inquiry
    WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.inquiry_id ELSE OLD.inquiry_id END FOR SHARE;
    IF TG_OP = 'DELETE' AND current_setting('portal.erasing', true) = of_inquiry.application_id::text THEN
        RETURN OLD;
    END IF;
    IF TG_OP <> 'INSERT' OR of_inquiry.state <> 'asked' THEN
        RAISE EXCEPTION 'inquiry_file refuses %: the answer is given', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER inquiry_file_with_its_answer BEFORE INSERT OR UPDATE OR DELETE ON inquiry_file
    FOR EACH ROW EXECUTE FUNCTION inquiry_file_with_its_answer();
