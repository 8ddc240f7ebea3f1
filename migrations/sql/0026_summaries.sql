-- A version of a summary's text is never changed; a new one is written while the summary is a draft, before the
-- letters are out.
CREATE TRIGGER summary_text_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON summary_text
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION summary_text_while_draft() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    standing text;
    stage text;
BEGIN
    SELECT round.state, assessment_summary.state INTO stage, standing
    FROM answer
    JOIN application ON application.id = answer.application_id
    JOIN round ON round.id = application.round_id
    LEFT JOIN assessment_summary ON assessment_summary.application_id = application.id
    WHERE answer.id = NEW.answer_id;
    IF stage NOT IN ('marking', 'decided') OR standing = 'approved' THEN
        RAISE EXCEPTION 'summary_text refuses INSERT: the round is %, the summary %', stage, standing
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER summary_text_while_draft BEFORE INSERT ON summary_text
    FOR EACH ROW EXECUTE FUNCTION summary_text_while_draft();

-- What was approved and sent stays so.
CREATE FUNCTION assessment_summary_is_sent() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM application JOIN round ON round.id = application.round_id
        WHERE application.id = OLD.application_id AND round.state = 'released'
    ) THEN
        RAISE EXCEPTION 'assessment_summary refuses %: the letters are out', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER assessment_summary_is_sent BEFORE UPDATE OR DELETE ON assessment_summary
    FOR EACH ROW EXECUTE FUNCTION assessment_summary_is_sent();
