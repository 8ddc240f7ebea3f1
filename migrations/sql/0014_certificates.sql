-- A certificate is a record: asked for, then given, then void, and never anything else again. It goes only with the
-- application that is erased.
CREATE FUNCTION certificate_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('portal.erasing', true) IS DISTINCT FROM OLD.application_id::text THEN
            RAISE EXCEPTION 'certificate refuses DELETE: % is a record', OLD.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state = 'void'
        OR (NEW.application_id, NEW.asked_at, NEW.asked_by_id)
           IS DISTINCT FROM (OLD.application_id, OLD.asked_at, OLD.asked_by_id)
        OR (OLD.state = 'given' AND (NEW.given_at, NEW.given_by_id, NEW.statement, NEW.contents_sha256)
           IS DISTINCT FROM (OLD.given_at, OLD.given_by_id, OLD.statement, OLD.contents_sha256))
    THEN
        RAISE EXCEPTION 'certificate refuses UPDATE: % is a record', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER certificate_is_kept BEFORE UPDATE OR DELETE ON certificate
    FOR EACH ROW EXECUTE FUNCTION certificate_is_kept();
CREATE TRIGGER certificate_refuses_truncate BEFORE TRUNCATE ON certificate
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An answer that changes makes its draft's certificate void, by whatever road it comes. The row lock waits for a
-- certificate that is being given; submission compares the SHA-256 besides. Erasure after submission changes nothing.
CREATE FUNCTION void_certificate(of_application bigint, at timestamptz, by_person bigint, reason text) RETURNS void
LANGUAGE sql AS $$
    UPDATE certificate SET state = 'void', voided_at = at, voided_by_id = by_person, void_reason = reason
    FROM application
    WHERE certificate.application_id = of_application AND certificate.state = 'given'
        AND application.id = of_application AND application.state = 'draft'
$$;

CREATE FUNCTION answer_voids_certificate() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM void_certificate(OLD.application_id, now(), NULL, 'An answer was removed');
    ELSIF TG_OP = 'INSERT' OR (NEW.value, NEW.version) IS DISTINCT FROM (OLD.value, OLD.version) THEN
        PERFORM void_certificate(NEW.application_id, NEW.saved_at, NEW.saved_by_id, question.title)
        FROM question WHERE question.id = NEW.question_id;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER answer_voids_certificate AFTER INSERT OR UPDATE OR DELETE ON answer
    FOR EACH ROW EXECUTE FUNCTION answer_voids_certificate();

-- A document that is taken away changes its answer's version, which says who did it; the lots are the services' to tell.
CREATE FUNCTION answer_file_voids_certificate() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM void_certificate(application_id, now(), NULL, 'A document was added')
    FROM answer WHERE id = NEW.answer_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER answer_file_voids_certificate AFTER INSERT ON answer_file
    FOR EACH ROW EXECUTE FUNCTION answer_file_voids_certificate();

-- A reminder was sent or it was not.
CREATE TRIGGER reminder_refuses_update BEFORE UPDATE ON reminder
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
