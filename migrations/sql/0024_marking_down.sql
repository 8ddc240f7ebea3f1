DROP FUNCTION mark_while_returned CASCADE;
DROP FUNCTION returned_mark_as_it_stood CASCADE;

CREATE OR REPLACE FUNCTION assignment_stays_locked() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'assignment refuses %: it is locked', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
