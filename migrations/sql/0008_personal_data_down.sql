-- As before there was an erasure.
CREATE OR REPLACE FUNCTION refuse_when_submitted(of_application bigint, what text) RETURNS void
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
