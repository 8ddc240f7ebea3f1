-- What was changed of a lot, and why, was told to applicants: it stays as it is.
CREATE TRIGGER lot_change_is_kept BEFORE UPDATE OR DELETE ON lot_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lot_change_refuses_truncate BEFORE TRUNCATE ON lot_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
