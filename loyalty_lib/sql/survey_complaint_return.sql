-- Who bought again after a complaint, and who did without one: one row a stratum that holds customers who complained.
--
-- survey_complaints   as survey_complaints.sql makes it
-- $start, $last       first and last day of the complaints: $last lies $days before the as-of date
-- $days               how many days after the day of the complaint a purchase counts; the day itself does not
--
-- Complained: customers who had bought by then, on the day of their first complaint of the window.
-- Others: who had bought, and not complained, by the middle complaint day of a calendar month, on that day.
-- Strata: calendar month; purchase days by then (1, 2, 3-4, 5-7, 8 or more); days since the last of them (up to 30,
-- 90, 180, 365, more).  other_people counts every customer once, whatever the number of months.
WITH
firsts AS (
    SELECT customer_id, min(day) AS day
    FROM survey_complaints
    WHERE day BETWEEN $start AND $last AND first_day <= day
    GROUP BY customer_id
),
ranked AS (
    SELECT
        date_trunc('month', day) AS month,
        day,
        row_number() OVER (PARTITION BY date_trunc('month', day) ORDER BY day) AS place,
        count(*) OVER (PARTITION BY date_trunc('month', day)) AS complaints
    FROM firsts
),
months AS (
    SELECT month, day
    FROM ranked
    WHERE 2 * place IN (complaints, complaints + 1)
),
ever AS (
    SELECT customer_id, min(day) AS day
    FROM survey_complaints
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
),
runs AS (  -- from each purchase day to the next one
    SELECT
        customer_id,
        day,
        row_number() OVER (PARTITION BY customer_id ORDER BY day) AS purchases,
        lead(day) OVER (PARTITION BY customer_id ORDER BY day) AS next_day
    FROM purchase_days
),
people AS (  -- one row a moment and customer who had bought by then: the run the moment falls in
    SELECT
        TRUE AS complained,
        date_trunc('month', firsts.day) AS month,
        firsts.customer_id,
        runs.purchases,
        date_diff('day', runs.day, firsts.day) AS silence,
        coalesce(date_diff('day', firsts.day, runs.next_day) <= $days, FALSE) AS returned
    FROM firsts
    INNER JOIN runs
        ON firsts.customer_id = runs.customer_id
        AND runs.day <= firsts.day AND (runs.next_day > firsts.day OR runs.next_day IS NULL)
    UNION ALL
    SELECT
        FALSE AS complained,
        months.month,
        runs.customer_id,
        runs.purchases,
        date_diff('day', runs.day, months.day) AS silence,
        coalesce(date_diff('day', months.day, runs.next_day) <= $days, FALSE) AS returned
    FROM runs
    INNER JOIN months ON runs.day <= months.day AND (runs.next_day > months.day OR runs.next_day IS NULL)
    LEFT JOIN ever ON runs.customer_id = ever.customer_id
    WHERE ever.day IS NULL OR ever.day > months.day
),
classed AS (
    SELECT
        complained,
        month,
        customer_id,
        returned,
        CASE
            WHEN purchases <= 2 THEN purchases
            WHEN purchases <= 4 THEN 3
            WHEN purchases <= 7 THEN 5
            ELSE 8
        END AS purchases,
        CASE
            WHEN silence <= 30 THEN 30
            WHEN silence <= 90 THEN 90
            WHEN silence <= 180 THEN 180
            WHEN silence <= 365 THEN 365
            ELSE 366
        END AS silence
    FROM people
),
strata AS (
    SELECT
        month,
        purchases,
        silence,
        count(*) FILTER (WHERE complained) AS complainers,
        count(*) FILTER (WHERE complained AND returned) AS complainers_returned,
        count(*) FILTER (WHERE NOT complained) AS others,
        count(*) FILTER (WHERE NOT complained AND returned) AS others_returned
    FROM classed
    GROUP BY month, purchases, silence
),
kept AS (
    SELECT *
    FROM strata
    WHERE complainers > 0
),
matched_people AS (
    SELECT count(DISTINCT classed.customer_id) AS people
    FROM classed
    INNER JOIN kept
        ON classed.month = kept.month AND classed.purchases = kept.purchases AND classed.silence = kept.silence
    WHERE NOT classed.complained
)
SELECT
    CAST(kept.month AS DATE) AS month,
    kept.purchases,
    kept.silence,
    kept.complainers,
    kept.complainers_returned,
    kept.others,
    kept.others_returned,
    matched_people.people AS other_people
FROM kept
CROSS JOIN matched_people
ORDER BY kept.month, kept.purchases, kept.silence
