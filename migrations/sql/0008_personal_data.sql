-- A sealed application stays sealed, but for the erasure of that very application when its period is over:
-- the word is given for one transaction, by the service that erases and records it.
CREATE OR REPLACE FUNCTION refuse_when_submitted(of_application bigint, what text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    standing text;
BEGIN
    SELECT state INTO standing FROM application WHERE id = of_application FOR SHARE;
    IF standing = 'submitted' AND current_setting('portal.erasing', true) IS DISTINCT FROM of_application::text THEN
        RAISE EXCEPTION '% cannot be changed: application % is submitted', what, of_application
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END
$$;
