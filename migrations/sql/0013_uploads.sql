-- Whether files may follow after the close was published with the round, and stands with it.
CREATE FUNCTION late_upload_is_frozen() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND NEW.late_upload_hours IS DISTINCT FROM OLD.late_upload_hours THEN
        RAISE EXCEPTION 'round refuses %: round % is published', TG_OP, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER late_upload_is_frozen BEFORE UPDATE ON round
    FOR EACH ROW EXECUTE FUNCTION late_upload_is_frozen();

-- Until when the files promised in an application may follow; null where its round allows none to.
CREATE FUNCTION files_may_follow_until(of_application bigint) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT greatest(round.closes_at, (
        SELECT max(extension.closes_at) FROM extension
        WHERE extension.round_id = round.id AND (extension.for_everyone OR EXISTS (
            SELECT FROM extended_application
            WHERE extension_id = extension.id AND application_id = of_application))
    )) + late_upload_hours * interval '1 hour'
    FROM application JOIN round ON round.id = round_id WHERE application.id = of_application
$$;

-- A promise is made, and taken back, in a draft only. It is kept once: for the sealed application, in time, while the
-- tender box is shut, by exactly the bytes that were promised.
CREATE FUNCTION promise_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM FROM answer
            JOIN application ON application.id = application_id
            JOIN round ON round.id = application.round_id
            JOIN document ON document.id = NEW.document_id
        WHERE answer.id = OLD.answer_id
            AND OLD.document_id IS NULL
            AND to_jsonb(NEW) - '{document_id,delivered_at}'::text[] = to_jsonb(OLD) - '{document_id,delivered_at}'::text[]
            AND (document.sha256, document.size, document.organisation_id)
                = (OLD.sha256, OLD.size, application.provider_id)
            AND application.state = 'submitted' AND round.state = 'published'
            AND NEW.delivered_at >= application.submitted_at
            AND NEW.delivered_at < files_may_follow_until(application.id)
        FOR SHARE OF round;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'promised_file refuses UPDATE: promise % cannot be kept so', OLD.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM refuse_when_submitted(application_id, TG_TABLE_NAME) FROM answer WHERE id = OLD.answer_id;
        RETURN OLD;
    END IF;
    PERFORM refuse_when_submitted(application_id, TG_TABLE_NAME) FROM answer WHERE id = NEW.answer_id;
    PERFORM FROM answer WHERE id = NEW.answer_id AND files_may_follow_until(application_id) IS NOT NULL;
    IF NOT FOUND OR NEW.document_id IS NOT NULL THEN
        RAISE EXCEPTION 'promised_file refuses INSERT: answer % takes no promises', NEW.answer_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER promise_is_kept BEFORE INSERT OR UPDATE OR DELETE ON promised_file
    FOR EACH ROW EXECUTE FUNCTION promise_is_kept();
CREATE TRIGGER promised_file_refuses_truncate BEFORE TRUNCATE ON promised_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Into a sealed application comes a file that keeps a promise, and no other.
CREATE OR REPLACE FUNCTION answer_file_is_sealed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM promised_file WHERE answer_id = NEW.answer_id AND document_id = NEW.document_id
    ) THEN
        RETURN NEW;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM refuse_when_submitted(application_id, TG_TABLE_NAME) FROM answer WHERE id = OLD.answer_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM refuse_when_submitted(application_id, TG_TABLE_NAME) FROM answer WHERE id = NEW.answer_id;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
END
$$;

-- The tender box stays shut while promised files may still follow.
CREATE FUNCTION box_waits_for_files() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.opened_at IS NULL AND NEW.opened_at < greatest(
        NEW.closes_at, (SELECT max(closes_at) FROM extension WHERE round_id = NEW.id)
    ) + NEW.late_upload_hours * interval '1 hour' THEN
        RAISE EXCEPTION 'round refuses %: files may still follow into round %', TG_OP, NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER box_waits_for_files BEFORE UPDATE ON round
    FOR EACH ROW EXECUTE FUNCTION box_waits_for_files();
