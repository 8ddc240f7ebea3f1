-- English words for the search, found with and without their accents: 'cafe' finds 'café'.
DROP TEXT SEARCH CONFIGURATION IF EXISTS portal_english;
CREATE TEXT SEARCH CONFIGURATION portal_english (COPY = english);
ALTER TEXT SEARCH CONFIGURATION portal_english
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
