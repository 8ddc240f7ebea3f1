DROP TRIGGER conflicts_assessment_goes_with_its_draft ON conflicts_assessment;
DROP TRIGGER conflicts_assessment_append_only ON conflicts_assessment;
CREATE TRIGGER conflicts_assessment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON conflicts_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DROP TRIGGER withdrawal_is_final ON round;
DROP FUNCTION withdrawal_is_final();
