DROP TRIGGER question_is_frozen ON question;
CREATE TRIGGER question_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON question
    FOR EACH ROW EXECUTE FUNCTION pack_is_frozen();
DROP FUNCTION question_is_frozen();
DROP FUNCTION amendment_allows(text, question, question, smallint);
DROP FUNCTION version_being_published(bigint);
DROP TRIGGER pack_version_follows ON pack_version;
DROP FUNCTION pack_version_follows();
