-- A version follows the one before it, of a round that is published and not yet opened. Which transaction
-- adds it is the database's to say.
CREATE FUNCTION pack_version_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    standing text;
    newest smallint;
BEGIN
    SELECT state INTO standing FROM round WHERE id = NEW.round_id FOR NO KEY UPDATE;
    SELECT coalesce(max(number), 0) INTO newest FROM pack_version WHERE round_id = NEW.round_id;
    IF standing IS DISTINCT FROM 'published' OR NEW.number <> newest + 1 THEN
        RAISE EXCEPTION 'pack_version refuses %: round % is %, its newest version is %',
            NEW.number, NEW.round_id, standing, newest
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.transaction_id := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END
$$;

CREATE TRIGGER pack_version_follows BEFORE INSERT ON pack_version
    FOR EACH ROW EXECUTE FUNCTION pack_version_follows();
CREATE TRIGGER pack_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pack_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The version after the first that this very transaction has added to a published round; none otherwise.
CREATE FUNCTION version_being_published(of_round bigint) RETURNS smallint
LANGUAGE sql AS $$
    SELECT max(pack_version.number) FROM pack_version JOIN round ON round.id = round_id
    WHERE round_id = of_round AND pack_version.number > 1 AND state = 'published'
        AND transaction_id = pg_current_xact_id()::text::bigint
$$;

-- What may happen to a question of a published round, as part of a new version: it comes in, it gets other
-- words, limits, weight or minimum, or it is withdrawn; once a version, and bearing the version's number.
CREATE FUNCTION amendment_allows(operation text, before question, after question, version smallint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(CASE operation
        WHEN 'INSERT' THEN after.changed_in = version AND after.withdrawn_in IS NULL
        WHEN 'UPDATE' THEN before.withdrawn_in IS NULL AND before.changed_in < version AND (
            (after.withdrawn_in = version
                AND to_jsonb(after) - 'withdrawn_in' = to_jsonb(before) - 'withdrawn_in')
            OR (after.changed_in = version AND after.withdrawn_in IS NULL
                AND to_jsonb(after) - changeable = to_jsonb(before) - changeable))
    END, false)
    FROM (SELECT ARRAY['title', 'text', 'why', 'how_judged', 'required', 'word_limit', 'accepted', 'max_bytes',
                       'weight', 'minimum', 'changed_in'] AS changeable) AS columns
$$;

CREATE FUNCTION question_is_frozen() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM refuse_unless_draft(OLD.round_id, TG_TABLE_NAME);
        RETURN OLD;
    END IF;
    IF NOT amendment_allows(TG_OP, OLD, NEW, version_being_published(NEW.round_id)) THEN
        IF TG_OP = 'UPDATE' THEN PERFORM refuse_unless_draft(OLD.round_id, TG_TABLE_NAME); END IF;
        PERFORM refuse_unless_draft(NEW.round_id, TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END
$$;

DROP TRIGGER question_is_frozen ON question;
CREATE TRIGGER question_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON question
    FOR EACH ROW EXECUTE FUNCTION question_is_frozen();

-- A conflicts assessment stands as it was made; a later one stands beside it.
CREATE TRIGGER conflicts_assessment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON conflicts_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
