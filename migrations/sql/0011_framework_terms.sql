-- Providers apply trusting when they will have their answer and when the next intake is: both stand with the round.
CREATE FUNCTION promise_is_frozen() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft'
        AND ((NEW.always_open, NEW.later_cut_offs, NEW.answer_within, NEW.answer_at_most) IS DISTINCT FROM
             (OLD.always_open, OLD.later_cut_offs, OLD.answer_within, OLD.answer_at_most)
             OR (OLD.answer_later_because <> '' AND NEW.answer_later_because <> OLD.answer_later_because))
    THEN
        RAISE EXCEPTION 'round refuses %: what round % promises is published', TG_OP, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER promise_is_frozen BEFORE UPDATE ON round
    FOR EACH ROW EXECUTE FUNCTION promise_is_frozen();
