-- What was found stays as it was found, and a shortlist that is signed stays as it was signed. It goes only as a
-- whole: a draft when the school removes it, a signed one when its period is over, by the word `portal.erasing`
-- that the service which erases and records it gives for one transaction.
CREATE FUNCTION shortlist_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'closed' AND (
        TG_OP = 'UPDATE'
        OR current_setting('portal.erasing', true) IS DISTINCT FROM 'shortlist ' || OLD.id
    ) THEN
        RAISE EXCEPTION 'shortlist refuses %: % is signed', TG_OP, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF (NEW.id, NEW.token, NEW.school_id, NEW.label, NEW.address, NEW.found, NEW.sha256, NEW.frozen_at, NEW.frozen_by_id)
       IS DISTINCT FROM
       (OLD.id, OLD.token, OLD.school_id, OLD.label, OLD.address, OLD.found, OLD.sha256, OLD.frozen_at, OLD.frozen_by_id)
    THEN
        RAISE EXCEPTION 'shortlist refuses to change what % holds', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = 'closed' AND EXISTS (
        SELECT FROM shortlist_choice WHERE shortlist_id = NEW.id AND verdict IS NULL
    ) THEN
        RAISE EXCEPTION 'shortlist % cannot be signed: not everything is decided', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER shortlist_is_kept BEFORE UPDATE OR DELETE ON shortlist
    FOR EACH ROW EXECUTE FUNCTION shortlist_is_kept();
CREATE TRIGGER shortlist_not_emptied BEFORE TRUNCATE ON shortlist
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Decisions change while the shortlist is a draft; which services they are about never does. Where the shortlist
-- itself goes, they go with it.
CREATE FUNCTION shortlist_choice_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    of_list bigint;
    standing text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        of_list := NEW.shortlist_id;
    ELSE
        of_list := OLD.shortlist_id;
    END IF;
    SELECT state INTO standing FROM shortlist WHERE id = of_list FOR SHARE;
    IF standing = 'closed' THEN
        RAISE EXCEPTION 'shortlist_choice refuses %: shortlist % is signed', TG_OP, of_list
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF standing IS NOT NULL THEN
            RAISE EXCEPTION 'shortlist_choice refuses DELETE: shortlist % is there', of_list
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.shortlist_id, NEW.place, NEW.service_id)
       IS DISTINCT FROM (OLD.shortlist_id, OLD.place, OLD.service_id) THEN
        RAISE EXCEPTION 'shortlist_choice refuses to be about another service'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER shortlist_choice_is_kept BEFORE INSERT OR UPDATE OR DELETE ON shortlist_choice
    FOR EACH ROW EXECUTE FUNCTION shortlist_choice_is_kept();
CREATE TRIGGER shortlist_choice_not_emptied BEFORE TRUNCATE ON shortlist_choice
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
