-- Every saved answer is kept as a version of it: by this trigger, so that a save needs no statement more.

-- Whether a text holds all of another: the same beginning and end, with nothing but something put in between.
CREATE FUNCTION only_adds(before jsonb, after jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    old_text text := before #>> '{}';
    new_text text := after #>> '{}';
    shared int := 0;
    most int := length(old_text);
    tried int;
BEGIN
    IF jsonb_typeof(before) <> 'string' OR jsonb_typeof(after) <> 'string' OR length(new_text) < most THEN
        RETURN false;
    END IF;
    -- The longest common beginning, by halving.
    WHILE shared < most LOOP
        tried := (shared + most + 1) / 2;
        IF left(old_text, tried) = left(new_text, tried) THEN shared := tried; ELSE most := tried - 1; END IF;
    END LOOP;
    RETURN right(old_text, length(old_text) - shared) = right(new_text, length(old_text) - shared);
END
$$;

-- Somebody who types on replaces their own newest version, while they pause for less than ten minutes and every
-- word of it stays. Anything else makes a version of its own: words that go, another person, another day.
CREATE FUNCTION keep_answer_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.value = 'null' OR current_setting('portal.erasing', true) = NEW.application_id::text THEN
        RETURN NULL;  -- documents have a history of their own, and what is erased leaves no copy
    END IF;
    IF TG_OP = 'UPDATE' THEN
        UPDATE answer_version SET version = NEW.version, value = NEW.value, saved_at = NEW.saved_at
        WHERE answer_id = NEW.id AND version = OLD.version AND saved_by_id = NEW.saved_by_id
            AND NEW.saved_at < saved_at + interval '10 minutes' AND only_adds(value, NEW.value);
        IF FOUND THEN RETURN NULL; END IF;
    END IF;
    INSERT INTO answer_version (answer_id, version, value, saved_at, saved_by_id)
    VALUES (NEW.id, NEW.version, NEW.value, NEW.saved_at, NEW.saved_by_id);
    RETURN NULL;
END
$$;

CREATE TRIGGER answer_keeps_versions AFTER INSERT OR UPDATE OF value ON answer
    FOR EACH ROW EXECUTE FUNCTION keep_answer_version();

-- Versions come from the trigger above alone, and go only with the erasure of their application.
CREATE FUNCTION answer_version_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('portal.erasing', true)
            = (SELECT application_id::text FROM answer WHERE id = OLD.answer_id)
        THEN
            RETURN OLD;
        END IF;
    ELSIF pg_trigger_depth() > 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'answer_version refuses %: earlier versions are kept as they were saved', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER answer_version_is_kept BEFORE INSERT OR UPDATE OR DELETE ON answer_version
    FOR EACH ROW EXECUTE FUNCTION answer_version_is_kept();
CREATE TRIGGER answer_version_refuses_truncate BEFORE TRUNCATE ON answer_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
