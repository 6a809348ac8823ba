-- The median of all gaps between two purchase days of one customer that follow each other, in days; one row.
-- purchase_days_as_of holds the purchase days known on the day asked about.
WITH gaps AS (
    SELECT date_diff('day', lag(day) OVER (PARTITION BY customer_id ORDER BY day), day) AS gap
    FROM purchase_days_as_of
)
SELECT CAST(median(gap) AS DOUBLE) AS gap
FROM gaps
