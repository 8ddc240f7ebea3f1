DROP TRIGGER round_lot_is_frozen ON round_lot;
CREATE TRIGGER round_lot_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON round_lot
    FOR EACH ROW EXECUTE FUNCTION pack_is_frozen();
DROP FUNCTION round_lot_is_frozen();

CREATE OR REPLACE FUNCTION round_is_frozen() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (
        TG_OP = 'DELETE' OR NEW.state = 'draft'
        OR (NEW.framework_id, NEW.number, NEW.opens_at, NEW.closes_at, NEW.how_to_apply, NEW.sections, NEW.published_at)
           IS DISTINCT FROM
           (OLD.framework_id, OLD.number, OLD.opens_at, OLD.closes_at, OLD.how_to_apply, OLD.sections, OLD.published_at)
    ) THEN
        RAISE EXCEPTION 'round refuses %: round % is published', TG_OP, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
END
$$;

CREATE OR REPLACE FUNCTION amendment_allows(operation text, before question, after question, version smallint)
RETURNS boolean LANGUAGE sql STABLE AS $$
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

ALTER TABLE pack_version DISABLE TRIGGER pack_version_append_only;
UPDATE pack_version SET content = content - 'terms';
ALTER TABLE pack_version ENABLE TRIGGER pack_version_append_only;
UPDATE staged_pack SET content = content - 'terms';
