-- The audit trail: the database orders, chains and protects the lines.

-- One line's hash: SHA-256 over its predecessor's hash and its own content, in one fixed spelling.
CREATE FUNCTION audit_line_hash(line audit_line) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(
        line.previous_hash || convert_to(
            jsonb_build_array(
                line.id,
                to_char(line.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
                line.actor_id, line.actor_name, line.action,
                line.subject_type, line.subject_id, line.details, line.request_id
            )::text,
            'UTF8'
        )
    )
$$;

-- Lines are numbered and chained under a lock held until the commit, so that their order is the chain's.
CREATE FUNCTION audit_line_chain() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    last audit_line;
BEGIN
    PERFORM pg_advisory_xact_lock(7260321);
    SELECT * INTO last FROM audit_line ORDER BY id DESC LIMIT 1;
    NEW.id := coalesce(last.id, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.previous_hash := coalesce(last.hash, ''::bytea);
    NEW.hash := audit_line_hash(NEW);
    RETURN NEW;
END
$$;

CREATE TRIGGER audit_line_chain BEFORE INSERT ON audit_line
    FOR EACH ROW EXECUTE FUNCTION audit_line_chain();

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% refuses %: its rows are a record', TG_TABLE_NAME, TG_OP;
END
$$;

CREATE TRIGGER audit_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
