-- Complaints and orders by period: one row a period asked for, in the order asked.
--
-- survey_complaints   as survey_complaints.sql makes it
-- $starts, $ends      first and last day of each period, both inside it
--
-- complaints   all of them; unknown: nameless, or of customers who never bought
-- customers    known customers who complained; repeated: those of them who complained on two days or more
WITH
starts AS (SELECT period, start_day FROM unnest($starts) WITH ORDINALITY AS given (start_day, period)),
ends AS (SELECT period, end_day FROM unnest($ends) WITH ORDINALITY AS given (end_day, period)),
periods AS (
    SELECT starts.period, starts.start_day, ends.end_day
    FROM starts
    INNER JOIN ends ON starts.period = ends.period
),
ordered AS (
    SELECT periods.period, sum(purchase_days.orders) AS orders
    FROM purchase_days
    INNER JOIN periods ON purchase_days.day BETWEEN periods.start_day AND periods.end_day
    GROUP BY periods.period
),
complained AS (  -- one row a period and customer; nameless complaints and those of who never bought in one row
    SELECT
        periods.period,
        CASE WHEN survey_complaints.first_day IS NOT NULL THEN survey_complaints.customer_id END AS customer_id,
        count(*) AS complaints,
        count(DISTINCT survey_complaints.day) AS days
    FROM survey_complaints
    INNER JOIN periods ON survey_complaints.day BETWEEN periods.start_day AND periods.end_day
    GROUP BY 1, 2
),
summed AS (
    SELECT
        period,
        sum(complaints) AS complaints,
        coalesce(sum(complaints) FILTER (WHERE customer_id IS NULL), 0) AS unknown,
        count(customer_id) AS customers,
        count(customer_id) FILTER (WHERE days >= 2) AS repeated
    FROM complained
    GROUP BY period
)
SELECT
    (SELECT min(order_date) FROM transactions) AS data_begin,
    CAST(coalesce(summed.complaints, 0) AS BIGINT) AS complaints,
    CAST(coalesce(summed.unknown, 0) AS BIGINT) AS unknown,
    CAST(coalesce(summed.customers, 0) AS BIGINT) AS customers,
    CAST(coalesce(summed.repeated, 0) AS BIGINT) AS repeated,
    CAST(coalesce(ordered.orders, 0) AS BIGINT) AS orders
FROM periods
LEFT JOIN summed ON periods.period = summed.period
LEFT JOIN ordered ON periods.period = ordered.period
ORDER BY periods.period
