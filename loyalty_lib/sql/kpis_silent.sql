-- Customers so far and those of them who are silent, at the end of each period: one row a period, in the order asked.
--
-- $ends   last day of each period
-- $gap    days; a customer is silent when the last purchase day lies more than these before the end
--
-- Seen from one purchase day, its customer is silent from the day after the gap until the next purchase day, if that is
-- later.  So every purchase day makes one customer silent on a day and, if there is a next one, no longer silent on a
-- later or the same day: two dated changes, added up to each end.
WITH
ends AS (SELECT period, end_day FROM unnest($ends) WITH ORDINALITY AS given (end_day, period)),
spans AS (
    SELECT
        day,
        CAST(day + CAST($gap AS INTEGER) + 1 AS DATE) AS silent_day,
        lead(day) OVER customer AS next_day,
        row_number() OVER customer = 1 AS is_first
    FROM purchase_days
    WINDOW customer AS (PARTITION BY customer_id ORDER BY day)
),
changes AS (
    SELECT day AS on_day, count(*) AS customers, 0 AS silent
    FROM spans
    WHERE is_first
    GROUP BY day
    UNION ALL
    SELECT silent_day AS on_day, 0 AS customers, count(*) AS silent
    FROM spans
    GROUP BY silent_day
    UNION ALL
    SELECT greatest(next_day, silent_day) AS on_day, 0 AS customers, -count(*) AS silent
    FROM spans
    WHERE next_day IS NOT NULL
    GROUP BY greatest(next_day, silent_day)
)
SELECT
    CAST(coalesce(sum(changes.customers), 0) AS BIGINT) AS customers_so_far,
    CAST(coalesce(sum(changes.silent), 0) AS BIGINT) AS silent_customers
FROM ends
LEFT JOIN changes ON changes.on_day <= ends.end_day
GROUP BY ends.period
ORDER BY ends.period
