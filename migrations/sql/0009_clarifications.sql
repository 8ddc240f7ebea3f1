-- What providers were told about questions stands with the round, as its dates do.
CREATE FUNCTION question_dates_are_frozen() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft'
        AND (NEW.questions_until, NEW.answers_by) IS DISTINCT FROM (OLD.questions_until, OLD.answers_by)
    THEN
        RAISE EXCEPTION 'round refuses %: round % is published', TG_OP, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER question_dates_are_frozen BEFORE UPDATE ON round
    FOR EACH ROW EXECUTE FUNCTION question_dates_are_frozen();

-- A question stays as it was asked, and an answer as it was given.
CREATE FUNCTION clarification_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'waiting'
        OR (NEW.round_id, NEW.organisation_id, NEW.asked_by_id, NEW.asked_at, NEW.text)
           IS DISTINCT FROM
           (OLD.round_id, OLD.organisation_id, OLD.asked_by_id, OLD.asked_at, OLD.text)
    THEN
        RAISE EXCEPTION 'clarification refuses %: % is kept as it was asked and answered', TG_OP, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER clarification_is_kept BEFORE UPDATE OR DELETE ON clarification
    FOR EACH ROW EXECUTE FUNCTION clarification_is_kept();
CREATE TRIGGER clarification_refuses_truncate BEFORE TRUNCATE ON clarification
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A document of a published round stays, and no version is ever written over.
CREATE FUNCTION round_document_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR (SELECT state FROM round WHERE id = OLD.round_id FOR SHARE) <> 'draft' THEN
        RAISE EXCEPTION 'round_document refuses %: % is part of a published round', TG_OP, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER round_document_is_kept BEFORE UPDATE OR DELETE ON round_document
    FOR EACH ROW EXECUTE FUNCTION round_document_is_kept();
CREATE TRIGGER round_document_refuses_truncate BEFORE TRUNCATE ON round_document
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- More time is a further row, given while the tender box is shut, and a record ever after. The row lock waits for an
-- opening that is under way.
CREATE FUNCTION extension_is_of_a_shut_box() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    of_round round;
BEGIN
    SELECT * INTO of_round FROM round WHERE id = NEW.round_id FOR SHARE;
    IF of_round.state <> 'published' OR NEW.closes_at <= of_round.closes_at THEN
        RAISE EXCEPTION 'extension refuses INSERT: round % cannot close at %', NEW.round_id, NEW.closes_at
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER extension_is_of_a_shut_box BEFORE INSERT ON extension
    FOR EACH ROW EXECUTE FUNCTION extension_is_of_a_shut_box();
CREATE TRIGGER extension_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON extension
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An extension for named applicants names applications of its own round.
CREATE FUNCTION extended_application_is_of_the_round() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM extension JOIN application ON application.round_id = extension.round_id
        WHERE extension.id = NEW.extension_id AND application.id = NEW.application_id
            AND NOT extension.for_everyone
    ) THEN
        RAISE EXCEPTION 'extended_application refuses INSERT: extension % is not for application %',
            NEW.extension_id, NEW.application_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER extended_application_is_of_the_round BEFORE INSERT ON extended_application
    FOR EACH ROW EXECUTE FUNCTION extended_application_is_of_the_round();
CREATE TRIGGER extended_application_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON extended_application
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The tender box stays shut until the last applicant's time is over.
CREATE FUNCTION box_stays_shut() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.opened_at IS NULL AND NEW.opened_at IS NOT NULL
        AND EXISTS (SELECT FROM extension WHERE round_id = NEW.id AND closes_at > NEW.opened_at)
    THEN
        RAISE EXCEPTION 'round refuses %: round % was given more time', TG_OP, NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER box_stays_shut BEFORE UPDATE ON round
    FOR EACH ROW EXECUTE FUNCTION box_stays_shut();

-- An opening is a record: the one thing that may happen to it is to be confirmed, once.
CREATE FUNCTION box_opening_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.confirmed_at IS NOT NULL
        OR (NEW.id, NEW.round_id, NEW.begun_at, NEW.begun_by_id)
           IS DISTINCT FROM (OLD.id, OLD.round_id, OLD.begun_at, OLD.begun_by_id)
    THEN
        RAISE EXCEPTION 'box_opening refuses %: % is a record', TG_OP, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER box_opening_is_kept BEFORE UPDATE OR DELETE ON box_opening
    FOR EACH ROW EXECUTE FUNCTION box_opening_is_kept();
CREATE TRIGGER box_opening_refuses_truncate BEFORE TRUNCATE ON box_opening
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
