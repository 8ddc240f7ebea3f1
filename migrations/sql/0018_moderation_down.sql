DROP FUNCTION agreed_mark_stands CASCADE;
DROP FUNCTION unlocked_mark_as_it_stood CASCADE;
DROP FUNCTION meeting_is_a_record CASCADE;
DROP FUNCTION attendance_while_meeting CASCADE;
