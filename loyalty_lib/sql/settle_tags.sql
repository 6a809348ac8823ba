-- Each set of tags in file_rows that one of settle_rules fits, with the first that does.
WITH sets AS (
    SELECT DISTINCT tags
    FROM file_rows
    WHERE tags IS NOT NULL AND left_out IS DISTINCT FROM 'summary row'
),

suspects AS (
    SELECT tags, lower(trim(tags)) AS words
    FROM sets
    WHERE regexp_matches(lower(tags), $suspects)
)

SELECT suspects.tags, min(settle_rules.rule) AS rule
FROM suspects
INNER JOIN settle_rules
    ON settle_rules.about = 'tags'
        AND regexp_matches(
            CASE
                WHEN settle_rules.unless IS NULL THEN suspects.words
                ELSE regexp_replace(suspects.words, settle_rules.unless, '', 'g')
            END,
            settle_rules.pattern
        )
GROUP BY suspects.tags
