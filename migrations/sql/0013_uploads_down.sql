DROP FUNCTION box_waits_for_files, promise_is_kept, late_upload_is_frozen CASCADE;
DROP FUNCTION files_may_follow_until;

CREATE OR REPLACE FUNCTION answer_file_is_sealed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM refuse_when_submitted(application_id, TG_TABLE_NAME) FROM answer WHERE id = OLD.answer_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM refuse_when_submitted(application_id, TG_TABLE_NAME) FROM answer WHERE id = NEW.answer_id;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
END
$$;
