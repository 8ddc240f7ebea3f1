"""The one place that says which hours are agreed, from when to when, in SQL.

A version counts once both have signed it, from its first day until its last, until the version after it
begins, or until the agreement was ended; none counts once a later one has begun the placement anew.
`first_day` is the placement's, that of its first version that counts. A child is the same child at every
school that gave its unique pupil number; without the number each school's entry is a child of its own.
`protected`: with an education, health and care plan, as the school says of the child or the version says, or
looked after. The version `:proposed` counts as if it were agreed (null: none).
"""

CHILD_KEY = "coalesce(encode(child.upn_digest, 'hex'), 'child ' || child.id)"
"""By what a child is the same child, over its row in `child`."""

AGREED = f"""
    signed AS (
      SELECT version.*,
             lead(version.starts_on) OVER (
               PARTITION BY version.agreement_id ORDER BY version.number
             ) AS next_starts_on,
             min(version.starts_on) OVER (PARTITION BY version.agreement_id) AS first_day
      FROM agreement_version AS version
      WHERE (version.state = 'agreed' OR version.id = CAST(:proposed AS bigint))
        AND NOT EXISTS (
          SELECT FROM agreement_version AS anew
          WHERE anew.agreement_id = version.agreement_id AND anew.number > version.number AND anew.begins_anew
            AND (anew.state = 'agreed' OR anew.id = CAST(:proposed AS bigint))
        )
    ),
    agreed AS (
      SELECT signed.id AS version_id, agreement.id AS agreement_id, agreement.reference,
             agreement.provider_id, agreement.school_id, agreement.service_id, child.id AS child_id,
             {CHILD_KEY} AS child_key,
             child.has_ehcp OR child.looked_after OR signed.ehc_plan = 'yes' AS protected,
             referral.year_group, service.registered_school,
             signed.starts_on, signed.first_day,
             LEAST(signed.ends_on, signed.next_starts_on - 1, agreement.closed_on) AS ends_on,
             signed.sessions, signed.session_hours,
             cardinality(signed.sessions) * signed.session_hours AS hours
      FROM placement_agreement AS agreement
      JOIN signed ON signed.agreement_id = agreement.id
      JOIN call_off ON call_off.id = agreement.call_off_id
      JOIN child ON child.id = coalesce(agreement.child_id, call_off.child_id)
      JOIN referral ON referral.id = call_off.referral_id
      JOIN service ON service.id = agreement.service_id
      WHERE agreement.state IN ('in_force', 'ended') OR signed.id = CAST(:proposed AS bigint)
    )
"""

# Year 11 is the last of compulsory school age (Education Act 1996, section 8), year by year near enough.
LAST_COMPULSORY_YEAR = 11

# Today and every later day on which something begins: hours only grow on such a day. Only services that are
# no registered school count, and only children of compulsory school age.
BY_PROVIDER = f"""
    days AS (
      SELECT CAST(:today AS date) AS day
      UNION SELECT starts_on FROM agreed WHERE starts_on > :today
    ),
    of_child AS (
      SELECT days.day, agreed.provider_id, agreed.child_key, sum(agreed.hours) AS hours,
             bool_or(agreed.protected) AS protected, array_agg(agreed.version_id) AS versions
      FROM days JOIN agreed ON days.day BETWEEN agreed.starts_on AND agreed.ends_on
      WHERE NOT agreed.registered_school AND agreed.year_group <= {LAST_COMPULSORY_YEAR}
      GROUP BY days.day, agreed.provider_id, agreed.child_key
    ),
    counted AS (
      SELECT day, provider_id, count(*) AS children, sum(hours) AS hours, max(hours) AS most,
             count(*) FILTER (WHERE hours >= :full_time_hours) AS full_time,
             count(*) FILTER (WHERE hours >= :full_time_hours AND protected) AS protected,
             count(*) FILTER (WHERE hours >= :near_hours) AS nearly,
             count(*) FILTER (WHERE hours >= :near_hours AND protected) AS nearly_protected
      FROM of_child GROUP BY day, provider_id
    ),
    by_day AS (
      SELECT counted.*,
             CASE WHEN full_time >= :pupils OR protected > 0 THEN 2
                  WHEN full_time >= :near_pupils OR nearly >= :pupils OR nearly_protected > 0 THEN 1
                  ELSE 0 END AS level
      FROM counted
    ),
    by_provider AS (
      SELECT DISTINCT ON (provider_id) * FROM by_day
      ORDER BY provider_id, level DESC, (full_time + protected) DESC, day
    )
"""

# What counts at a provider on a day, as `RegistrationCase.facts` keeps it; after `BY_PROVIDER`.
PROVIDER_FACTS = """
    provider_facts AS (
      SELECT provider_id, day, array_agg(fact ORDER BY fact) AS facts
      FROM of_child CROSS JOIN unnest(versions) AS version,
        LATERAL unnest(ARRAY[version || ''] || CASE WHEN protected THEN version || ' protected' END) AS fact
      WHERE hours >= :full_time_hours AND fact IS NOT NULL
      GROUP BY provider_id, day
    )
"""

# Children of compulsory school age for whom more than one agreement counts on a day: their hours outside
# registered schools, whoever agreed them, and the half days in which they are expected in two places.
BY_CHILD = f"""
    child_days AS (
      SELECT CAST(:today AS date) AS day
      UNION SELECT starts_on FROM agreed WHERE starts_on > :today
    ),
    on_day AS (
      SELECT child_days.day, agreed.*
      FROM child_days JOIN agreed ON child_days.day BETWEEN agreed.starts_on AND agreed.ends_on
      WHERE agreed.year_group <= {LAST_COMPULSORY_YEAR}
    ),
    twice AS (
      SELECT day, child_key, count(*) AS clashes
      FROM (
        SELECT day, child_key FROM on_day CROSS JOIN unnest(sessions) AS half_day
        GROUP BY day, child_key, half_day HAVING count(*) > 1
      ) AS clash
      GROUP BY day, child_key
    ),
    child_by_day AS (
      SELECT day, child_key, min(child_id) AS child_id, max(service_id) AS service_id,
             coalesce(sum(hours) FILTER (WHERE NOT registered_school), 0) AS hours,
             bool_or(protected) AS protected, coalesce(max(twice.clashes), 0) AS clashes,
             array_agg(version_id || '' ORDER BY version_id) AS versions
      FROM on_day LEFT JOIN twice USING (day, child_key)
      GROUP BY day, child_key HAVING count(*) > 1
    ),
    child_beyond AS (
      SELECT *, hours >= :full_time_hours AS full_time,
             versions || CASE WHEN hours >= :full_time_hours THEN ARRAY['full-time'] END
               || CASE WHEN hours >= :full_time_hours AND protected THEN ARRAY['protected'] END AS facts
      FROM child_by_day
      WHERE hours >= :full_time_hours OR clashes > 0
    )
"""
