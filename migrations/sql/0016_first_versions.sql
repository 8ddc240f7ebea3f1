-- What is published already becomes version 1 of its pack, as one document without ids.
INSERT INTO pack_version (round_id, number, content, published_at, published_by_id, transaction_id)
SELECT round.id, 1, jsonb_build_object(
    'format', 'alternative-provision-pack',
    'version', 1,
    'scales', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('name', scale.name, 'bands', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'points', points, 'label', label, 'descriptor', descriptor) ORDER BY points), '[]')
            FROM scale_band WHERE scale_id = scale.id
        )) ORDER BY scale.id), '[]')
        FROM scale WHERE scale.round_id = round.id
    ),
    'sections', (
        SELECT coalesce(jsonb_agg(part || jsonb_build_object('questions', (
            SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                'code', code, 'title', title, 'text', text, 'why', why, 'how_judged', how_judged, 'kind', kind,
                'required', required, 'per_lot', per_lot, 'word_limit', word_limit, 'accepted', accepted,
                'max_bytes', max_bytes, 'options', options, 'standard', standard, 'judged_as', judged_as,
                'rule', rule, 'rule_value', rule_value, 'weight', trim_scale(weight)::text, 'minimum', minimum,
                'scale', (SELECT name FROM scale WHERE scale.id = scale_id), 'shape', shape, 'ask_if', ask_if,
                'lots', (SELECT coalesce(jsonb_agg(lot.number ORDER BY place), '[]')
                         FROM unnest(lots) WITH ORDINALITY AS named(lot_id, place)
                         JOIN lot ON lot.id = named.lot_id)
            )) ORDER BY position), '[]')
            FROM question WHERE question.round_id = round.id AND section = part ->> 'code'
        )) ORDER BY part_place), '[]')
        FROM jsonb_array_elements(round.sections) WITH ORDINALITY AS parts(part, part_place)
    )
), round.published_at, round.published_by_id, 0
FROM round WHERE round.state <> 'draft';
