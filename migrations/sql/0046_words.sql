-- Needs, key stages and places are found by words too. What a row holds already stays.
CREATE TEMPORARY TABLE called ON COMMIT DROP AS
SELECT * FROM (VALUES
    ('SPLD', 'B', 'SPLD Specific learning difficulty dyslexia dyslexic dyspraxia dyspraxic dyscalculia dysgraphia'),
    ('MLD', 'B', 'MLD Moderate learning difficulty'),
    ('SLD', 'B', 'SLD Severe learning difficulty'),
    ('PMLD', 'B', 'PMLD Profound and multiple learning difficulty'),
    ('SEMH', 'B', 'SEMH Social, emotional and mental health anxiety anxious behaviour behavioural emotional mental depression trauma attachment ADHD EBSA'),
    ('SLCN', 'B', 'SLCN Speech, language and communication needs speech communication stammer DLD'),
    ('HI', 'B', 'HI Hearing impairment deaf deafness hearing'),
    ('VI', 'B', 'VI Vision impairment blind blindness sight sighted visual'),
    ('MSI', 'B', 'MSI Multi-sensory impairment deafblind'),
    ('PD', 'B', 'PD Physical disability wheelchair mobility'),
    ('ASD', 'B', 'ASD Autistic spectrum disorder autism autistic ASC Asperger'),
    ('OTH', 'B', 'OTH Other difficulty or disability'),
    ('KS1', 'C', 'KS1 Key stage 1 Y1 Y2'),
    ('KS2', 'C', 'KS2 Key stage 2 Y3 Y4 Y5 Y6'),
    ('KS3', 'C', 'KS3 Key stage 3 Y7 Y8 Y9'),
    ('KS4', 'C', 'KS4 Key stage 4 Y10 Y11'),
    ('KS5', 'C', 'KS5 Post-16 Y12 Y13'),
    ('at_school', 'C', 'outreach'),
    ('at_home', 'C', 'home'),
    ('online', 'C', 'online remote virtual')
) AS said (code, weight, words);

CREATE TEMPORARY TABLE said ON COMMIT DROP AS
SELECT service.id,
       (SELECT coalesce(string_agg(words, ' '), '') FROM called
        WHERE weight = 'B' AND code = ANY (service.needs)) AS needs,
       (SELECT coalesce(string_agg(words, ' '), '') FROM called
        WHERE weight = 'C' AND code = ANY (service.key_stages || service.modes)) AS children,
       concat_ws(' ', split_part(service.postcode, ' ', 1), (
         SELECT string_agg(address || ' ' || split_part(postcode, ' ', 1), ' ' ORDER BY position)
         FROM service_site WHERE service_id = service.id
       )) AS places
FROM service JOIN search_row ON search_row.service_id = service.id;

UPDATE search_row
SET words = search_row.words || setweight(to_tsvector('portal_english', said.needs), 'B')
    || setweight(to_tsvector('portal_english', said.children), 'C')
    || setweight(to_tsvector('portal_english', said.places), 'D')
FROM said WHERE said.id = search_row.service_id;

INSERT INTO search_word (word)
SELECT DISTINCT word
FROM said
CROSS JOIN LATERAL regexp_split_to_table(
  lower(unaccent(concat_ws(' ', said.needs, said.children, said.places))), '[^a-z]+'
) AS word
WHERE length(word) BETWEEN 4 AND 30
ON CONFLICT DO NOTHING;

DROP TABLE said, called;
