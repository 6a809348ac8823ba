-- What every customer has done so far, as known on a day; one row a customer.  purchase_days_as_of holds the purchase
-- days known then.
--
-- $start   first day of the twelve months whose sales count as recent
--
-- first_gap    days from the first to the second purchase day; NULL for one-time buyers
-- median_gap   of the days between two purchase days that follow each other; NULL for one-time buyers
-- Refunds are taken from the day of the order they refund.
-- A customer's median is read off the ordered gaps: an aggregate of its own is many times slower for a million customers.
WITH days AS (
    SELECT
        customer_id,
        day,
        amount,
        row_number() OVER (PARTITION BY customer_id ORDER BY day) AS place,
        date_diff('day', lag(day) OVER (PARTITION BY customer_id ORDER BY day), day) AS gap
    FROM purchase_days_as_of
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY customer_id ORDER BY gap NULLS LAST) AS gap_rank,
        count(gap) OVER (PARTITION BY customer_id) AS gaps
    FROM days
)
SELECT
    customer_id,
    count(*) AS purchase_days,
    min(day) AS first_day,
    max(day) AS last_day,
    CAST(max(gap) FILTER (WHERE place = 2) AS DOUBLE) AS first_gap,
    CAST(avg(gap) FILTER (WHERE 2 * gap_rank BETWEEN gaps AND gaps + 2) AS DOUBLE) AS median_gap,
    CAST(sum(amount) AS DOUBLE) AS sales,
    CAST(coalesce(sum(amount) FILTER (WHERE day >= $start), 0) AS DOUBLE) AS recent_sales
FROM ranked
GROUP BY customer_id
ORDER BY customer_id
