-- Whether somebody was heard before a suspension stays as it was said then.
CREATE FUNCTION standing_change_hearing_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'standing_change refuses %: it is a record', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER standing_change_hearing_is_kept BEFORE UPDATE ON standing_change
    FOR EACH ROW
    WHEN ((OLD.invited_on, OLD.uninvited_because) IS DISTINCT FROM (NEW.invited_on, NEW.uninvited_because))
    EXECUTE FUNCTION standing_change_hearing_is_kept();
