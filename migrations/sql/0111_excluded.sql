-- Whether the council of a lot excludes a provider: whether the newest finding on any part of it, over all its
-- tenders to that council, does.
CREATE FUNCTION excludes(provider bigint, of_lot bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(bool_or(newest.excludes), false)
    FROM (
        SELECT DISTINCT ON (finding.part) finding.excludes
        FROM exclusion_finding AS finding
        JOIN application ON application.id = finding.application_id
        JOIN round ON round.id = application.round_id
        JOIN framework ON framework.id = round.framework_id
        WHERE application.provider_id = provider
          AND framework.council_id = (
              SELECT mine.council_id FROM lot JOIN framework AS mine ON mine.id = lot.framework_id
              WHERE lot.id = of_lot
          )
        ORDER BY finding.part, finding.recorded_at DESC, finding.id DESC
    ) AS newest
$$;

CREATE FUNCTION standing_excluded() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.excluded := excludes(NEW.provider_id, NEW.lot_id);
    RETURN NEW;
END
$$;

CREATE TRIGGER standing_excluded BEFORE INSERT OR UPDATE ON standing
    FOR EACH ROW EXECUTE FUNCTION standing_excluded();

-- What was found changes the standings with it.
CREATE FUNCTION exclusion_moves_standings() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE standing SET excluded = false
    FROM application
    WHERE application.id = NEW.application_id AND standing.provider_id = application.provider_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER exclusion_finding_moves_standings AFTER INSERT ON exclusion_finding
    FOR EACH ROW EXECUTE FUNCTION exclusion_moves_standings();
