-- An agreed mark stands as it was agreed. It goes only when it is unlocked, and what it was stays behind; the
-- next one bears a higher version, so that whatever rests on the sum of the versions is seen to be out of date.
CREATE FUNCTION agreed_mark_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'agreed_mark refuses UPDATE: unlock it, then agree it anew'
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF TG_OP = 'DELETE' AND NOT EXISTS (
        SELECT FROM unlocked_mark WHERE answer_id = OLD.answer_id AND version = OLD.version
    ) THEN
        RAISE EXCEPTION 'agreed_mark refuses DELETE: what it was is not kept'
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM unlocked_mark WHERE answer_id = NEW.answer_id AND version >= NEW.version
    ) THEN
        RAISE EXCEPTION 'agreed_mark refuses version %: there was one before', NEW.version
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER agreed_mark_stands BEFORE INSERT OR UPDATE OR DELETE ON agreed_mark
    FOR EACH ROW EXECUTE FUNCTION agreed_mark_stands();

-- What is kept of an unlocked mark is what stood, word for word.
CREATE FUNCTION unlocked_mark_as_it_stood() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM agreed_mark
        WHERE (answer_id, version, points, reason, moderator_id, agreed_at)
            = (NEW.answer_id, NEW.version, NEW.points, NEW.reason, NEW.moderator_id, NEW.agreed_at)
            AND meeting_id IS NOT DISTINCT FROM NEW.meeting_id
    ) THEN
        RAISE EXCEPTION 'unlocked_mark refuses INSERT: no such mark is agreed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER unlocked_mark_as_it_stood BEFORE INSERT ON unlocked_mark
    FOR EACH ROW EXECUTE FUNCTION unlocked_mark_as_it_stood();
CREATE TRIGGER unlocked_mark_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON unlocked_mark
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A meeting that has ended is a record, and so is who attended it; who has begun it, when, is one at once.
CREATE FUNCTION meeting_is_a_record() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
        OR (OLD.id, OLD.round_id, OLD.started_at, OLD.started_by_id)
            <> (NEW.id, NEW.round_id, NEW.started_at, NEW.started_by_id) THEN
        RAISE EXCEPTION 'moderation_meeting refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER meeting_is_a_record BEFORE UPDATE OR DELETE ON moderation_meeting
    FOR EACH ROW EXECUTE FUNCTION meeting_is_a_record();

CREATE FUNCTION attendance_while_meeting() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    meeting bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN meeting := NEW.meeting_id; ELSE meeting := OLD.meeting_id; END IF;
    IF TG_OP = 'DELETE' OR EXISTS (
        SELECT FROM moderation_meeting WHERE id = meeting AND ended_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'meeting_attendance refuses %: it is a record', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER attendance_while_meeting BEFORE INSERT OR UPDATE OR DELETE ON meeting_attendance
    FOR EACH ROW EXECUTE FUNCTION attendance_while_meeting();
