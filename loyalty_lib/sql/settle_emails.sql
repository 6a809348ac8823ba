-- Each spelling of an e-mail address in file_rows: what it says of the order (the first of settle_rules that fits), and
-- its key, under which all spellings of one address are one.
--
-- $suspects   all rules for addresses in one pattern, to pass over the great many that none fits
WITH spellings AS (
    SELECT DISTINCT email
    FROM file_rows
    WHERE email IS NOT NULL AND left_out IS DISTINCT FROM 'summary row'
),

keyed AS (
    SELECT email, lower(trim(email)) AS address, email_key(email) AS key
    FROM spellings
),

ruled AS (
    SELECT keyed.email, min(settle_rules.rule) AS rule
    FROM keyed
    INNER JOIN settle_rules
        ON settle_rules.about = 'email'
            AND (regexp_matches(keyed.address, settle_rules.pattern) OR regexp_matches(keyed.key, settle_rules.pattern))
    WHERE regexp_matches(keyed.address, $suspects) OR regexp_matches(keyed.key, $suspects)
    GROUP BY keyed.email
)

SELECT keyed.email, keyed.key, ruled.rule
FROM keyed
LEFT JOIN ruled ON keyed.email = ruled.email
