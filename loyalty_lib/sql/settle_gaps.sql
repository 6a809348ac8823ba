-- The five longest runs of days without an order: longer than a week, and than five times the distance between days
-- with orders that only one in twenty exceeds.
WITH steps AS (
    SELECT order_date AS day, lead(order_date) OVER (ORDER BY order_date) AS next_day
    FROM (
        SELECT DISTINCT order_date
        FROM settle_rows
        WHERE reason IS NULL AND amount >= 0
    )
),

longest AS (
    SELECT day + 1 AS first_day, next_day - 1 AS last_day
    FROM steps
    WHERE next_day - day - 1 > greatest(7, 5 * (SELECT quantile_cont(next_day - day, 0.95) FROM steps))
    ORDER BY next_day - day DESC, day
    LIMIT 5
)

FROM longest
ORDER BY first_day
