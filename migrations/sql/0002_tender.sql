-- Publication freezes a round: its dates and words, its lots, its questions and its scales.

CREATE FUNCTION round_is_frozen() RETURNS trigger
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

CREATE TRIGGER round_is_frozen BEFORE UPDATE OR DELETE ON round
    FOR EACH ROW EXECUTE FUNCTION round_is_frozen();

-- The share lock waits for a publication that is under way; the foreign key's own lock would not.
CREATE FUNCTION refuse_unless_draft(of_round bigint, what text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    standing text;
BEGIN
    SELECT state INTO standing FROM round WHERE id = of_round FOR SHARE;
    IF standing <> 'draft' THEN
        RAISE EXCEPTION '% cannot be changed: round % is published', what, of_round
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END
$$;

CREATE FUNCTION pack_is_frozen() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM refuse_unless_draft(OLD.round_id, TG_TABLE_NAME); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM refuse_unless_draft(NEW.round_id, TG_TABLE_NAME); END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
END
$$;

CREATE TRIGGER question_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON question
    FOR EACH ROW EXECUTE FUNCTION pack_is_frozen();
CREATE TRIGGER scale_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON scale
    FOR EACH ROW EXECUTE FUNCTION pack_is_frozen();
CREATE TRIGGER round_lot_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON round_lot
    FOR EACH ROW EXECUTE FUNCTION pack_is_frozen();

-- A band belongs to its round through its scale.
CREATE FUNCTION band_is_frozen() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM refuse_unless_draft(scale.round_id, TG_TABLE_NAME) FROM scale WHERE scale.id = OLD.scale_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM refuse_unless_draft(scale.round_id, TG_TABLE_NAME) FROM scale WHERE scale.id = NEW.scale_id;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
END
$$;

CREATE TRIGGER scale_band_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON scale_band
    FOR EACH ROW EXECUTE FUNCTION band_is_frozen();

-- A submitted application is sealed: its answers, documents and lots cannot change, whoever tries by whatever road.

-- The share lock waits for a submission that is under way; the foreign key's own lock would not.
CREATE FUNCTION refuse_when_submitted(of_application bigint, what text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    standing text;
BEGIN
    SELECT state INTO standing FROM application WHERE id = of_application FOR SHARE;
    IF standing = 'submitted' THEN
        RAISE EXCEPTION '% cannot be changed: application % is submitted', what, of_application
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END
$$;

CREATE FUNCTION application_is_sealed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM refuse_when_submitted(OLD.application_id, TG_TABLE_NAME); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM refuse_when_submitted(NEW.application_id, TG_TABLE_NAME); END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
END
$$;

CREATE TRIGGER answer_is_sealed BEFORE INSERT OR UPDATE OR DELETE ON answer
    FOR EACH ROW EXECUTE FUNCTION application_is_sealed();
CREATE TRIGGER application_lot_is_sealed BEFORE INSERT OR UPDATE OR DELETE ON application_lot
    FOR EACH ROW EXECUTE FUNCTION application_is_sealed();

-- A document belongs to its application through its answer.
CREATE FUNCTION answer_file_is_sealed() RETURNS trigger
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

CREATE TRIGGER answer_file_is_sealed BEFORE INSERT OR UPDATE OR DELETE ON answer_file
    FOR EACH ROW EXECUTE FUNCTION answer_file_is_sealed();

-- An application stays with its round and provider, goes in and out of the box only while the box is shut, and
-- is never deleted once it was submitted.
CREATE FUNCTION application_moves_while_shut() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state = 'submitted' THEN
            RAISE EXCEPTION 'application refuses DELETE: application % is submitted', OLD.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.round_id, NEW.provider_id) IS DISTINCT FROM (OLD.round_id, OLD.provider_id)
        OR (NEW.state <> OLD.state
            AND (SELECT state FROM round WHERE id = OLD.round_id FOR SHARE) <> 'published')
        OR (NEW.state = OLD.state AND OLD.state = 'submitted'
            AND NEW.submitted_at IS DISTINCT FROM OLD.submitted_at)
    THEN
        RAISE EXCEPTION 'application refuses UPDATE: application % cannot be changed so', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER application_moves_while_shut BEFORE UPDATE OR DELETE ON application
    FOR EACH ROW EXECUTE FUNCTION application_moves_while_shut();

-- A receipt is proof: the one thing that may happen to it is to be withdrawn, once.
CREATE FUNCTION receipt_is_proof() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
        OR to_jsonb(NEW) - 'withdrawn_at' IS DISTINCT FROM to_jsonb(OLD) - 'withdrawn_at'
    THEN
        RAISE EXCEPTION 'receipt refuses %: % is proof of a submission', TG_OP, OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER receipt_is_proof BEFORE UPDATE OR DELETE ON receipt
    FOR EACH ROW EXECUTE FUNCTION receipt_is_proof();

-- Row triggers do not see TRUNCATE.
CREATE TRIGGER application_refuses_truncate BEFORE TRUNCATE ON application
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER application_lot_refuses_truncate BEFORE TRUNCATE ON application_lot
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER answer_refuses_truncate BEFORE TRUNCATE ON answer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER answer_file_refuses_truncate BEFORE TRUNCATE ON answer_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_refuses_truncate BEFORE TRUNCATE ON receipt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
