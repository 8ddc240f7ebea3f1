-- A choice is kept as it was made: who was chosen, by which route and why. It can be cancelled, with a reason.
CREATE FUNCTION call_off_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.request_id, OLD.referral_id, OLD.school_id, OLD.provider_id, OLD.service_id, OLD.route, OLD.chosen_at,
      OLD.chosen_by_id)
     IS DISTINCT FROM
     (NEW.request_id, NEW.referral_id, NEW.school_id, NEW.provider_id, NEW.service_id, NEW.route, NEW.chosen_at,
      NEW.chosen_by_id)
     OR OLD.state = 'cancelled' AND NEW.state <> 'cancelled'
     -- What was said of a child goes as a whole, when its period is over; it is never rewritten.
     OR (OLD.reason, OLD.pupil_preference, OLD.parent_preference)
        IS DISTINCT FROM (NEW.reason, NEW.pupil_preference, NEW.parent_preference)
        AND (NEW.reason, NEW.pupil_preference, NEW.parent_preference)
        IS DISTINCT FROM ('Erased at the end of its period.', '', '')
  THEN
    RAISE EXCEPTION 'a choice stays as it was made' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER call_off_stands BEFORE UPDATE ON call_off
  FOR EACH ROW EXECUTE FUNCTION call_off_stands();
