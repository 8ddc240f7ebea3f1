-- SHA-256 over what was computed in a round and from what: its totals and ranks, its agreed marks, and the
-- decisions on its prices. A release compares it with that on which both computations agreed.
CREATE FUNCTION totals_digest(of_round bigint) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\n\n',
        (SELECT string_agg(concat_ws(',', result.application_id, lot_id, numerator, denominator, quality,
                                     deciding, meets_thresholds, coalesce(rank::text, '-'), marks_version),
                           E'\n' ORDER BY result.application_id, lot_id)
         FROM result JOIN application ON application.id = result.application_id
         WHERE application.round_id = of_round),
        (SELECT string_agg(concat_ws(',', answer_id, points, version), E'\n' ORDER BY answer_id)
         FROM agreed_mark JOIN question ON question.id = agreed_mark.question_id
         WHERE question.round_id = of_round),
        (SELECT string_agg(concat_ws(',', price_check.application_id, lot_id, counts, version),
                           E'\n' ORDER BY price_check.application_id, lot_id)
         FROM price_check JOIN application ON application.id = price_check.application_id
         WHERE application.round_id = of_round)
    ), 'UTF8')), 'hex')
$$;
