-- A version that was offered for signing says for good what it said: only its state, and when and by whom that
-- changed, is written later. Both have signed what is agreed.
CREATE FUNCTION agreement_version_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    written_later text[] := ARRAY[
        'state', 'agreed_at', 'agreed_by_id', 'withdrawn_at', 'withdrawn_by_id', 'withdraw_note'
    ];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.offered_at IS NULL OR current_setting('portal.erasing', true) = 'agreement ' || OLD.agreement_id THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.state IN ('draft', 'offered') AND (
        OLD.offered_at IS NULL OR to_jsonb(NEW) - written_later = to_jsonb(OLD) - written_later
    ) THEN
        IF NEW.state = 'agreed'
            AND (SELECT count(*) FROM agreement_signature WHERE version_id = NEW.id) <> 2
        THEN
            RAISE EXCEPTION 'agreement_version refuses %: both have to sign first', TG_OP
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'agreement_version refuses %: it was offered for signing', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER agreement_version_is_kept BEFORE UPDATE OR DELETE ON agreement_version
    FOR EACH ROW EXECUTE FUNCTION agreement_version_is_kept();
CREATE TRIGGER agreement_version_refuses_truncate BEFORE TRUNCATE ON agreement_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A signature is under what is out for signing, over exactly that, and stays.
CREATE FUNCTION agreement_signature_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    signed agreement_version;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT * INTO signed FROM agreement_version WHERE id = NEW.version_id;
        IF signed.state = 'offered' AND signed.sha256 = NEW.sha256 THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT * INTO signed FROM agreement_version WHERE id = OLD.version_id;
        IF current_setting('portal.erasing', true) = 'agreement ' || signed.agreement_id THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'agreement_signature refuses %: a signature is under what was offered, and stays', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER agreement_signature_is_kept BEFORE INSERT OR UPDATE OR DELETE ON agreement_signature
    FOR EACH ROW EXECUTE FUNCTION agreement_signature_is_kept();
CREATE TRIGGER agreement_signature_refuses_truncate BEFORE TRUNCATE ON agreement_signature
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
