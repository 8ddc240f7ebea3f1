-- Until when all is in force that a lot asks a provider to show: the earliest of what it asks for. A kind of
-- document counts from the day on which it is asked for, and as long as the newest check of a document of that
-- kind says. Null where nothing that is asked for runs out.
CREATE FUNCTION evidence_until_of(provider bigint, lot_asking bigint) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT nullif(min(greatest(lot_evidence.applies_from - 1, seen.until)), 'infinity')
    FROM lot_evidence
    JOIN lot ON lot.id = lot_evidence.lot_id
    JOIN framework ON framework.id = lot.framework_id
    CROSS JOIN LATERAL (
        SELECT max(coalesce(newest.expires_on, 'infinity')) AS until
        FROM (
            SELECT DISTINCT ON (document_id) accepted, expires_on
            FROM evidence_check
            WHERE evidence_check.provider_id = provider
              AND evidence_check.document_type = lot_evidence.document_type
              AND evidence_check.council_id = framework.council_id
            ORDER BY document_id, id DESC
        ) AS newest
        WHERE newest.accepted
    ) AS seen
    WHERE lot_evidence.lot_id = lot_asking
$$;

CREATE FUNCTION standing_evidence_until() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.evidence_until := evidence_until_of(NEW.provider_id, NEW.lot_id);
    RETURN NEW;
END
$$;

CREATE TRIGGER standing_evidence_until BEFORE INSERT OR UPDATE ON standing
    FOR EACH ROW EXECUTE FUNCTION standing_evidence_until();

-- Whatever changes what is asked for, or what was seen, changes the standings with it.
CREATE FUNCTION evidence_moves_standings() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'evidence_check' THEN
        UPDATE standing SET evidence_until = NULL WHERE provider_id = NEW.provider_id;
    ELSE
        UPDATE standing SET evidence_until = NULL WHERE lot_id IN (NEW.lot_id, OLD.lot_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER evidence_check_moves_standings AFTER INSERT ON evidence_check
    FOR EACH ROW EXECUTE FUNCTION evidence_moves_standings();
CREATE TRIGGER lot_evidence_moves_standings AFTER INSERT OR UPDATE OR DELETE ON lot_evidence
    FOR EACH ROW EXECUTE FUNCTION evidence_moves_standings();

CREATE TRIGGER evidence_check_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_check
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was decided, and what a provider answered, stays as it was; who was suspended when is a record.
CREATE FUNCTION standing_change_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       OR (OLD.standing_id, OLD.step, OLD.cause, OLD.reason, OLD.told_to_schools, OLD.proposed_at,
           OLD.proposed_by_id, OLD.representations_by, OLD.review_on)
          IS DISTINCT FROM
          (NEW.standing_id, NEW.step, NEW.cause, NEW.reason, NEW.told_to_schools, NEW.proposed_at,
           NEW.proposed_by_id, NEW.representations_by, NEW.review_on)
       OR (OLD.decided_at IS NOT NULL AND (OLD.state, OLD.decided_at, OLD.decided_by_id, OLD.decision_note)
           IS DISTINCT FROM (NEW.state, NEW.decided_at, NEW.decided_by_id, NEW.decision_note))
       OR (OLD.represented_at IS NOT NULL
           AND (OLD.representations, OLD.represented_at, OLD.represented_by_id)
           IS DISTINCT FROM (NEW.representations, NEW.represented_at, NEW.represented_by_id)) THEN
        RAISE EXCEPTION 'standing_change refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER standing_change_is_kept BEFORE UPDATE OR DELETE ON standing_change
    FOR EACH ROW EXECUTE FUNCTION standing_change_is_kept();
CREATE TRIGGER standing_change_refuses_truncate BEFORE TRUNCATE ON standing_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
