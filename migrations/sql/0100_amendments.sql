-- Until now nothing of this could change after publication, so each version, and each amendment that is begun,
-- has what its round has.
CREATE FUNCTION terms_as_published(of_round bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('terms', jsonb_build_object(
        'how_to_apply', round.how_to_apply,
        'lots', (
            SELECT coalesce(jsonb_object_agg(lot.number, jsonb_build_object(
                'price_ceiling', round_lot.price_ceiling::text,
                'price_unit', round_lot.price_unit,
                'minimum_total', round_lot.minimum_total::text
            )), '{}')
            FROM round_lot JOIN lot ON lot.id = round_lot.lot_id WHERE round_lot.round_id = round.id
        )
    )) FROM round WHERE round.id = of_round
$$;
ALTER TABLE pack_version DISABLE TRIGGER pack_version_append_only;
UPDATE pack_version SET content = content || terms_as_published(round_id);
ALTER TABLE pack_version ENABLE TRIGGER pack_version_append_only;
UPDATE staged_pack SET content = content || terms_as_published(round_id)
WHERE round_id IN (SELECT id FROM round WHERE state <> 'draft');
DROP FUNCTION terms_as_published(bigint);

-- What may happen to a question of a published round, as part of a new version: it comes in, it asks or counts
-- otherwise, or it is withdrawn; once a version, and bearing the version's number.
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
                       'options', 'former_options', 'shape', 'rule', 'rule_value', 'ask_if',
                       'weight', 'minimum', 'changed_in'] AS changeable) AS columns
$$;

-- How to apply changes by a new version alone.
CREATE OR REPLACE FUNCTION round_is_frozen() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (
        TG_OP = 'DELETE' OR NEW.state = 'draft'
        OR (NEW.framework_id, NEW.number, NEW.opens_at, NEW.closes_at, NEW.sections, NEW.published_at)
           IS DISTINCT FROM
           (OLD.framework_id, OLD.number, OLD.opens_at, OLD.closes_at, OLD.sections, OLD.published_at)
        OR (NEW.how_to_apply <> OLD.how_to_apply AND version_being_published(OLD.id) IS NULL)
    ) THEN
        RAISE EXCEPTION 'round refuses %: round % is published', TG_OP, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
END
$$;

-- So do the highest prices and the minimum totals; which lots a round offers never changes.
CREATE FUNCTION round_lot_is_frozen() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.round_id, NEW.lot_id) = (OLD.round_id, OLD.lot_id)
        AND version_being_published(NEW.round_id) IS NOT NULL
    THEN
        RETURN NEW;
    END IF;
    IF TG_OP <> 'INSERT' THEN PERFORM refuse_unless_draft(OLD.round_id, TG_TABLE_NAME); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM refuse_unless_draft(NEW.round_id, TG_TABLE_NAME); END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
END
$$;

DROP TRIGGER round_lot_is_frozen ON round_lot;
CREATE TRIGGER round_lot_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON round_lot
    FOR EACH ROW EXECUTE FUNCTION round_lot_is_frozen();
