-- The buy-till-you-die summary on $as_of, from the purchase days known then; times in units of $unit_days days.
WITH days AS (
    SELECT customer_id, day, amount, min(day) OVER (PARTITION BY customer_id) AS first_day
    FROM purchase_days_as_of
)

SELECT
    customer_id,
    count(*) - 1 AS frequency,
    date_diff('day', first_day, max(day)) / $unit_days AS recency,
    date_diff('day', first_day, CAST($as_of AS DATE)) / $unit_days AS "T",
    CAST(sum(amount) FILTER (WHERE day > first_day) AS DOUBLE) / nullif(count(*) - 1, 0) AS monetary_value
FROM days
GROUP BY customer_id, first_day
ORDER BY customer_id
